"""The milestones and rules as the source knows them: where each stands, and which rules a function names."""

import ast
import dis
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from docs.generators.words import ROOT
from domain import composition, conduct, decide, journal, lifecycle
from domain.record import INVALID, MILESTONES, Milestone
from domain.rules import RULES, Rule
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
    found = named_in(milestone.allow)
    if milestone.needs_reason:
        found.add(decide.REASON_REQUIRED.id)
    if milestone.stage is not None:
        found.add(lifecycle.STAGE_NOT_OPEN.id)
    return frozenset(found - set(GENERAL))


def named_in(function: Any, seen: set[CodeType] | None = None) -> set[str]:
    """Return the rules a function names: its own, and those of the functions it calls, here and in other modules.

    Names are told from attributes by the instructions themselves, so `now.stalled` is not taken for `stalled()`.
    """
    seen = set() if seen is None else seen
    function = getattr(function, "__func__", function)
    if not isinstance(function, FunctionType) or function.__code__ in seen:
        return set()
    seen.add(function.__code__)
    found: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        found |= {constant for constant in code.co_consts if isinstance(constant, str) and constant in RULES}
        for value in _used(code, function.__globals__):
            if isinstance(value, Rule):
                found.add(value.id)
            elif isinstance(value, FunctionType) and value.__module__.startswith("domain."):
                found |= named_in(value, seen)
    return found


def _used(code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
    """Yield what a piece of code takes from its module's names, and from modules among them."""
    value: Any = None
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            value = names.get(step.argval)
            yield value
        elif step.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(value, ModuleType):
            value = getattr(value, step.argval, None)
            yield value
        else:
            value = None


@cache
def gate_rules(stage: Stage) -> tuple[str, ...]:
    """Return the rules the gate of a stage asks for, by id."""
    found = named_in(lifecycle.TABLE[stage].requirements)
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
