"""THE TABLE: the six stages in story order, what each gate needs, and how an initiative moves through them.

Stages are a guide, not a script: they may be begun early, skipped, repeated and reopened, each with a reason.
A gate is a decision by people; it may be `go` only while nothing holds it. What it saw is kept for ever.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Literal, NamedTuple

from domain.checklists import ticked_at
from domain.engine_facts import StageDone, StageOpened
from domain.initiative import STAGES, Initiative
from domain.nouns import Finding
from domain.obligations import Obligation, owed
from domain.record import EngineFact, Milestone, Said
from domain.rules import Refused, require, rule
from domain.stages import concept, follow_up, partners, recommendations, sessions, vetting
from domain.stages.drafting import since
from domain.vocabulary import Role, Stage, StageStatus, TransferState


class StageRow(NamedTuple):
    """One row: what a stage is for, what its gate needs, what it asks of whom."""

    stage: Stage
    purpose: str
    requirements: Callable[[Initiative], Iterable[Finding]]
    agenda: Callable[[Initiative], Iterable[Obligation]]


TABLE: dict[Stage, StageRow] = {
    row.stage: row
    for row in (
        StageRow(Stage.CONCEPT, concept.PURPOSE, concept.requirements, concept.agenda),
        StageRow(Stage.PARTNERS, partners.PURPOSE, partners.requirements, partners.agenda),
        StageRow(Stage.VETTING, vetting.PURPOSE, vetting.requirements, vetting.agenda),
        StageRow(Stage.SESSIONS, sessions.PURPOSE, sessions.requirements, sessions.agenda),
        StageRow(
            Stage.RECOMMENDATIONS,
            recommendations.PURPOSE,
            recommendations.requirements,
            recommendations.agenda,
        ),
        StageRow(Stage.FOLLOW_UP, follow_up.PURPOSE, follow_up.requirements, follow_up.agenda),
    )
}

GATE_REQUIREMENTS = rule(
    "gate.requirements",
    "The gate cannot be passed yet: something it needs is missing.",
    "See `jisr show ID` for what is missing; report it, waive a checklist item with a reason, or skip the stage.",
    "B3",
)
GATE_HELD = rule(
    "gate.held-by-incident",
    "An open incident holds the next gate.",
    "Resolve the incident (incident_resolved), or repair the composition; what was decided before stays as it is.",
    "F2.4, decision 7",
)
STAGE_NOT_OPEN = rule(
    "stage.not-open",
    "That stage has not begun.",
    "Pass the gate of the stage before, or begin it early with stage_begun_early and a reason.",
    "A39",
)
STAGE_STATUS = rule(
    "stage.status",
    "The stage does not stand where this milestone needs it.",
    "See where it stands with `jisr show ID`.",
    "A39",
)


def requirements(now: Initiative, stage: Stage) -> tuple[Finding, ...]:
    """Return what the gate of this stage needs and whether it is there."""
    return tuple(TABLE[stage].requirements(now))


def held_by(now: Initiative) -> tuple[str, ...]:
    """Return the ids of the incidents that hold the next gate."""
    return tuple(incident.id for incident in now.open_incidents if incident.holds)


def next_stage(now: Initiative, after: Stage) -> Stage | None:
    """Return the first stage after this one that has not begun."""
    later = STAGES[STAGES.index(after) + 1 :]
    return next((stage for stage in later if now.stages[stage].status is StageStatus.WAITING), None)


def opened_after(now: Initiative, stage: Stage) -> tuple[EngineFact, ...]:
    """Return the opening of what follows, unless a later stage is open already."""
    following = next_stage(now, stage)
    later = STAGES[STAGES.index(stage) + 1 :]
    if following is None or any(now.is_open(one) for one in later if STAGES.index(one) < STAGES.index(following)):
        return ()
    return (StageOpened(stage=following),)


def agenda(now: Initiative) -> list[Obligation]:
    """Return the gate decisions that wait to be taken: everything is there, nobody has decided."""
    waiting = []
    for stage in STAGES[:-1]:
        state = now.stages[stage]
        ready = state.status is StageStatus.OPEN and state.opened_at and _all_met(now, stage)
        if ready and state.opened_at is not None and not more_to_come(now, stage):
            ids = (stage.value, str(state.round))
            ready_at = max(state.opened_at, ready_since(now, stage))
            waiting.append(owed(now, "decide_gate", Role.MANAGER, "gate", ready_at, stage, *ids, of=stage.value))
    return waiting


def _all_met(now: Initiative, stage: Stage) -> bool:
    """Tell whether the gate has all it needs; the first thing missing ends the look."""
    return all(finding.met for finding in TABLE[stage].requirements(now))


def more_to_come(now: Initiative, stage: Stage) -> bool:
    """Tell whether the stage goes on although its gate might be passed: meetings ahead, texts still being cleared."""
    if stage is Stage.SESSIONS:
        return any(s.status in ("scheduled", "unscheduled") for s in now.sessions.values())
    if stage is Stage.RECOMMENDATIONS:
        return any(
            r.living and r.state in (TransferState.DRAFT, TransferState.TESTED) for r in now.recommendations.values()
        )
    return False


def ready_since(now: Initiative, stage: Stage) -> datetime:
    """Return when the last thing the gate needs was reported: the decision is not late before that."""
    moments: list[datetime | None] = [*ticked_at(now, stage), *(one.resolved_at for one in now.incidents.values())]
    if stage is Stage.CONCEPT:
        moments += [at for mark, at in now.marks.items() if mark.startswith(("accepts:", "scope_checked"))]
        moments += [datetime.fromisoformat(one["at"]) for one in now.theory_history]
    elif stage is Stage.PARTNERS:
        moments += [at for p in now.partners.values() for at in (p.signed_at, p.screened_at)]
    elif stage is Stage.VETTING:
        moments += [at for p in now.participants.values() for at in (p.decided_at, p.left_at)]
    elif stage is Stage.SESSIONS:
        moments += [at for s in now.sessions.values() for at in (s.closed_at, s.report_filed_at, s.report_waived_at)]
    elif stage is Stage.RECOMMENDATIONS:
        moments += [since(r, TransferState.CLEARED) for r in now.recommendations.values()]
    return max((at for at in moments if at is not None), default=now.opened_at)


# --- milestones ---------------------------------------------------------------------------------------------------
OpenStage = Literal["concept", "partners", "vetting", "sessions", "recommendations", "follow_up"]


class GateDecided(Milestone):
    """The gate of a stage was decided: go on, revise, or stop here."""

    of: OpenStage
    decision: Literal["go", "revise", "no_go"]

    def allow(self, now: Initiative, said: Said) -> None:
        stage = Stage(self.of)
        status = now.stages[stage].status
        require(status is not StageStatus.WAITING, STAGE_NOT_OPEN, f"{stage} is {status}.")
        require(status is StageStatus.OPEN, STAGE_STATUS, f"{stage} is {status}; repeat or reopen it first.")
        if self.decision != "go":
            return
        holding = held_by(now)
        require(not holding, GATE_HELD, f"Held by {', '.join(holding)}.")
        missing = [f for f in requirements(now, stage) if not f.met]
        require(not missing, GATE_REQUIREMENTS, " ".join(f"{f.rule}: {f.why}".strip() for f in missing))

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        stage = Stage(self.of)
        if self.decision != "go":
            return ()
        done = StageDone(stage=stage, findings=requirements(before, stage))
        return (done, *opened_after(done.apply(after, said), stage))


class StageSkipped(Milestone):
    """A stage is left out, with a reason. Its gate counts as passed, unseen."""

    needs_reason = True
    of: OpenStage

    def allow(self, now: Initiative, said: Said) -> None:
        status = now.stages[Stage(self.of)].status
        require(status in (StageStatus.WAITING, StageStatus.OPEN), STAGE_STATUS, f"{self.of} is {status}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("stages", Stage(self.of), status=StageStatus.SKIPPED, done_at=said.at)

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        stage = Stage(self.of)
        was_open = before.stages[stage].status is StageStatus.OPEN
        return opened_after(after, stage) if was_open else ()


class StageBegunEarly(Milestone):
    """A later stage begins while earlier ones go on, with a reason: overlaps are normal."""

    needs_reason = True
    of: OpenStage

    def allow(self, now: Initiative, said: Said) -> None:
        status = now.stages[Stage(self.of)].status
        require(status in (StageStatus.WAITING, StageStatus.SKIPPED), STAGE_STATUS, f"{self.of} is {status}.")

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        return (StageOpened(stage=Stage(self.of), early=True),)


class StageRepeated(Milestone):
    """A stage that was done begins a new round, with a reason; what the old round decided stays."""

    needs_reason = True
    of: OpenStage

    def allow(self, now: Initiative, said: Said) -> None:
        status = now.stages[Stage(self.of)].status
        require(status is StageStatus.DONE, STAGE_STATUS, f"{self.of} is {status}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        stage = Stage(self.of)
        return now.change("stages", stage, round=now.stages[stage].round + 1)

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        return (StageOpened(stage=Stage(self.of)),)


class StageReopened(Milestone):
    """A stage that was done or skipped is taken up again in the same round, with a reason."""

    needs_reason = True
    of: OpenStage

    def allow(self, now: Initiative, said: Said) -> None:
        status = now.stages[Stage(self.of)].status
        require(status in (StageStatus.DONE, StageStatus.SKIPPED), STAGE_STATUS, f"{self.of} is {status}.")

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        return (StageOpened(stage=Stage(self.of)),)


__all__ = ["TABLE", "Refused", "StageRow", "agenda", "held_by", "next_stage", "requirements"]
