"""Partners: which institutions carry the initiative with us, on which written terms.

Gate: at least one partner signed, none of the signed under a sanctions hit, each with a named focal point.
A partnership outlives the initiative; what one partner does is never told to another with its reason.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from domain.checklists import gate_finding
from domain.initiative import Initiative, known
from domain.nouns import Finding, Partner
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import Country, Id, Text
from domain.vocabulary import Role, Screening, Stage

PURPOSE = "Institutions join on written terms, screened, each with a focal point."
STAGE = Stage.PARTNERS

# --- rules --------------------------------------------------------------------------------------------------------
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


# --- requirements and agenda --------------------------------------------------------------------------------------
def requirements(now: Initiative) -> Iterator[Finding]:
    """Yield what the gate needs. Rules: partners.one-signed, partners.screened-clear, partners.focal-point."""
    signed = [p for p in now.partners.values() if p.signed]
    yield Finding(rule=SIGNED.id, met=bool(signed), why=f"{len(signed)} signed.")
    unclear = [p.id for p in signed if p.screening is not Screening.CLEAR]
    yield Finding(
        rule=SCREENED.id, met=not unclear, why=f"Not clear: {', '.join(unclear)}." if unclear else ""
    )
    without = [p.id for p in signed if p.focal is None]
    yield Finding(
        rule=FOCAL_POINT.id, met=not without, why=f"Without: {', '.join(without)}." if without else ""
    )
    yield from gate_finding(now, STAGE)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what partners and the team owe each other."""
    for partner in now.partners.values():
        yield from _of_one(now, partner)


def _of_one(now: Initiative, p: Partner) -> Iterator[Obligation]:
    about = {"partner": p.id}
    if p.withdrew_at is not None:
        if p.data_returned_at is None and p.signed_at is not None:
            yield owed(
                now, "return_data", Role.DATA_STEWARD, "data_return", p.withdrew_at, STAGE, p.id, **about
            )
        return
    if p.declined_at is not None or p.frozen_at is not None:
        return
    if p.approached_at is not None and p.screening is None:
        yield owed(now, "screen_partner", Role.MANAGER, "task", p.approached_at, STAGE, p.id, **about)
    if p.mou_sent_at is not None and p.signed_at is None:
        yield owed(now, "sign_mou", p.focal or Role.MANAGER, "mou", p.mou_sent_at, STAGE, p.id, **about)
    if p.signed and p.focal is None and p.signed_at is not None:
        yield owed(now, "name_focal_point", Role.MANAGER, "task", p.signed_at, STAGE, p.id, **about)
    if p.signed and p.expires_on is not None:
        ids = (p.id, p.expires_on.isoformat())
        yield owed(now, "renew_mou", Role.MANAGER, "mou_expiry", p.expires_on, STAGE, *ids, **about)


# --- milestones ---------------------------------------------------------------------------------------------------
def with_us(now: Initiative, partner: str) -> Partner:
    """Return a partner that has neither declined nor withdrawn. Raises: Refused."""
    found = known(now.partners, partner, "partner")
    require(found.withdrew_at is None and found.declined_at is None, NOT_GONE, f"Partner {partner}.")
    return found


class PartnerMilestone(Milestone, abstract=True):
    """What all milestones about one partner share."""

    stage = STAGE
    partner: Id

    def allow(self, now: Initiative, said: Said) -> None:
        with_us(now, self.partner)

    def changed(self, now: Initiative, **changes: Any) -> Initiative:
        return now.change("partners", self.partner, **changes)


class PartnerApproached(Milestone):
    """An institution was asked to join. A new one is entered with its institution and country."""

    stage = STAGE
    partner: Id
    institution: Id | None = None
    country: Country | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        if self.partner in now.partners:
            with_us(now, self.partner)
        else:
            require(self.institution is not None and self.country is not None, NEW_PARTNER)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = now.partners.get(self.partner)
        partner = old or Partner(
            id=self.partner, institution=self.institution or self.partner, country=self.country or "IQ"
        )
        return now.put("partners", self.partner, partner.but(approached_at=said.at))


class PartnerScreened(PartnerMilestone):
    """A partner was screened against sanctions lists."""

    result: Screening

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, screening=self.result, screened_at=said.at)


class DueDiligenceDone(PartnerMilestone):
    """Somebody looked into a partner: who stands behind it, what it has done, who pays it."""

    evidence: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, due_diligence_at=said.at)


class MouSent(PartnerMilestone):
    """The memorandum of understanding went out for signature."""

    def allow(self, now: Initiative, said: Said) -> None:
        partner = with_us(now, self.partner)
        require(not partner.signed, ALREADY, f"Partner {self.partner} has signed.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, mou_sent_at=said.at)


class PartnerSigned(PartnerMilestone):
    """A partner signed its memorandum of understanding."""

    expires_on: date | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        partner = with_us(now, self.partner)
        require(
            partner.screening is Screening.CLEAR,
            SCREENED,
            f"Screening of {self.partner}: {partner.screening}.",
        )
        require(not partner.signed, ALREADY, f"Partner {self.partner} has signed; renew it with mou_renewed.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, signed_at=said.at, expires_on=self.expires_on)
