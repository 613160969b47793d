"""How a partner rests, leaves and comes back.

When one leaves, nothing more is sent through it, its data must come back, its nominees have to say whether
they go on as individuals, and the other partners are told that it left, never why. Whoever had accepted keeps
the seat: acceptance and consent are a person's own; but the question is asked of them too.
"""

from collections.abc import Iterator
from typing import ClassVar

from domain.initiative import Initiative, known
from domain.nouns import Participant, Partner
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.partner_terms import ALREADY, STAGE, PartnerMilestone, ids_of, with_us
from domain.values import Country, Id
from domain.vocabulary import Role, Stage

# --- rules --------------------------------------------------------------------------------
HAS_LEFT = rule(
    "partners.has-left",
    "That needs a partner that has left.",
    "Report partner_withdrew or partner_declined first, or check the id.",
    "E3.4, E3.5",
)
SAME_ENTITY = rule(
    "partners.same-legal-entity",
    "A partner that returns is the same legal entity, whatever its name.",
    "For another institution report partner_approached with a new id.",
    "E3.5",
)
INDIVIDUAL = rule(
    "partners.individual-pending",
    "Only somebody whose partner has left is asked to go on as an individual.",
    "See with `jisr show ID` who is pending.",
    "E3.4",
)

WAITS = ("nominated", "reopened", "reserve", "cleared", "invited")  # their nomination hung on the partner


# --- agenda -------------------------------------------------------------------------------
def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what a partner's leaving asks for, also after the end of the initiative."""
    for p in now.partners.values():
        if p.withdrew_at is None or p.returned_as is not None:
            continue
        if p.data_returned_at is None and p.signed_at is not None:
            yield owed(
                now, "return_data", Role.DATA_STEWARD, "data_return", p.withdrew_at, STAGE, *ids_of(p),
                partner=p.id,
            )  # fmt: skip
        yield from _told(now, p)
        for person in now.participants.values():
            if now.closed_at is None and _hangs_on(person, p.id):
                ids = (person.person, *ids_of(p))
                yield owed(
                    now, "confirm_individual", Role.MANAGER, "task", p.withdrew_at, STAGE, *ids,
                    person=person.person,
                )  # fmt: skip


def _told(now: Initiative, gone: Partner) -> Iterator[Obligation]:
    """Yield the word to every other signed partner that has not had it yet."""
    assert gone.withdrew_at is not None
    for other in now.partners.values():
        with_us_then = other.signed_at is not None and other.signed_at <= gone.withdrew_at
        if other.signed and with_us_then and other.focal is not None and other.frozen_at is None:
            ids = (*ids_of(gone), other.id)
            one = owed(now, "partner_left", other.focal, "tell", gone.withdrew_at, STAGE, *ids, partner=gone.id)
            if one.id not in now.settled:
                yield one


def _hangs_on(person: Participant, partner: str) -> bool:
    return person.partner == partner and person.standing in ("pending_individual", "accepted")


# --- milestones ---------------------------------------------------------------------------
class PartnerFrozen(PartnerMilestone):
    """Work with one partner rests, with a reason; the initiative goes on and nothing is asked of it."""

    stage: ClassVar[Stage | None] = None
    needs_reason = True

    def allow(self, now: Initiative, said: Said) -> None:
        require(with_us(now, self.partner).frozen_at is None, ALREADY, f"Partner {self.partner} rests.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, frozen_at=said.at)


class PartnerUnfrozen(PartnerMilestone):
    """Work with a partner goes on; what was owed keeps the time it had left."""

    stage: ClassVar[Stage | None] = None

    def allow(self, now: Initiative, said: Said) -> None:
        frozen = with_us(now, self.partner).frozen_at is not None
        require(frozen, ALREADY, f"Partner {self.partner} does not rest.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        p = now.partners[self.partner]
        span = (p.frozen_at or said.at, said.at)
        return self.changed(now, frozen_at=None, freezes=(*p.freezes, span))


class PartnerWithdrew(PartnerMilestone):
    """A partner left the initiative. The others are told that it left, not why."""

    stage: ClassVar[Stage | None] = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = self.changed(now, withdrew_at=said.at, frozen_at=None)
        for person in now.participants.values():
            if person.partner == self.partner and person.standing in WAITS:
                pending = person.but(standing="pending_individual", standing_before=person.standing)
                now = now.put("participants", person.person, pending)
        return now


class IndividualCapacityConfirmed(Milestone):
    """Somebody nominated by a partner that left goes on as an individual; an invitation is sent anew."""

    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        person = known(now.participants, self.person, "participant")
        partner = now.partners.get(person.partner or "")
        left = partner is not None and partner.withdrew_at is not None and _hangs_on(person, partner.id)
        require(left, INDIVIDUAL, f"Not {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("participants", self.person, _as_before(now.participants[self.person], None))


class PartnerDataReturned(PartnerMilestone):
    """A partner that left gave back, or deleted, what it held about people."""

    stage: ClassVar[Stage | None] = None
    closed_too = True

    def allow(self, now: Initiative, said: Said) -> None:
        partner = known(now.partners, self.partner, "partner")
        require(partner.withdrew_at is not None, HAS_LEFT, f"Partner {self.partner} is still with us.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, data_returned_at=said.at)


class PartnerReturned(PartnerMilestone):
    """A partner that left came back, under its old id or, as the same legal entity, under a new one."""

    stage: ClassVar[Stage | None] = None
    formerly: Id | None = None
    institution: Id | None = None
    country: Country | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        old = known(now.partners, self.formerly or self.partner, "partner")
        require(old.withdrew_at is not None or old.declined_at is not None, HAS_LEFT, f"Partner {old.id}.")
        require(old.returned_as is None, ALREADY, f"It returned as {old.returned_as}.")
        require(self.institution in (None, old.institution), SAME_ENTITY, f"It was {old.institution}.")
        if self.partner != old.id and self.partner in now.partners:
            new = with_us(now, self.partner)
            require(new.institution == old.institution, SAME_ENTITY, f"{new.id} is {new.institution}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = now.partners[self.formerly or self.partner]
        new = now.partners.get(self.partner) if self.partner != old.id else None
        if new is None:  # screening, memorandum and declarations are asked for anew
            new = Partner(
                id=self.partner,
                institution=old.institution,
                country=self.country or old.country,
                focal=old.focal,
                deputy=old.deputy,
                approached_at=said.at,
                round=old.round + 1,
            )
        former = () if new.id == old.id else (old.id,)
        if former:
            now = now.change("partners", old.id, returned_as=new.id)
        new = new.but(former_ids=tuple(dict.fromkeys((*old.former_ids, *new.former_ids, *former))))
        now = now.put("partners", new.id, new)
        for person in now.participants.values():
            if _hangs_on(person, old.id):
                now = now.put("participants", person.person, _as_before(person, new.id))
        return now


def _as_before(person: Participant, partner: str | None) -> Participant:
    """Return the person as before the partner left; an invitation has run out and is to be sent anew."""
    before = person.standing_before
    standing = {None: person.standing, "invited": "cleared"}.get(before, before)
    return person.but(partner=partner, standing=standing, standing_before=None)
