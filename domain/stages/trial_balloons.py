"""Trial balloons: an idea is floated to see how it is taken, and may vanish without a trace to its author.

The team reports them, never the author: who reports stands in the record for ever.
"""

from collections.abc import Iterator

from domain.initiative import Initiative, known
from domain.nouns import Balloon
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.drafting import known_parties, living
from domain.values import Id, Text
from domain.vocabulary import Reaction, Role, Stage

STAGE = Stage.RECOMMENDATIONS

NO_TRACE = rule(
    "balloons.no-trace",
    "A trial balloon is reported by the team, so that its author stands nowhere.",
    "Let the rapporteur or the manager report it.",
    "A73",
)
IN_THE_AIR = rule(
    "balloons.in-the-air",
    "The balloon was withdrawn or has become a recommendation.",
    "Float a new one under a new id.",
    "A73",
)
NEW_BALLOON = rule(
    "balloons.new-id",
    "A balloon of this id was floated before.",
    "Choose a new id.",
    "A73",
)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield the reactions still to be collected, party by party; balloons fly in any stage."""
    if now.closed_at is not None:
        return
    for b in now.balloons.values():
        silent = [party.id for party in now.charter.parties if party.id not in b.reactions]
        if _in_the_air(b) and silent:
            yield owed(now, "collect_reactions", Role.RAPPORTEUR, "task", b.floated_at, STAGE, b.id, balloon=b.id)


def _in_the_air(balloon: Balloon) -> bool:
    return balloon.withdrawn_at is None and balloon.became is None


def flying(now: Initiative, id: str) -> Balloon:
    """Return a balloon that is in the air. Raises: Refused."""
    found = known(now.balloons, id, "balloon")
    require(_in_the_air(found), IN_THE_AIR, f"Balloon {id}.")
    return found


def without_trace(now: Initiative, said: Said) -> None:
    """Return unless a participant reports. Raises: Refused."""
    role, _, person = said.by.partition(":")
    require(role not in ("participant", "person") and person not in now.participants, NO_TRACE)


class BalloonFloated(Milestone):
    """An idea was floated to see how it is taken. Whose it is, is nowhere written."""

    balloon: Id
    session: Id | None = None
    text: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        without_trace(now, said)
        require(self.balloon not in now.balloons, NEW_BALLOON, f"Balloon {self.balloon}.")
        if self.session is not None:
            known(now.sessions, self.session, "session")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        balloon = Balloon(id=self.balloon, floated_at=said.at, session=self.session)
        return now.put("balloons", self.balloon, balloon)


class BalloonReactionRecorded(Milestone):
    """How a party took a trial balloon: welcome, cautious, rejected."""

    balloon: Id
    party: Id
    reaction: Reaction

    def allow(self, now: Initiative, said: Said) -> None:
        without_trace(now, said)
        flying(now, self.balloon)
        known_parties(now, (self.party,))

    def apply(self, now: Initiative, said: Said) -> Initiative:
        reactions = {**now.balloons[self.balloon].reactions, self.party: self.reaction.value}
        return now.change("balloons", self.balloon, reactions=reactions)


class BalloonWithdrawn(Milestone):
    """A trial balloon came down again; nothing follows from it and nobody stands behind it."""

    balloon: Id

    def allow(self, now: Initiative, said: Said) -> None:
        without_trace(now, said)
        flying(now, self.balloon)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("balloons", self.balloon, withdrawn_at=said.at)


class BalloonBecameRecommendation(Milestone):
    """A trial balloon was taken well and is now a recommendation, with the authors who drafted that."""

    stage = STAGE
    balloon: Id
    recommendation: Id

    def allow(self, now: Initiative, said: Said) -> None:
        without_trace(now, said)
        flying(now, self.balloon)
        living(now, self.recommendation)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = now.change("balloons", self.balloon, became=self.recommendation)
        came_from = (*now.recommendations[self.recommendation].came_from, self.balloon)
        return now.change("recommendations", self.recommendation, came_from=came_from)
