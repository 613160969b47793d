"""Meetings with officials outside the sessions: the regular liaison, and hosting beyond protocol calls."""

from collections.abc import Iterator

from domain.initiative import Initiative
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.values import Country, Id, Text
from domain.vocabulary import Role, Stage


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield the next liaison meeting, counted from the last one."""
    if now.closed_at is not None:
        return
    since = now.marks.get("liaison_met", now.opened_at)
    day = since.date().isoformat()
    yield owed(now, "meet_officials", Role.TRACK1_LIAISON, "liaison", since, Stage.PARTNERS, day)


class LiaisonMeetingHeld(Milestone):
    """The regular meeting with the authorities took place; the next one is counted from it."""

    office: Id | None = None
    note: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark("liaison_met", max(said.at, now.marks.get("liaison_met", said.at)))


class HostingVisitHeld(Milestone):
    """Diplomats or guests were hosted for more than a protocol call."""

    host: Id
    country: Country | None = None
    note: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"hosting_visit:{self.host}:{said.at.date().isoformat()}", said.at)
