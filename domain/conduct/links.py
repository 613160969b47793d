"""Links: other initiatives and what they are to this one. Recommendations travel along them (stages/lineage).

Feeder and bridge bring, bridge and target take; side tracks (3 to 7, grassroots to training) go along.
"""

from collections.abc import Iterator

from domain.charter import SIDE_TRACKS
from domain.initiative import Initiative
from domain.nouns import Link
from domain.obligations import Obligation
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import InitiativeId
from domain.vocabulary import Relation, Track

NOT_ITSELF = rule(
    "links.not-itself",
    "An initiative is not linked to itself.",
    "Name another initiative.",
    "A9",
)
ONCE = rule(
    "links.once",
    "The initiatives are linked like this already.",
    "Nothing to do; another relation replaces this one.",
    "F2.8",
)
SIDE_TRACK = rule(
    "links.side-track",
    "A side initiative is on one of the tracks 3 to 7.",
    "Give its track=3, 4, 5, 6 or 7; link others as feeder, bridge or target.",
    "A13",
)
NOT_LINKED = rule(
    "links.not-linked",
    "The initiatives are not linked.",
    "Report initiative_linked first.",
    "A9",
)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield nothing: a link asks nobody for anything."""
    yield from ()


class InitiativeLinked(Milestone):
    """Another initiative is a feeder, a bridge, a target, or a companion on a side track."""

    initiative: InitiativeId
    relation: Relation
    track: Track | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        require(self.initiative != now.id, NOT_ITSELF)
        old = now.links.get(self.initiative)
        require(old is None or old.relation is not self.relation, ONCE, f"Initiative {self.initiative}.")
        side = self.relation is not Relation.SIDE or self.track in SIDE_TRACKS
        require(side, SIDE_TRACK, f"Track {self.track}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        link = Link(initiative=self.initiative, relation=self.relation, since=said.at, track=self.track)
        return now.put("links", self.initiative, link)


class InitiativeUnlinked(Milestone):
    """A link ended; what had travelled along it keeps its lineage."""

    initiative: InitiativeId

    def allow(self, now: Initiative, said: Said) -> None:
        require(self.initiative in now.links, NOT_LINKED, f"Initiative {self.initiative}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.but(links={id: link for id, link in now.links.items() if id != self.initiative})
