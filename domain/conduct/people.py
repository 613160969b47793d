"""What happens to people at any stage: they take or leave office, are barred, leave, come back.

What was decided before stays as it was; the rules that hold for ever find out what it means for the table.
Life, silence and reach, which concern everybody and not only participants, are in `reach`.
"""

from collections.abc import Iterator
from datetime import date
from math import ceil

from domain import composition
from domain.conduct.reach import ALREADY, living
from domain.initiative import Initiative, known
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.invitations import TAKEN, free_seat
from domain.stages.nominations import (
    STAGE,
    STANDING,
    gone,
    no_official_on_track_two,
    nominee,
    not_ahead,
    valid_vetting,
    with_capacity,
)
from domain.stages.reviews import UNDECIDED
from domain.values import Id, InitiativeId
from domain.vocabulary import Capacity, Role, Track

LINKED = rule(
    "people.linked-initiative",
    "A seat is offered in an initiative that is linked to this one.",
    "Link it first, then offer the seat there.",
    "E3.2, A10",
)

AWAY = ("suspended", "barred", "withdrew", "removed")


# --- agenda -------------------------------------------------------------------------------------------------
def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield the seats to fill and the seats to offer elsewhere."""
    if now.closed_at is not None:
        return
    left = [p for p in now.participants.values() if p.left_at and p.before == "accepted" and not p.on_roster]
    last = max(left, key=lambda p: (p.left_at, p.person), default=None)
    reserve = any(p.standing == "reserve" and p.may_be_written_to for p in now.participants.values())
    if last is not None and last.left_at is not None and reserve and _short(now):
        ids = (last.person, last.left_at.date().isoformat())
        yield owed(now, "fill_seat", Role.VETTING_LEAD, "task", last.left_at, STAGE, *ids, person=last.person)
    for p in now.participants.values():
        offered = now.marks.get(f"seat_offered_elsewhere:{p.person}")
        official = now.track is Track.TWO and p.standing == "suspended" and p.serving
        if official and p.left_at is not None and (offered is None or offered < p.left_at):
            ids = (p.person, p.left_at.date().isoformat())
            yield owed(now, "offer_seat_elsewhere", Role.MANAGER, "task", p.left_at, STAGE, *ids, person=p.person)


def _short(now: Initiative) -> bool:
    """Tell whether a rule of composition that holds is broken, or the roster is below the quorum of seats."""
    if any(one.rule not in composition.WARNS for one in composition.broken(now)):
        return True
    quorum, parties = now.charter.quorum, [p.party for p in now.roster]
    few = any(parties.count(party.id) < quorum.per_party for party in now.charter.parties)
    return few or len(parties) < ceil(quorum.share * now.charter.seats)


# --- milestones ----------------------------------------------------------------------
class CapacityChanged(Milestone):
    """Somebody took or left office. Capacity is dated: what was before stays valid."""

    person: Id
    capacity: Capacity
    since: date
    evidence: date | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.person)
        not_ahead(self.since, said)
        not_ahead(self.evidence, said)
        p = now.participants.get(self.person)
        told = p is not None and (self.capacity, self.since) in p.capacities
        require(not told, ALREADY, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        p = now.participants.get(self.person)
        if p is None:
            return now
        return now.put("participants", self.person, with_capacity(p, self.capacity, self.since, self.evidence))


class ParticipantBarred(Milestone):
    """An authority forbade somebody to take part."""

    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        require(p.standing != "barred", ALREADY, f"Concerns {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return gone(now, self.person, "barred", said)


class ParticipantWithdrew(Milestone):
    """Somebody left of their own will. Nothing more is asked of them."""

    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        require(not _stands(now, self.person, "withdrew"), ALREADY, f"Concerns {self.person}.")
        nominee(now, self.person)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return gone(now, self.person, "withdrew", said)


class ParticipantRemoved(Milestone):
    """Somebody was asked to leave, with a reason: the ground rules, safety, trust."""

    needs_reason = True
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        require(not _stands(now, self.person, "removed"), ALREADY, f"Concerns {self.person}.")
        nominee(now, self.person)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return gone(now, self.person, "removed", said)


def _stands(now: Initiative, person: str, standing: str) -> bool:
    return person in now.participants and now.participants[person].standing == standing


class ParticipantReinstated(Milestone):
    """Somebody suspended, barred or gone takes up the place they had, with a reason."""

    needs_reason = True
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.person)
        p = known(now.participants, self.person, "participant")
        require(p.standing in AWAY, STANDING, f"{self.person} stands {p.standing}.")
        no_official_on_track_two(now, self.person, p.capacity)
        if p.before in ("cleared", *TAKEN):
            valid_vetting(now, p, said.at)
            free_seat(now, len(now.roster))

    def apply(self, now: Initiative, said: Said) -> Initiative:
        p = now.participants[self.person]
        back = p.before or "nominated"
        again = p.but(standing=back, before=None, left_at=None, chase_from=said.at)
        if back in UNDECIDED:  # looked at anew, so whoever must act is asked anew
            again = again.but(round=p.round + 1)
        return now.put("participants", self.person, again)


class SeatOfferedElsewhere(Milestone):
    """Somebody who may not sit here was offered a seat in a linked initiative, for example of track 1.5."""

    person: Id
    initiative: InitiativeId

    def allow(self, now: Initiative, said: Said) -> None:
        nominee(now, self.person)
        require(self.initiative in now.links, LINKED, f"No link to {self.initiative}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"seat_offered_elsewhere:{self.person}", said.at)
