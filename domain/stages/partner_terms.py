"""What the modules about partners share: the rules, the partner that is still with us, the frozen time."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from domain.initiative import Initiative, known
from domain.nouns import Partner
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import Id
from domain.vocabulary import Stage

STAGE = Stage.PARTNERS

# --- rules --------------------------------------------------------------------------------
SIGNED = rule(
    "partners.one-signed",
    "At least one partner has signed a memorandum of understanding.",
    "Report partner_signed for a partner that is screened.",
    "B3",
)
SCREENED = rule(
    "partners.screened-clear",
    "A partner signs only after a clear sanctions screening.",
    "Report partner_screened with result=clear first; with a hit, choose another partner.",
    "B3, E3.35",
)
FOCAL_POINT = rule(
    "partners.focal-point",
    "Every signed partner has a named focal point.",
    "Report focal_point_named.",
    "B3",
)
NOT_GONE = rule(
    "partners.still-with-us",
    "The partner has declined or withdrawn.",
    "Report partner_returned when it comes back, under its old or a new id.",
    "E3.4, E3.5",
)
ALREADY = rule(
    "partners.once",
    "That stands in the record already.",
    "Nothing to do; to correct it, report the milestone that changes it.",
    "F2.8",
)

NEW_PARTNER = rule(
    "partners.new-needs-institution",
    "A partner the charter does not name is entered with its institution and country.",
    "Add institution=... and country=...",
    "A22",
)
SIGNED_FIRST = rule(
    "partners.signed-first",
    "Only a signed memorandum of understanding is renewed.",
    "Report partner_signed first.",
    "B3",
)
LATER = rule(
    "partners.renewal-later",
    "A renewal ends later than what it renews.",
    "Correct expires_on.",
    "B3",
)
DECLINES_UNSIGNED = rule(
    "partners.declines-unsigned",
    "A partner that has signed does not decline, it withdraws.",
    "Report partner_withdrew.",
    "E3.4",
)
TWO_PEOPLE = rule(
    "partners.two-people",
    "The deputy of a focal point is another person.",
    "Name somebody else as deputy, or nobody.",
    "B3",
)


# --- shared ---------------------------------------------------------------------------------
def ids_of(p: Partner) -> tuple[str, ...]:
    """Return what makes an obligation's id: a partner that came back owes everything anew."""
    return (p.id,) if p.round == 1 else (p.id, str(p.round))


def thawed(now: Initiative, p: Partner, since: datetime) -> datetime:
    """Return an anchor moved on by the time this partner was frozen, so that a ladder keeps what was left.

    Time in which the whole initiative was stalled is not counted again: the ladder leaves it out itself.
    """
    rested = timedelta()
    for frozen_at, end in p.freezes:
        start = max(frozen_at, since)
        rested += max(end - start, timedelta())
        for stall in now.stalls:
            rested -= max(min(end, stall.until or end) - max(start, stall.since), timedelta())
    return since + rested


def with_us(now: Initiative, partner: str) -> Partner:
    """Return a partner that has neither declined nor withdrawn. Raises: Refused."""
    found = known(now.partners, partner, "partner")
    require(found.withdrew_at is None and found.declined_at is None, NOT_GONE, f"Partner {partner}.")
    return found


class PartnerMilestone(Milestone, abstract=True):
    """What all milestones about one partner share."""

    stage: ClassVar[Stage | None] = STAGE
    partner: Id

    def allow(self, now: Initiative, said: Said) -> None:
        with_us(now, self.partner)

    def changed(self, now: Initiative, **changes: Any) -> Initiative:
        return now.change("partners", self.partner, **changes)
