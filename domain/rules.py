"""Every rule has an id, a sentence a manager understands, what would satisfy it, and its source."""

import dis
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple


class Rule(NamedTuple):
    """One rule: `id` is the contract (`stage.rule-name`), the rest is said to people."""

    id: str
    says: str
    satisfy: str
    source: str


RULES: dict[str, Rule] = {}


def rule(id: str, says: str, satisfy: str, source: str) -> Rule:
    """Enter a rule in the book; an id stands there once."""
    if id in RULES:
        raise ValueError(f"rule {id} is written twice")
    RULES[id] = Rule(id, says, satisfy, source)
    return RULES[id]


class Refused(Exception):
    """A report that a rule refuses. Nothing has changed. `why` names ids only, never people or words."""

    def __init__(self, rule: Rule, why: str = "") -> None:
        self.rule = rule
        self.why = f"{rule.says} {why}".strip()
        super().__init__(f"{rule.id}: {self.why}")


def require(holds: bool, rule: Rule, why: str = "") -> None:
    """Refuse by this rule unless it holds. Raises: Refused."""
    if not holds:
        raise Refused(rule, why)


def rules_named_in(function: Any, seen: set[CodeType] | None = None) -> set[str]:
    """Return the ids of the rules a function may refuse by, read from its own code and from what it calls.

    The catalogue (`jisr milestones`) is made from this, so it cannot disagree with what the code does.
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
                found |= rules_named_in(value, seen)
    return found


def _used(code: CodeType, names: dict[str, Any]) -> Iterator[Any]:
    """Yield what a piece of code takes from its module's names, and from modules among them.

    Names are told from attributes by the instructions themselves: `now.stalled` is not `stalled()`.
    """
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
