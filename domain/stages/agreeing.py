"""Agreeing: consensus across divides, dissent beside it, endorsement by parties, release and embargo.

The facilitator has no vote: what the parties decided is reported by somebody else.
"""

from datetime import date

from domain.initiative import Initiative, known
from domain.nouns import Endorsement
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.drafting import (
    RecommendationMilestone,
    is_cleared,
    known_parties,
    living,
    no_vote,
    still_here,
    uncleared,
)
from domain.values import Id, Ids, Text
from domain.vocabulary import ReleaseClass

JOINT = rule(
    "recommendations.joint-authorship",
    "Consensus is joint: at least two parties, each with an author or an endorsement.",
    "Bring in an author of another party (recommendation_revised authors=...), or report its endorsement.",
    "A77",
)
CLEARED_TO_RELEASE = rule(
    "recommendations.cleared-to-release",
    "What leaves the circle was cleared by every author first.",
    "Report wording_cleared for each author, or keep release_class=internal.",
    "B3, F4",
)
ENDORSED = rule(
    "recommendations.endorsed",
    "The party does not endorse the recommendation, so there is nothing to withdraw.",
    "Report recommendation_endorsed first.",
    "E3.21",
)
DATES = rule(
    "recommendations.dates",
    "A withdrawal follows the endorsement, and neither lies ahead.",
    "Correct the date.",
    "E3.21",
)


class ConsensusRecorded(RecommendationMilestone):
    """Parties on different sides of a divide agreed on a recommendation."""

    parties: Ids

    def allow(self, now: Initiative, said: Said) -> None:
        found = still_here(now, self.recommendation)
        no_vote(now, said)
        known_parties(now, self.parties)
        behind = {*found.parties, *(p for p, e in found.endorsements.items() if e.withdrawn_on is None)}
        absent = sorted(set(self.parties) - behind)
        require(
            len(self.parties) > 1 and not absent,
            JOINT,
            f"Named: {', '.join(self.parties)}; without either: {', '.join(absent) or 'none'}.",
        )

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, consensus=self.parties)


class DissentNoted(RecommendationMilestone):
    """A participant does not share a recommendation; the note stands beside it, also after transfer."""

    person: Id
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.recommendation)
        known(now.participants, self.person, "participant")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        before = tuple(one for one in self.of(now).dissent if one != self.person)
        return self.changed(now, dissent=(*before, self.person))


class MotivationsRecorded(Milestone):
    """The worksheet on what moves a party was filled in: its motives, fears and possible incentives."""

    party: Id
    worksheet: Text

    def allow(self, now: Initiative, said: Said) -> None:
        known_parties(now, (self.party,))

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"motivations:{self.party}", said.at)


class RecommendationEndorsed(RecommendationMilestone):
    """Parties put their weight behind a recommendation, before or after it went to Track 1."""

    parties: Ids
    on: date | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.recommendation)
        no_vote(now, said)
        known_parties(now, self.parties)
        require(self.on is None or self.on <= said.heard_at.date(), DATES, f"Endorsed on {self.on}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        on = self.on or said.at.date()
        endorsements = dict(self.of(now).endorsements)
        for party in self.parties:
            old = endorsements.get(party)
            if old is None:
                endorsements[party] = Endorsement(on=on)
            elif old.withdrawn_on is not None:
                earlier = (*old.earlier, (old.on, old.withdrawn_on))
                endorsements[party] = Endorsement(on=on, earlier=earlier)
        return self.changed(now, endorsements=endorsements)


class EndorsementWithdrawn(RecommendationMilestone):
    """A party no longer stands behind a recommendation; that it once did stays in the record."""

    party: Id
    on: date | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        found = living(now, self.recommendation).endorsements.get(self.party)
        no_vote(now, said)
        require(
            found is not None and found.withdrawn_on is None,
            ENDORSED,
            f"Party {self.party}, recommendation {self.recommendation}.",
        )
        on = self.on or said.at.date()
        in_order = found is not None and found.on <= on <= said.heard_at.date()
        require(in_order, DATES, f"Withdrawn on {on}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = self.of(now).endorsements
        withdrawn = old[self.party].but(withdrawn_on=self.on or said.at.date())
        return self.changed(now, endorsements={**old, self.party: withdrawn})


class ReleaseClassSet(RecommendationMilestone):
    """It was decided who may see a recommendation: the team, the parties, officials, everybody."""

    release_class: ReleaseClass

    def allow(self, now: Initiative, said: Said) -> None:
        found = living(now, self.recommendation)
        free = self.release_class is ReleaseClass.INTERNAL or is_cleared(now, found)
        require(free, CLEARED_TO_RELEASE, f"Not cleared by: {', '.join(uncleared(now, found))}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, release_class=self.release_class.value)


class EmbargoSet(RecommendationMilestone):
    """A recommendation is kept back until a day."""

    until: date

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, embargo_until=self.until)


class RecommendationDropped(RecommendationMilestone):
    """A recommendation is not pursued, with a reason; its text and history stay readable."""

    needs_reason = True

    def allow(self, now: Initiative, said: Said) -> None:
        still_here(now, self.recommendation)
        no_vote(now, said)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, dropped_at=said.at)
