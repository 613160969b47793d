"""Drafting: an output is written by named authors, scored, tested, and cleared word for word by each of them.

Silence never means consent. A clearance belongs to a version: only changed text asks for it again.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from pydantic import Field

from domain.initiative import Initiative, known
from domain.nouns import Recommendation, Ticked
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import Id, Ids, InitiativeId, Text
from domain.vocabulary import Issue, OutputKind, Role, Stage, TransferState

STAGE = Stage.RECOMMENDATIONS

# Findings tell what is; they ask nobody to act, so they need no owner, step and horizon.
FINDINGS = (OutputKind.JOINT_ANALYSIS, OutputKind.POSITION_CLARIFICATION, OutputKind.GAP_FINDING)

# --- rules ------------------------------------------------------------------------------------------------
NEW_ID = rule(
    "recommendations.new-id",
    "A recommendation of this id exists.",
    "Choose a new id, or report recommendation_revised for a new version.",
    "F2.8",
)
AUTHORS = rule(
    "recommendations.authors",
    "A recommendation has at least one author among the participants.",
    "Name the persons who wrote it with authors=...",
    "A77, A79",
)
LIVING = rule(
    "recommendations.living",
    "The recommendation was dropped, merged or split.",
    "Report it for what it became (`jisr show ID` tells), or draft a new one.",
    "E3.20",
)
NOT_SUBMITTED = rule(
    "recommendations.not-submitted",
    "The recommendation has gone to Track 1; what was handed over is not changed afterwards.",
    "Draft a new one, or note dissent, or withdraw the endorsement of a party.",
    "E3.21, F2.10",
)
CURRENT_VERSION = rule(
    "recommendations.current-version",
    "This is about an older version of the text.",
    "Show the person the current version and report what they say to that one.",
    "E3.20",
)
NO_VOTE = rule(
    "recommendations.facilitator-no-vote",
    "The facilitator does not decide outcomes.",
    "Let the rapporteur or the manager report what the parties decided.",
    "A65, B4",
)
TESTED_WHERE = rule(
    "recommendations.tested-where",
    "A test takes place in a session here or in a linked initiative.",
    "Give session=... or initiative=..., one of the two; link the initiative first.",
    "A74",
)
KNOWN_PARTY = rule(
    "recommendations.known-party",
    "That is no party to this initiative.",
    "Name parties of the charter.",
    "A14",
)


# --- shared by the modules of this stage ------------------------------------------------------------------
def living(now: Initiative, id: str) -> Recommendation:
    """Return a recommendation that is still on its own way. Raises: Refused."""
    found = known(now.recommendations, id, "recommendation")
    require(found.living, LIVING, f"Recommendation {id}.")
    return found


def still_here(now: Initiative, id: str) -> Recommendation:
    """Return a living recommendation that has not gone to Track 1. Raises: Refused."""
    found = living(now, id)
    require(found.submitted_at is None, NOT_SUBMITTED, f"Recommendation {id}.")
    return found


def new_recommendation(now: Initiative, id: str) -> None:
    """Return if no recommendation has this id. Raises: Refused."""
    require(id not in now.recommendations, NEW_ID, f"Recommendation {id}.")


def authored(now: Initiative, authors: Collection[str]) -> None:
    """Return if there are authors and all are participants here. Raises: Refused."""
    require(bool(authors), AUTHORS)
    for person in authors:
        known(now.participants, person, "participant")


def known_parties(now: Initiative, parties: Collection[str]) -> None:
    """Return if all are parties of the charter. Raises: Refused."""
    strangers = sorted(one for one in parties if now.party(one) is None)
    require(not strangers, KNOWN_PARTY, f"Unknown: {', '.join(strangers)}.")


def no_vote(now: Initiative, said: Said) -> None:
    """Return unless a facilitator, in whatever role, reports an outcome. Raises: Refused."""
    role, _, person = said.by.partition(":")
    facilitators = [now.roles.get(Role.FACILITATOR), now.roles.get(Role.CO_FACILITATOR)]
    require(role not in ("facilitator", "co_facilitator") and person not in facilitators, NO_VOTE)


def parties_of(now: Initiative, persons: Collection[str]) -> tuple[str, ...]:
    """Return the parties these participants come from."""
    found = {now.participants[one].party for one in persons if one in now.participants}
    return tuple(sorted(filter(None, found)))


def moved(r: Recommendation, state: TransferState, said: Said, **ids: str) -> Recommendation:
    """Return the recommendation in another state; the history keeps every state it was in."""
    line = {"state": state.value, "at": said.at.isoformat(), "by": said.by, **ids}
    return r.but(state=state, states=(*r.states, line))


def concerned(now: Initiative, r: Recommendation) -> tuple[str, ...]:
    """Return who must clear the wording: every author who can still be asked at all."""
    gone = {p.person for p in now.participants.values() if p.standing == "died" or p.erased}
    return tuple(one for one in r.authors if one not in gone)


def uncleared(now: Initiative, r: Recommendation) -> tuple[str, ...]:
    """Return the authors who have not cleared the current version."""
    return tuple(one for one in concerned(now, r) if r.cleared.get(one) != r.version)


def is_cleared(now: Initiative, r: Recommendation) -> bool:
    """Every author who can be asked has cleared the current version, and nobody objects to it."""
    return bool(concerned(now, r)) and not uncleared(now, r) and not r.objected


def settled_state(now: Initiative, r: Recommendation, said: Said) -> Recommendation:
    """Return the recommendation as cleared, tested or draft, whichever its clearances make it by now."""
    if r.submitted_at is not None:
        return r
    state = TransferState.TESTED if r.tested_in else TransferState.DRAFT
    state = TransferState.CLEARED if is_cleared(now, r) else state
    return r if r.state is state else moved(r, state, said)


def is_actionable(r: Recommendation) -> bool:
    """It says who does what by when; a finding asks nobody to act."""
    return r.output in FINDINGS or (r.owner is not None and r.step is not None and r.horizon is not None)


def since(r: Recommendation, state: TransferState) -> datetime | None:
    """Return when it last came into this state."""
    found = [line["at"] for line in r.states if line["state"] == state.value]
    return datetime.fromisoformat(found[-1]) if found else None


class RecommendationMilestone(Milestone, abstract=True):
    """What all milestones about one recommendation share."""

    stage: ClassVar[Stage | None] = STAGE
    recommendation: Id

    def allow(self, now: Initiative, said: Said) -> None:
        still_here(now, self.recommendation)

    def changed(self, now: Initiative, **changes: Any) -> Initiative:
        return now.change("recommendations", self.recommendation, **changes)

    def of(self, now: Initiative) -> Recommendation:
        return now.recommendations[self.recommendation]


# --- milestones -------------------------------------------------------------------------------------------
class RecommendationDrafted(Milestone):
    """An output was drafted: an analysis, an option, a measure; never a binding agreement."""

    stage = STAGE
    recommendation: Id
    output: OutputKind
    authors: Ids
    text: Text | None = None
    owner: Id | None = None
    step: Text | None = None
    horizon: date | None = None
    issue: Issue | None = None
    origin: Literal["middle_ground"] | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        new_recommendation(now, self.recommendation)
        authored(now, self.authors)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        drafted = Recommendation(
            id=self.recommendation,
            output=self.output,
            authors=self.authors,
            parties=parties_of(now, self.authors),
            owner=self.owner,
            step=self.step,
            horizon=self.horizon,
            issue=self.issue,
            origin=self.origin,
            drafted_at=said.at,
        )
        drafted = drafted.but(actionable=is_actionable(drafted))
        return now.put("recommendations", self.recommendation, moved(drafted, TransferState.DRAFT, said))


class RecommendationRevised(RecommendationMilestone):
    """A recommendation was changed. New text is a new version, to be cleared anew; else clearances stay."""

    text: Text | None = None
    owner: Id | None = None
    step: Text | None = None
    horizon: date | None = None
    issue: Issue | None = None
    authors: Ids = ()

    def allow(self, now: Initiative, said: Said) -> None:
        still_here(now, self.recommendation)
        if self.authors:
            authored(now, self.authors)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = self.of(now)
        given = {n: v for n in ("owner", "step", "horizon", "issue") if (v := getattr(self, n)) is not None}
        revised = old.but(**given)
        if self.authors:
            revised = revised.but(authors=self.authors, parties=parties_of(now, self.authors))
        if self.text is not None:
            revised = revised.but(version=old.version + 1, revised_at=said.at, cleared={})
            revised = revised.but(objected=(), objected_at=None)
        revised = settled_state(now, revised.but(actionable=is_actionable(revised)), said)
        return now.put("recommendations", self.recommendation, revised)


class RecommendationScored(RecommendationMilestone):
    """A recommendation was held against the quality rubric: creative and realistic, 1 to 5 each."""

    creative: int = Field(ge=1, le=5)
    realistic: int = Field(ge=1, le=5)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if "quality_rubric" not in now.checklist:
            now = now.put("checklist", "quality_rubric", Ticked(at=said.at, by=said.by))
        return self.changed(now, rubric={"creative": self.creative, "realistic": self.realistic})


class OriginMarked(RecommendationMilestone):
    """Where an option comes from: the middle ground between stated positions, one of them, or outside."""

    origin: Literal["middle_ground", "one_position", "outside"]

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, origin=self.origin)


class RecommendationTested(RecommendationMilestone):
    """A recommendation was tried before it goes to Track 1, in a session or in a linked initiative."""

    session: Id | None = None
    initiative: InitiativeId | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        still_here(now, self.recommendation)
        require((self.session is None) is not (self.initiative is None), TESTED_WHERE)
        if self.session is not None:
            known(now.sessions, self.session, "session")
        if self.initiative is not None:
            require(self.initiative in now.links, TESTED_WHERE, f"{self.initiative} is not linked.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        where = self.session or self.initiative or ""
        tested = self.of(now).but(tested_in=(*self.of(now).tested_in, where))
        return now.put("recommendations", self.recommendation, settled_state(now, tested, said))


class WordingCleared(RecommendationMilestone):
    """A person agreed to the wording, as it stands in the current version."""

    person: Id
    version: int | None = None
    on_behalf_of_person: bool | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        found = still_here(now, self.recommendation)
        known(now.participants, self.person, "participant")
        require(self.version in (None, found.version), CURRENT_VERSION, f"Current is {found.version}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = self.of(now)
        objected = tuple(one for one in old.objected if one != self.person)
        cleared = old.but(
            cleared={**old.cleared, self.person: old.version},
            objected=objected,
            objected_at=old.objected_at if objected else None,
        )
        return now.put("recommendations", self.recommendation, settled_state(now, cleared, said))


class WordingObjected(WordingCleared):
    """A person does not agree to the wording. Nobody's silence counts as agreement."""

    def apply(self, now: Initiative, said: Said) -> Initiative:
        old = self.of(now)
        objecting = old.but(
            cleared={person: version for person, version in old.cleared.items() if person != self.person},
            objected=(*(one for one in old.objected if one != self.person), self.person),
            objected_at=old.objected_at or said.at,
        )
        return now.put("recommendations", self.recommendation, settled_state(now, objecting, said))
