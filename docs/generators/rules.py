"""docs/rules.md: the rulebook. Every rule, what satisfies it, where it comes from, what it may refuse, who tests it."""

import re
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from docs.generators import catalogue
from docs.generators.words import kind_link, words
from domain import access as _access  # noqa: F401  its rules stand in the book, too
from domain import composition, decide
from domain.initiative import STAGES
from domain.record import MILESTONES
from domain.rules import RULES, Rule

SOURCES = Path(__file__).resolve().parents[1] / "sources.yaml"


def page() -> str:
    lines = [
        "# The rulebook",
        "",
        "A refusal names its rule by the id below; the id never changes its meaning. Nothing has changed when a",
        f"report is refused. There are {len(RULES)} rules.",
        "",
    ]
    for room, rules in groupby(sorted(RULES.values(), key=lambda one: one.id), key=lambda one: one.id.split(".")[0]):
        lines += [f"## {words(room).capitalize()}", ""]
        for one in rules:
            lines += _section(one)
    return "\n".join(lines)


def _section(one: Rule) -> list[str]:
    tests = [f"`{name}`" for name in catalogue.tests_naming(one.id)]
    return [
        f"### {one.id}",
        "",
        f"**{one.says}**",
        "",
        f"- What satisfies it: {one.satisfy}",
        f"- Where it comes from: {'; '.join(_source(part) for part in re.split(r', ', one.source))}.",
        f"- Where it speaks: {_where(one.id)}",
        f"- Tests that name it: {', '.join(tests) or 'none yet'}",
        "",
    ]


def _where(id: str) -> str:
    if id in catalogue.GENERAL:
        after = " unless it is said to be possible after the end" if id == decide.CLOSED.id else ""
        return f"it may refuse any milestone{after}."
    said = []
    kinds = [kind for kind, one in MILESTONES.items() if id in catalogue.may_refuse(one)]
    if id == decide.REASON_REQUIRED.id:
        said.append("it may refuse every milestone that needs a reason")
    elif id == "stage.not-open" and len(kinds) > 12:
        said.append("it may refuse every milestone that belongs to a stage, and `gate_decided`")
    elif kinds:
        said.append(f"it may refuse {', '.join(kind_link(kind) for kind in sorted(kinds))}")
    gates = [words(stage.value) for stage in STAGES if id in catalogue.gate_rules(stage)]
    if gates:
        said.append(f"the gate of {', '.join(gates)} asks for it")
    if id in {one.id for one in composition.ALL}:
        held = "warns only" if id in composition.WARNS else "opens an incident and holds the next gate"
        said.append(f"it is looked at after every fact from the vetting gate on; a break {held}")
    if id in SPOKEN_OTHERWISE:
        said.append(SPOKEN_OTHERWISE[id])
    text = "; ".join(said) or "any report that cannot be read"
    return f"{text}."


# Rules that refuse before a milestone is known.
SPOKEN_OTHERWISE = {
    "report.unknown-kind": "it refuses a report whose kind is not in the catalogue",
}


@cache
def sources() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))
    return found


def _source(part: str) -> str:
    """Return a source in words: a line of the paper, or what practice, edge cases and invariants say."""
    line = re.fullmatch(r"A(\d+)", part)
    if line:
        return f"[line {line[1]} of the paper](paper.md#line-{line[1]})"
    return str(sources()[part])
