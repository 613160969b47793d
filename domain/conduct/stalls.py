"""Stalls: the dialogue rests, for weeks or years, and is kept warm. A state of its own, not a server's.

Every report is still heard. Ladders that freeze keep their remaining working time.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.initiative import Initiative, known
from domain.nouns import Stall
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import Id, Text
from domain.vocabulary import ConsentScope, Role

ALREADY = rule(
    "stall.already",
    "The initiative is stalled already.",
    "Report stall_reviewed to look at it again, or stall_resumed to end it.",
    "E3.23",
)
NONE = rule(
    "stall.none",
    "There is no stall then.",
    "Report stall_declared with a reason first; check the date if it was reported late.",
    "E3.23",
)
OVERLAP = rule(
    "stall.overlaps",
    "The stall would begin before the last one ended.",
    "Correct the date.",
    "E3.23",
)
ONE_CONTACT = rule(
    "stall.contact-with",
    "A contact is with one person or one partner.",
    "Give person=... or partner=..., one of the two.",
    "A47",
)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what a stall asks for, and after it what must be put in order to go on."""
    if now.closed_at is not None or not now.stalls:
        return
    stall, number = now.stalls[-1], str(len(now.stalls))
    if stall.until is None:
        yield from _while_stalled(now, stall, number)
    else:
        yield from _reentry(now, stall, number)


def _while_stalled(now: Initiative, stall: Stall, number: str) -> Iterator[Obligation]:
    last = max((at for _, at in stall.contacts), default=stall.since)
    yield owed(now, "keep_warm", Role.MANAGER, "keep_warm", last, now.stage, number, str(len(stall.contacts)))
    for p in now.seated:
        if p.consents_to(ConsentScope.CONTACT_IN_STALL) and p.may_be_written_to:
            met = [at for who, at in stall.contacts if who == p.person]
            ids = (p.person, number, str(len(met)))
            since = max(met, default=stall.since)
            yield owed(now, "keep_warm_note", p.person, "keep_warm", since, now.stage, *ids)
    reviews = len(stall.reviewed_at)
    if stall.review_on is not None:
        ladder, anchor = "stall_review_on", stall.review_on
    else:
        looked = stall.reviewed_at[-1] if reviews else stall.since
        ladder, anchor = "stall_review", looked + timedelta(days=now.charter.patience.stall_review_days)
    yield owed(now, "review_stall", Role.MANAGER, ladder, anchor, now.stage, number, str(reviews))
    if now.charter.donors or Role.DONOR_LIAISON in now.roles:
        yield owed(now, "donor_note", Role.DONOR_LIAISON, "donor_note", stall.since, now.stage, number)


def _reentry(now: Initiative, stall: Stall, number: str) -> Iterator[Obligation]:
    """Yield the agreements that ran out meanwhile; vetting, consent and visas are asked for elsewhere."""
    assert stall.until is not None, "the stall is over"
    for p in now.partners.values():
        if p.signed and p.expires_on is not None and p.frozen_at is None and p.expires_on <= stall.until.date():
            ids = (p.id, number)
            yield owed(now, "renew_expired_mou", Role.MANAGER, "reentry", stall.until, now.stage, *ids, partner=p.id)


# --- milestones --------------------------------------------------------------------------------------------
def stalled(now: Initiative, said: Said) -> Stall:
    """Return the stall that goes on, begun by then. Raises: Refused."""
    require(now.stalled, NONE)
    stall = now.stalls[-1]
    require(said.at >= stall.since, NONE, f"It was declared on {stall.since.date()}.")
    return stall


def _last(now: Initiative, stall: Stall) -> Initiative:
    return now.but(stalls=(*now.stalls[:-1], stall))


class StallDeclared(Milestone):
    """The dialogue rests, with a reason and perhaps a day on which to look again. The channel stays open."""

    needs_reason = True
    review_on: date | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        require(not now.stalled, ALREADY)
        ended = now.stalls[-1].until if now.stalls else None
        require(ended is None or said.at >= ended, OVERLAP, f"It ended on {ended.date() if ended else None}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.but(stalls=(*now.stalls, Stall(since=said.at, review_on=self.review_on)))


class StallReviewed(Milestone):
    """Somebody looked at the stall and let it go on, perhaps until a day."""

    review_on: date | None = None
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        stalled(now, said)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        stall = now.stalls[-1]
        return _last(now, stall.but(reviewed_at=(*stall.reviewed_at, said.at), review_on=self.review_on))


class StallResumed(Milestone):
    """The dialogue goes on. Nothing that rested is caught up: each ladder goes on where it stood."""

    def allow(self, now: Initiative, said: Said) -> None:
        stalled(now, said)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return _last(now, now.stalls[-1].but(until=said.at))


class KeepwarmContactMade(Milestone):
    """Somebody kept in touch with a person or a partner while the dialogue rested."""

    person: Id | None = None
    partner: Id | None = None
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        stalled(now, said)
        require((self.person is None) is not (self.partner is None), ONE_CONTACT)
        if self.person is not None:
            known(now.participants, self.person, "participant")
        if self.partner is not None:
            known(now.partners, self.partner, "partner")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        stall = now.stalls[-1]
        contact = (self.person or self.partner or "", said.at)
        return _last(now, stall.but(contacts=(*stall.contacts, contact)))
