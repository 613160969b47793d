"""Follow-up: what became of the recommendations, and what stays when the initiative ends.

Adoption is one outcome among several: influence, people who moved into office and a network that lasts count.
The last gate is the closing: every submitted recommendation has its final state, the network is handed over.
"""

from collections.abc import Iterator
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from domain.checklists import gate_finding, ticked_at
from domain.initiative import Initiative
from domain.nouns import Finding, Recommendation, Ticked
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages import transfer
from domain.stages.drafting import RecommendationMilestone, is_actionable, living, since
from domain.stages.transfer import ADOPTED, FINAL, S
from domain.values import Id, Text
from domain.vocabulary import Implemented, Role, Stage, Wave

PURPOSE = "Track 1's answer is followed to its end; insight, people and the network are handed on."
STAGE = Stage.FOLLOW_UP

# --- rules ------------------------------------------------------------------------------------------------
FINAL_STATE = rule(
    "close.final-states",
    "Every submitted recommendation has its final state.",
    "Report transfer_outcome_recorded; no_response is an outcome too.",
    "F2.10, F4",
)
HANDED_OVER = rule(
    "close.network-handed-over",
    "The network of experts has a custodian who keeps it together after the end.",
    "Report network_handed_over.",
    "A88",
)
ADOPTED_FIRST = rule(
    "follow_up.adopted-first",
    "Only what was adopted can be checked for its implementation.",
    "Report transfer_outcome_recorded first.",
    "B5, F4",
)
WAVE_ONCE = rule(
    "follow_up.wave-once",
    "That snapshot was taken.",
    "Take the next one: t0, mid, close, plus_12.",
    "B6",
)


# --- requirements and agenda ------------------------------------------------------------------------------
def requirements(now: Initiative) -> Iterator[Finding]:
    """Yield what the end needs. Rules: close.final-states, close.network-handed-over."""
    open_ones = [r.id for r in submitted(now) if r.state not in FINAL]
    why = f"Without outcome: {', '.join(open_ones)}." if open_ones else ""
    yield Finding(rule=FINAL_STATE.id, met=not open_ones, why=why)
    yield Finding(rule=HANDED_OVER.id, met="network_handed_over" in now.marks)
    yield from gate_finding(now, STAGE)


def submitted(now: Initiative) -> tuple[Recommendation, ...]:
    return tuple(r for r in now.recommendations.values() if r.submitted_at is not None)


def all_decided_at(now: Initiative) -> datetime | None:
    """Return since when nothing is waited for from Track 1; None while anything is."""
    if not submitted(now):
        left = [r for r in now.recommendations.values() if r.living and r.state not in FINAL]
        return None if left else now.stages[STAGE].opened_at
    decided = [r.decided_at for r in submitted(now) if r.state in FINAL and r.decided_at is not None]
    return max(decided) if len(decided) == len(submitted(now)) else None


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield the questions to Track 1, and what is owed once all of them are answered."""
    for r in now.recommendations.values():
        yield from transfer.chase(now, r)
        yield from _submission(now, r)
        yield from _implementation(now, r)
        yield from _support_lost(now, r)
    done_at = all_decided_at(now)
    if done_at is None:
        return
    if "network_handed_over" not in now.marks:
        yield owed(now, "hand_over_network", Role.MANAGER, "task", done_at, STAGE)
    if wave_mark(Wave.CLOSE) not in now.marks:
        yield owed(now, "evaluate", Role.EVALUATION_LEAD, "evaluation", done_at, STAGE, "close", wave="close")
    if all(finding.met for finding in requirements(now)):
        handed_over = now.marks["network_handed_over"]
        ready_at = max(done_at, handed_over, *ticked_at(now, STAGE))
        yield owed(now, "decide_closing", Role.MANAGER, "gate", ready_at, STAGE)


def _submission(now: Initiative, r: Recommendation) -> Iterator[Obligation]:
    """Yield the handing over of what is cleared, once its embargo is over."""
    cleared_at, opened_at = since(r, S.CLEARED), now.stages[STAGE].opened_at
    if not r.living or r.state is not S.CLEARED or cleared_at is None or opened_at is None:
        return
    liaison = now.person(now.holder(Role.TRACK1_LIAISON) or "")
    anchor = max(cleared_at, opened_at)
    if r.embargo_until is not None:
        anchor = max(anchor, datetime.combine(r.embargo_until, time.min, ZoneInfo(liaison.zone)))
    ask = "submit_recommendation" if is_actionable(r) else "make_actionable"
    yield owed(now, ask, Role.TRACK1_LIAISON, "task", anchor, STAGE, r.id, str(r.version), recommendation=r.id)


def _implementation(now: Initiative, r: Recommendation) -> Iterator[Obligation]:
    """Yield the check whether an adoption was followed by deeds; what is done in part is looked at again."""
    if r.state not in ADOPTED or r.decided_at is None or r.implemented in (Implemented.YES, Implemented.NO):
        return
    anchor = r.implementation_checked_at or r.decided_at
    ids = (r.id, anchor.date().isoformat())
    body = r.adopted_by or ""  # E3.19: whoever adopted it is asked about, not whoever was addressed
    yield owed(
        now, "check_implementation", Role.TRACK1_LIAISON, "implementation", anchor, STAGE, *ids,
        recommendation=r.id, body=body,
    )  # fmt: skip


def _support_lost(now: Initiative, r: Recommendation) -> Iterator[Obligation]:
    """Yield who hears that a party no longer stands behind what was handed over (E3.21)."""
    if r.submitted_at is None:
        return
    for party, endorsement in r.endorsements.items():
        on = endorsement.withdrawn_on
        if on is not None:
            ids = (r.id, party, on.isoformat())
            yield owed(
                now, "support_withdrawn", Role.TRACK1_LIAISON, "tell", on, STAGE, *ids,
                recommendation=r.id, party=party,
            )  # fmt: skip


def wave_mark(wave: Wave) -> str:
    return f"evaluation:{wave.value}"


# --- milestones: after the transfer -----------------------------------------------------------------------
class AgendaEntered(RecommendationMilestone):
    """A recommendation came onto the agenda of Track 1."""

    stage = None  # it may come early
    office: Id | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        living(now, self.recommendation)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, agenda_entered_at=said.at)


class InfluenceNoted(Milestone):
    """Officials speak in new terms without having adopted anything: reframed language was seen."""

    recommendation: Id | None = None
    evidence: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        if self.recommendation is not None:
            living(now, self.recommendation)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        now = now.mark("influence_noted", said.at)
        if self.recommendation is None:
            return now
        noted = now.recommendations[self.recommendation].influence + 1
        return now.change("recommendations", self.recommendation, influence=noted)


class PersonMovedNoted(Milestone):
    """A participant moved into a place where ideas are decided on: transfer of people, not of paper."""

    person: Id
    office: Id | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"person_moved:{self.person}", said.at)


class ImplementationChecked(RecommendationMilestone):
    """Somebody looked whether an adopted recommendation was carried out: yes, partly, no."""

    stage = STAGE
    implemented: Implemented
    evidence: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        found = living(now, self.recommendation)
        require(found.state in ADOPTED, ADOPTED_FIRST, f"{found.id} is {found.state}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, implemented=self.implemented, implementation_checked_at=said.at)


class InsightDelivered(Milestone):
    """Decision-makers were told what civil society sees, with or without a recommendation."""

    office: Id
    channel: Id | None = None
    recommendation: Id | None = None
    insight: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        if self.recommendation is not None:
            living(now, self.recommendation)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"insight:{self.office}", said.at)


# --- milestones: what stays -------------------------------------------------------------------------------
class NetworkHandedOver(Milestone):
    """The network of analysts and experts has a custodian who keeps it together after the end."""

    custodian: Id

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark("network_handed_over", said.at).mark(f"custodian:{self.custodian}", said.at)


class EvaluationRecorded(Milestone):
    """A snapshot of the evaluation was taken: at the start, midway, at the close, a year later."""

    closed_too = True
    wave: Wave
    form: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        require(wave_mark(self.wave) not in now.marks, WAVE_ONCE, f"Wave {self.wave}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if self.wave is Wave.CLOSE:
            now = tick_item(now, "evaluation", said)
        return now.mark(wave_mark(self.wave), said.at)


class LessonRecorded(Milestone):
    """Something learned was written down for the next initiative: the memory of the institution."""

    closed_too = True
    kind_of: Literal["lesson", "template", "policy"] = "lesson"
    lesson: Text

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return tick_item(now, "lessons", said).mark("lesson_recorded", said.at)


class PolicyAdopted(Milestone):
    """An organisation made dialogue of this kind part of how it works, not a one-off."""

    closed_too = True
    institution: Id
    policy: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"policy:{self.institution}", said.at)


def tick_item(now: Initiative, item: str, said: Said) -> Initiative:
    """Return the initiative with a checklist item ticked, unless it stands there already."""
    return now if item in now.checklist else now.put("checklist", item, Ticked(at=said.at, by=said.by))
