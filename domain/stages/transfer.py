"""Transfer: a cleared recommendation goes to Track 1 and has exactly one state there, with its whole history.

Two doors matter: who carries it to whom, and what came back. An answer may come from a body nobody had asked.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from domain.initiative import Initiative
from domain.nouns import Recommendation
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.drafting import (
    RecommendationMilestone,
    is_actionable,
    is_cleared,
    living,
    moved,
    no_vote,
    still_here,
    uncleared,
)
from domain.values import Id, Text
from domain.vocabulary import Role, Stage, TransferState

STAGE = Stage.FOLLOW_UP
S = TransferState

ON_THE_WAY = (S.SUBMITTED, S.ACKNOWLEDGED, S.UNDER_CONSIDERATION)
FINAL = (S.ADOPTED, S.ADOPTED_BY_OTHER_BODY, S.PARTLY_ADOPTED, S.REJECTED, S.NO_RESPONSE, S.SUPERSEDED)
ADOPTED = (S.ADOPTED, S.ADOPTED_BY_OTHER_BODY, S.PARTLY_ADOPTED)
OVERTAKEN = (S.ADOPTED_BY_OTHER_BODY, S.SUPERSEDED)  # may happen before anything was submitted
MAY_GO_AGAIN = (S.REJECTED, S.NO_RESPONSE)

# --- rules ------------------------------------------------------------------------------------------------
CLEARED_FIRST = rule(
    "transfer.cleared-first",
    "Every author cleared the current version before it goes to Track 1. Silence never means consent.",
    "Report wording_cleared for each author, or revise the authors.",
    "B3, F4, B5",
)
ACTIONABLE = rule(
    "transfer.actionable",
    "A recommendation says who does what by when.",
    "Report recommendation_revised with owner, step and horizon.",
    "A81",
)
EMBARGO = rule(
    "transfer.embargo",
    "The recommendation is under embargo.",
    "Wait until that day, or report embargo_set with an earlier one.",
    "B3",
)
ONE_STATE = rule(
    "transfer.one-state",
    "A recommendation has exactly one state with Track 1; forward only, a final one changes with a reason.",
    "See its state with `jisr show ID`; add a reason to correct an outcome.",
    "F2.10, E3.19",
)
SUBMITTED_FIRST = rule(
    "transfer.submitted-first",
    "The recommendation was not submitted, so Track 1 cannot have answered it.",
    "Report transfer_submitted first; what others did meanwhile is superseded or adopted_by_other_body.",
    "E3.19",
)
BY_BODY = rule(
    "transfer.by-body",
    "An adoption by another body names that body.",
    "Add by_body=...",
    "E3.19",
)


# --- agenda -----------------------------------------------------------------------------------------------
def submissions(r: Recommendation) -> int:
    """Return how often it was submitted."""
    return sum(line["state"] == S.SUBMITTED.value for line in r.states)


def before_event(now: Initiative, r: Recommendation) -> Iterator[Obligation]:
    """Yield the submission that must be made before an official event; pointless once that day is over."""
    if r.event_on is None:
        return
    liaison = now.person(now.holder(Role.TRACK1_LIAISON) or "")
    end = datetime.combine(r.event_on + timedelta(days=1), time.min, ZoneInfo(liaison.zone))
    ids = (r.id, r.event_on.isoformat())
    yield owed(
        now, "submit_before_event", Role.TRACK1_LIAISON, "before_event", r.event_on, Stage.RECOMMENDATIONS,
        *ids, moot_after=end, recommendation=r.id,
    )  # fmt: skip


def chase(now: Initiative, r: Recommendation) -> Iterator[Obligation]:
    """Yield the question what became of it, until an outcome stands; a year on, the closing question."""
    if r.state not in ON_THE_WAY or r.submitted_at is None:
        return
    ids = (r.id, str(submissions(r)))
    for ask, who in (("chase_outcome", Role.TRACK1_LIAISON), ("closing_question", Role.MANAGER)):
        ladder = "transfer" if ask == "chase_outcome" else ask
        yield owed(now, ask, who, ladder, r.submitted_at, STAGE, *ids, recommendation=r.id, office=r.office or "")


# --- milestones -------------------------------------------------------------------------------------------
class CarrierNamed(Milestone):
    """Somebody with a route to a decision-maker was named to carry what the dialogue found."""

    carrier: Id
    office: Id
    recommendation: Id | None = None
    route: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        if self.recommendation is not None:
            living(now, self.recommendation)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = now.mark(f"carrier:{self.carrier}:{self.office}", said.at)
        if self.recommendation is None:
            return now
        before = now.recommendations[self.recommendation].carriers
        carriers = (*(one for one in before if one != self.carrier), self.carrier)
        return now.change("recommendations", self.recommendation, carriers=carriers)


class OfficialEventSet(RecommendationMilestone):
    """A summit or another official event lies ahead, and the recommendation should be there in time."""

    event_on: date

    def allow(self, now: Initiative, said: Said) -> None:
        still_here(now, self.recommendation)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, event_on=self.event_on)


class TransferSubmitted(RecommendationMilestone):
    """A recommendation was handed to an office of Track 1, by a carrier, through a channel."""

    stage = STAGE
    office: Id
    addressee: Id | None = None
    carrier: Id | None = None
    channel: Id | None = None
    event_on: date | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        found = living(now, self.recommendation)
        again = found.state in MAY_GO_AGAIN and said.reason is not None
        require(again or found.state not in (*ON_THE_WAY, *FINAL), ONE_STATE, f"{found.id} is {found.state}.")
        free = is_cleared(now, found)
        require(free, CLEARED_FIRST, f"Not cleared by: {', '.join(uncleared(now, found)) or 'anybody'}.")
        require(is_actionable(found), ACTIONABLE, f"Recommendation {found.id}.")
        open_now = found.embargo_until is None or said.at.date() >= found.embargo_until
        require(open_now, EMBARGO, f"Until {found.embargo_until}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = self.of(now)
        carried = old.carriers if self.carrier in (None, *old.carriers) else (*old.carriers, str(self.carrier))
        sent = old.but(
            office=self.office,
            addressee=self.addressee,
            carrier=self.carrier,
            channel=self.channel,
            carriers=carried,
            event_on=self.event_on or old.event_on,
            submitted_at=said.at,
            decided_at=None,
            adopted_by=None,
        )
        return now.put("recommendations", old.id, moved(sent, S.SUBMITTED, said, office=self.office))


def forward(now: Initiative, id: str, to: TransferState) -> Recommendation:
    """Return a submitted recommendation that may move on to this state. Raises: Refused."""
    found = living(now, id)
    require(found.submitted_at is not None, SUBMITTED_FIRST, f"Recommendation {id}.")
    ahead = found.state in ON_THE_WAY and ON_THE_WAY.index(found.state) < ON_THE_WAY.index(to)
    require(ahead, ONE_STATE, f"{id} is {found.state}.")
    return found


class TransferAcknowledged(RecommendationMilestone):
    """The office confirmed that it has the recommendation."""

    stage = STAGE

    def allow(self, now: Initiative, said: Said) -> None:
        forward(now, self.recommendation, S.ACKNOWLEDGED)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("recommendations", self.recommendation, moved(self.of(now), S.ACKNOWLEDGED, said))


class TransferUnderConsideration(RecommendationMilestone):
    """The office is working on the recommendation."""

    stage = STAGE

    def allow(self, now: Initiative, said: Said) -> None:
        forward(now, self.recommendation, S.UNDER_CONSIDERATION)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("recommendations", self.recommendation, moved(self.of(now), S.UNDER_CONSIDERATION, said))


class TransferOutcomeRecorded(RecommendationMilestone):
    """What became of a recommendation: adopted, by whom, in part, rejected, unanswered, overtaken."""

    stage = None  # it may be overtaken before the follow-up has begun
    outcome: Literal["adopted", "adopted_by_other_body", "partly_adopted", "rejected", "no_response", "superseded"]
    by_body: Id | None = None
    evidence: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        found = living(now, self.recommendation)
        no_vote(now, said)
        outcome = S(self.outcome)
        sent = found.submitted_at is not None or outcome in OVERTAKEN
        require(sent, SUBMITTED_FIRST, f"Recommendation {found.id}.")
        late_answer = found.state is S.NO_RESPONSE and outcome is not S.NO_RESPONSE
        corrected = found.state is not outcome and said.reason is not None
        undecided = found.state not in FINAL
        require(undecided or late_answer or corrected, ONE_STATE, f"{found.id} is {found.state}.")
        require(self.by_body is not None or outcome is not S.ADOPTED_BY_OTHER_BODY, BY_BODY)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        outcome = S(self.outcome)
        old = self.of(now)
        body = self.by_body or (old.office if outcome in ADOPTED else None)
        decided = old.but(decided_at=said.at, adopted_by=body, implemented=None, implementation_checked_at=None)
        named = {"by_body": self.by_body} if self.by_body else {}
        return now.put("recommendations", old.id, moved(decided, outcome, said, **named))
