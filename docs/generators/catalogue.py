"""The milestones and rules as the source knows them: where each stands, and which rules a function names."""

import ast
from functools import cache
from pathlib import Path
from typing import Any

from docs.generators.words import ROOT
from domain import composition, conduct, decide, journal, lifecycle
from domain.record import INVALID, MILESTONES, Milestone
from domain.rules import RULES, rules_named_in
from domain.stages import charter_changes, checklist_milestones
from domain.vocabulary import Stage

GENERAL = (
    INVALID.id, decide.KEY_REUSED.id, decide.IN_THE_FUTURE.id, decide.BEFORE_OPENING.id, decide.CLOSED.id,
    journal.UNEXPECTED.id,
)  # fmt: skip
# What may happen in any stage: the conduct, the moves between stages, checklists and amendments.
ANY_STAGE = (*(m.__name__ for m in conduct.MODULES), "domain.conduct.reach", lifecycle.__name__,
             checklist_milestones.__name__, charter_changes.__name__)  # fmt: skip


def by_module() -> dict[str, list[type[Milestone]]]:
    """Return the milestones module by module, in the order of the source."""
    found: dict[str, list[type[Milestone]]] = {}
    for one in MILESTONES.values():
        found.setdefault(one.__module__, []).append(one)
    return {name: found[name] for name in sorted(found)}


def stage_of(module: str) -> Stage | None:
    """Return the stage a module belongs to; None for what may happen in any stage."""
    if module in ANY_STAGE:
        return None
    return getattr(_module(module), "STAGE", None) or _PLACES[module]


_PLACES = {
    "domain.stages.concept_design": Stage.CONCEPT,
    "domain.stages.concept_setting": Stage.CONCEPT,
    "domain.stages.payees": Stage.PARTNERS,
    "domain.stages.agreeing": Stage.RECOMMENDATIONS,
    "domain.stages.lineage": Stage.RECOMMENDATIONS,
}


def _module(name: str) -> Any:
    import importlib  # noqa: PLC0415  only here

    return importlib.import_module(name)


# --- rules ----------------------------------------------------------------------------------------------------------
@cache
def may_refuse(milestone: type[Milestone]) -> frozenset[str]:
    """Return the rules that may refuse this milestone beyond those every report may meet."""
    found = rules_named_in(milestone.allow)
    if milestone.needs_reason:
        found.add(decide.REASON_REQUIRED.id)
    if milestone.stage is not None:
        found.add(lifecycle.STAGE_NOT_OPEN.id)
    return frozenset(found - set(GENERAL))


@cache
def gate_rules(stage: Stage) -> tuple[str, ...]:
    """Return the rules the gate of a stage asks for, by id."""
    found = rules_named_in(lifecycle.TABLE[stage].requirements)
    return tuple(id for id in sorted(RULES) if id in found and id not in composition.WARNS)


# --- tests ----------------------------------------------------------------------------------------------------------
@cache
def tests() -> dict[str, frozenset[str]]:
    """Return every test as `tests/domain/test_x.py::test_name` with the words that stand in it."""
    found: dict[str, frozenset[str]] = {}
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                spoken = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
                found[f"{_under_root(file)}::{node.name}"] = frozenset(one for one in spoken if isinstance(one, str))
    return found


def _under_root(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def tests_naming(rule: str) -> list[str]:
    return [name for name, spoken in tests().items() if rule in spoken]
