"""What a programme manager ticks off per stage, each with evidence or waived with a reason. Source: B3."""

from collections.abc import Iterator
from datetime import datetime

from domain.initiative import Initiative
from domain.nouns import Finding
from domain.vocabulary import Stage

# Items marked with * may be done after the gate when the start was urgent: they become completion tasks.
CHECKLISTS: dict[Stage, tuple[str, ...]] = {
    Stage.CONCEPT: (
        "conflict_analysis*", "stakeholder_map*", "prior_efforts*", "do_no_harm_screen", "duplication_check",
        "exit_criteria*", "budget_envelope*", "design_argument",
    ),
    Stage.PARTNERS: ("visibility_terms", "data_terms", "funds_terms"),
    Stage.VETTING: ("nomination_sources", "safety_consultation", "diversity_matrix"),
    Stage.SESSIONS: (),
    Stage.RECOMMENDATIONS: ("quality_rubric",),
    Stage.FOLLOW_UP: ("debriefing", "evaluation", "retention_run", "lessons"),
}  # fmt: skip


def known_items(now: Initiative, stage: Stage) -> frozenset[str]:
    """Return every item that may be ticked at a stage, waived ones included."""
    every = (*CHECKLISTS[stage], *now.charter.checklists.get(stage.value, ()))
    return frozenset(item.rstrip("*") for item in every)


def items(now: Initiative, stage: Stage) -> tuple[str, ...]:
    """Return the items of a stage's checklist, the charter's own included, without those it waived."""
    every = (*CHECKLISTS[stage], *now.charter.checklists.get(stage.value, ()))
    return tuple(item for item in every if item.rstrip("*") not in now.charter.waived)


def missing(now: Initiative, stage: Stage) -> tuple[str, ...]:
    """Return the items nobody has ticked or waived."""
    return tuple(item.rstrip("*") for item in items(now, stage) if item.rstrip("*") not in now.checklist)


def ticked_at(now: Initiative, stage: Stage) -> tuple[datetime, ...]:
    """Return when the items of a stage's checklist were done or waived."""
    return tuple(now.checklist[item].at for item in known_items(now, stage) if item in now.checklist)


def gate_finding(now: Initiative, stage: Stage) -> Iterator[Finding]:
    """Yield whether the checklist lets the gate pass; an urgent start puts the starred items off."""
    if not items(now, stage):
        return
    put_off = {i.rstrip("*") for i in items(now, stage) if i.endswith("*")} if now.charter.urgent else set()
    left = [item for item in missing(now, stage) if item not in put_off]
    yield Finding(rule="gate.checklist", met=not left, why=f"Open: {', '.join(left)}." if left else "")


def put_off(now: Initiative, stage: Stage) -> tuple[str, ...]:
    """Return the items an urgent start still owes."""
    if not now.charter.urgent:
        return ()
    starred = {i.rstrip("*") for i in items(now, stage) if i.endswith("*")}
    return tuple(item for item in missing(now, stage) if item in starred)
