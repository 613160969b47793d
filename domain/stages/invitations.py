"""Invitations: asking the cleared to the table, chasing their answer, and what they owe when they come.

An invitation that nobody answers expires by the clock. Nobody is chased who must not or cannot be written to.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Literal

from domain.composition import SEATS
from domain.initiative import Initiative
from domain.nouns import Participant
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.consents import data_to_remove
from domain.stages.nominations import STAGE, no_official_on_track_two, nominee, older, valid_vetting
from domain.values import Id
from domain.vocabulary import ConsentScope, Role, Track

# --- rules --------------------------------------------------------------------------------------------------
CLEARED_ONLY = rule(
    "invitations.cleared-only",
    "Only somebody who was cleared is invited.",
    "Decide on the nominee first; promote somebody from the reserve list with reserve_promoted.",
    "B3",
)
INVITED_ONLY = rule(
    "invitations.invited-only",
    "Only somebody who was invited answers an invitation.",
    "Report invitation_sent first; somebody who sits already leaves with participant_withdrew.",
    "B3",
)
MAY_BE_WRITTEN_TO = rule(
    "invitations.may-be-written-to",
    "The person asked not to be contacted.",
    "Respect it. When they say otherwise themselves, report contact_allowed_again.",
    "F2.2",
)
TAKEN = ("invited", "accepted")
INVITABLE = ("cleared", "expired", "declined")  # whoever lapsed or declined may be asked again while vetted


# --- agenda -------------------------------------------------------------------------------------------------
def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what the invited and the seated owe, and what is owed to them."""
    for p in now.participants.values():
        yield from data_to_remove(now, p)
        if not p.may_be_written_to or p.standing not in TAKEN:
            continue
        if p.unreachable_since is not None:
            partner = now.partners.get(p.partner or "")
            by = (partner.focal if partner and partner.withdrew_at is None else None) or Role.MANAGER
            ids = (p.person, p.unreachable_since.date().isoformat())
            yield owed(now, "reach_person", by, "task", p.unreachable_since, STAGE, *ids, person=p.person)
        elif p.standing == "invited" and p.invited_at is not None:
            since, ids = _since(p, p.invited_at), (p.person, str(p.invitations))
            yield owed(now, "answer_invitation", p.person, "invitation", since, STAGE, *ids, person=p.person)
        elif p.answered_at is not None:
            yield from _on_joining(now, p, p.answered_at)
        if p.seated:
            yield from _on_reentry(now, p)


def _on_joining(now: Initiative, p: Participant, joined: datetime) -> Iterator[Obligation]:
    """What somebody who accepted still gives: consent, ground rules, officials their personal capacity."""

    def asked(ask: str, *ids: str) -> Obligation:
        since = _since(p, joined)
        return owed(now, ask, p.person, "consent", since, STAGE, p.person, *ids, person=p.person)

    if not p.consents_to(ConsentScope.PARTICIPATE):
        yield asked("give_consent", str(p.invitations))
    if p.terms_accepted_at is None:
        yield asked("accept_terms", str(p.round))
    if p.serving and p.attested_on is None and now.track is Track.ONE_AND_A_HALF:
        in_office = datetime.combine(p.capacity_since, time.min, UTC) if p.capacity_since else joined
        asking = asked("attest_personal_capacity", str(p.round), str(len(p.capacities)))
        yield asking._replace(anchor=max(asking.anchor, in_office))


def _on_reentry(now: Initiative, p: Participant) -> Iterator[Obligation]:
    """What a stall has let grow old: vetting and consent are asked for again, once, when it ends."""
    ended = now.stalls[-1].until if now.stalls else None
    if ended is None:
        return
    ids, patience = (p.person, str(len(now.stalls))), now.charter.patience
    if p.vetted_at is not None and older(p.vetted_at, patience.vetting_months, ended):
        yield owed(now, "renew_vetting", Role.VETTING_LEAD, "reentry", ended, STAGE, *ids, person=p.person)
    mark = p.consents.get(ConsentScope.PARTICIPATE)
    lapsed = mark is not None and mark.withdrawn_at is None and older(mark.given_at, patience.consent_months, ended)
    if lapsed and p.unreachable_since is None:
        since = _since(p, ended)
        yield owed(now, "renew_consent", p.person, "reentry", since, STAGE, *ids, person=p.person)


def _since(p: Participant, at: datetime) -> datetime:
    """Nothing is chased from before somebody could be reached again."""
    return max(at, p.chase_from or at)


def free_seat(now: Initiative, taken: int) -> None:
    """Raises: Refused composition.seats."""
    require(taken < now.charter.seats, SEATS, f"{taken} of {now.charter.seats} are taken.")


# --- milestones: the invitation -----------------------------------------------------------------------------
class InvitationSent(Milestone):
    """A cleared person was invited. The answer is chased until the invitation expires."""

    stage = STAGE
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        require(not p.do_not_contact, MAY_BE_WRITTEN_TO, f"Concerns {self.person}.")
        fine = p.standing in INVITABLE and p.vetted_at is not None
        require(fine, CLEARED_ONLY, f"{self.person} stands {p.standing}.")
        no_official_on_track_two(now, self.person, p.capacity)
        valid_vetting(now, p, said.at)
        free_seat(now, sum(one.standing in TAKEN for one in now.participants.values()))

    def apply(self, now: Initiative, said: Said) -> Initiative:
        count = now.participants[self.person].invitations + 1
        return now.change("participants", self.person, standing="invited", invited_at=said.at, invitations=count)


class InvitationAnswered(Milestone):
    """An invited person answered. A late yes counts while there is a seat; another date puts them back."""

    person: Id
    answer: Literal["accepted", "declined", "another_date"]
    on_behalf_of_person: bool = False

    def allow(self, now: Initiative, said: Said) -> None:
        p = nominee(now, self.person)
        late = p.standing in ("expired", "declined") and self.answer == "accepted"
        require(p.standing == "invited" or late, INVITED_ONLY, f"{self.person} stands {p.standing}.")
        if self.answer == "accepted":
            no_official_on_track_two(now, self.person, p.capacity)
        if late:
            valid_vetting(now, p, said.at)
            free_seat(now, sum(one.standing in TAKEN for one in now.participants.values()))

    def apply(self, now: Initiative, said: Said) -> Initiative:
        standing = "cleared" if self.answer == "another_date" else self.answer
        return now.change("participants", self.person, standing=standing, answered_at=said.at, left_at=None)
