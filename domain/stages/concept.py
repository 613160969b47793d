"""Concept: what the dialogue is for, why it should work, who convenes it, and whether the parties bear that.

Gate: a written theory of change, a purpose beyond acquaintance, external relations, a convenor each party was
asked about, the checklist. Readiness is advice; an urgent start puts the starred items off, as tasks.
The milestones: concept_design (what it says), concept_setting (what it stands among).
"""

from collections.abc import Iterator
from datetime import datetime

from domain.checklists import gate_finding
from domain.initiative import Initiative
from domain.nouns import Finding
from domain.obligations import Obligation, owed
from domain.rules import rule
from domain.stages import charter_changes
from domain.stages.checklist_milestones import checklist_owed
from domain.stages.concept_design import FOR_DIALOGUE, SERVES_DIALOGUE, THEORY
from domain.stages.concept_setting import CONVENOR, LOCAL_REASON, reason_given, unasked
from domain.vocabulary import Acceptance, Role, Stage

PURPOSE = "The dialogue has a purpose, a theory of change, and a convenor the parties can bear."
STAGE = Stage.CONCEPT

EXTERNAL = rule(
    "concept.external-relations",
    "The initiative is about external relations; domestic reconciliation is out of scope.",
    "Narrow the subject and report scope_checked with external=true, or stop here.",
    "A11",
)
ASKED = rule(
    "concept.convenor-acceptability",
    "Every party was asked whether it accepts the convenor.",
    "Report acceptability_recorded for each party named.",
    "A27",
)

# What each unmet requirement asks the manager for.
ASKS = {
    THEORY.id: "write_theory",
    SERVES_DIALOGUE.id: "revise_purpose",
    EXTERNAL.id: "check_scope",
    LOCAL_REASON.id: "justify_convenor",
}


def requirements(now: Initiative) -> Iterator[Finding]:
    """Yield what the gate needs. Rules: the concept's own, and gate.checklist."""
    yield from _of_its_own(now)
    left = tuple(unasked(now, CONVENOR))
    yield Finding(rule=ASKED.id, met=not left, why=f"Not asked: {', '.join(left)}." if left else "")
    yield from gate_finding(now, STAGE)


def _of_its_own(now: Initiative) -> Iterator[Finding]:
    charter = now.charter
    yield Finding(rule=THEORY.id, met=now.theory_version > 0)
    yield Finding(rule=SERVES_DIALOGUE.id, met=bool(FOR_DIALOGUE & set(charter.purposes)))
    yield Finding(rule=EXTERNAL.id, met=charter.external)
    yield Finding(rule=LOCAL_REASON.id, met=reason_given(charter))


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what the concept still lacks, and what the parties must still be asked."""
    state = now.stages[STAGE]
    opened = state.opened_at or now.opened_at
    for finding in _of_its_own(now):
        if now.is_open(STAGE) and not finding.met:
            yield owed(now, ASKS[finding.rule], Role.MANAGER, "task", opened, STAGE, str(state.round))
    yield from checklist_owed(now, STAGE)
    changed = now.marks.get("convenor_changed")
    occasion = (changed.strftime("%Y%m%dT%H%M%S"),) if changed else ()
    yield from _acceptance(now, CONVENOR, changed or now.opened_at, *occasion)
    for donor in now.charter.donors:
        yield from _acceptance(now, donor, now.marks.get(f"donor:{donor}", now.opened_at))
    for mark, at in now.marks.items():
        found = mark.removeprefix("overlap:")
        if found != mark and found not in now.links:
            yield owed(now, "coordinate_overlap", Role.MANAGER, "task", at, STAGE, found, initiative=found)


def _acceptance(now: Initiative, of: str, since: datetime, *occasion: str) -> Iterator[Obligation]:
    """Yield whom to ask about the convenor or a donor, and whose objection waits to be settled."""
    for party in unasked(now, of):
        ids = (party, of, *occasion)
        yield owed(now, "ask_acceptability", Role.MANAGER, "gate", since, STAGE, *ids, party=party, of=of)
    for party in (one.id for one in now.charter.parties):
        if now.acceptability.get(f"{party}:{of}") == Acceptance.OBJECTS:
            at = now.marks[f"accepts:{party}:{of}"]
            ids = (party, of, at.strftime("%Y%m%dT%H%M%S"))
            yield owed(now, "settle_objection", Role.MANAGER, "task", at, STAGE, *ids, party=party, of=of)


# charter_changes is imported so that its milestones stand in the catalogue
__all__ = ["PURPOSE", "STAGE", "agenda", "charter_changes", "requirements"]
