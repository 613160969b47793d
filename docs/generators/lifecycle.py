"""docs/lifecycle.md: the table of stages, their gates, milestones and obligations; what holds in any stage."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from itertools import pairwise
from types import ModuleType
from typing import Any, get_args

from docs.generators import catalogue
from docs.generators.obligations import Asked, asked
from docs.generators.words import ROOT, first_sentence, rule_link, slug, table, words
from domain import nouns, vocabulary
from domain.charter import SIDE_TRACKS, TRACK_DEFAULTS, Charter
from domain.checklists import CHECKLISTS
from domain.initiative import STAGES
from domain.ladders import LADDERS, Ladder, Rung, parts
from domain.lifecycle import TABLE
from domain.record import ENGINE_FACTS, MILESTONES, Milestone
from domain.stage_models import STAGE_MODELS
from domain.vocabulary import Act, Stage, StallPolicy


def page() -> str:
    contents = [
        *(f"{number}. {title(stage)}" for number, stage in enumerate(STAGES, 1)),
        *("In any stage", "Ladders", "Stage models", "Side tracks", "Defaults per track", "Words for states"),
        "What the engine writes down itself",
    ]
    return "\n".join(
        [
            "# The life of an initiative",
            "",
            "This is the table the engine runs on, told in words. Stages are a guide: with a reason they may be",
            "begun early, skipped, repeated and reopened. A gate is a decision by people (`gate_decided`); it may",
            "be `go` only while everything it asks for is there and no open incident holds it.",
            "",
            *(f"- [{one}](#{slug(one)})" for one in contents),
            "",
            diagram(),
            *(stage_section(number, stage) for number, stage in enumerate(STAGES, 1)),
            any_stage(),
            ladders(),
            stage_models(),
            side_tracks(),
            defaults(),
            states(),
            engine_facts(),
        ]
    )


def title(stage: Stage) -> str:
    return words(stage.value).capitalize()


# --- the picture ----------------------------------------------------------------------------------------------------
def diagram() -> str:
    """Return the stages and what moves between them; every word on an arrow is a milestone of the catalogue."""
    go, stall, resume, close, reopen = (
        MILESTONES[kind].kind
        for kind in ("gate_decided", "stall_declared", "stall_resumed", "initiative_closed", "initiative_reopened")
    )
    chain = [f"        {one} --> {after}: {go} go" for one, after in pairwise(STAGES)]
    return "\n".join(
        [
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> live",
            "    state live {",
            f"        [*] --> {STAGES[0]}",
            *chain,
            "    }",
            f"    live --> stalled: {stall}",
            f"    stalled --> live: {resume}",
            f"    live --> closed: {close}",
            f"    stalled --> closed: {close}",
            f"    closed --> live: {reopen}",
            "```",
            "",
        ]
    )


# --- one stage ------------------------------------------------------------------------------------------------------
def stage_section(number: int, stage: Stage) -> str:
    modules = {name: kinds for name, kinds in catalogue.by_module().items() if catalogue.stage_of(name) is stage}
    owed = [one for one in asked() if catalogue.stage_of(one.module) is stage]
    owed += [one for one in asked() if one.ask == f"complete_{stage.value}" and _starred(stage)]
    return "\n".join(
        [
            f"## {number}. {title(stage)}",
            "",
            TABLE[stage].purpose,
            "",
            "### What the end needs" if stage is STAGES[-1] else f"### What the {words(stage.value)} gate needs",
            "",
            table(("rule", "what it says"), [(rule_link(id), _says(id)) for id in catalogue.gate_rules(stage)]),
            _checklist(stage),
            f"### Milestones of {words(stage.value)}",
            "",
            *(_module_section(name, kinds) for name, kinds in modules.items()),
            f"### What {words(stage.value)} asks for",
            "",
            obligations(owed),
        ]
    )


def _says(id: str) -> str:
    from domain.rules import RULES  # noqa: PLC0415  next to its only use

    return RULES[id].says


def _starred(stage: Stage) -> bool:
    return any(item.endswith("*") for item in CHECKLISTS[stage])


def _checklist(stage: Stage) -> str:
    items = CHECKLISTS[stage]
    if not items:
        return "The checklist of this stage is empty; a charter may add items.\n"
    said = ", ".join(f"`{item.rstrip('*')}`{' (*)' if item.endswith('*') else ''}" for item in items)
    put_off = " What is marked (*) may follow after an urgent start." if _starred(stage) else ""
    return f"Checklist, ticked with evidence or waived with a reason: {said}.{put_off}\n"


def _module_section(name: str, kinds: list[type[Milestone]]) -> str:
    return "\n".join([f"_{_about(name)}_", "", *(milestone(one) for one in kinds)])


def _about(module: str) -> str:
    """Return the first sentence of a module's own words."""
    import importlib  # noqa: PLC0415  only here

    return first_sentence(importlib.import_module(module))


def milestone(one: type[Milestone]) -> str:
    """Return one milestone: its sentence, its fields, what else it takes."""
    more = []
    if one.needs_reason:
        more.append("Needs a reason.")
    if one.closed_too:
        more.append("Also after the end.")
    if one.stage is not None:
        more.append(f"Once {words(one.stage.value)} has begun.")
    return "\n".join(
        [
            f"#### {one.kind}",
            "",
            " ".join([first_sentence(one), *more]),
            "",
            f"Fields: {_fields(one)}.",
            "",
        ]
    )


def _fields(one: type[Milestone]) -> str:
    schema = one.model_json_schema()
    required = schema.get("required", [])
    said = []
    for name, field in schema.get("properties", {}).items():
        needed = "" if name in required else ", may be left out"
        said.append(f"`{name}` ({shape(field, schema)}{needed})")
    return ", ".join(said) or "none"


def shape(field: dict[str, Any], root: dict[str, Any]) -> str:
    """Return what a field takes, in a few words."""
    if "$ref" in field:
        return shape(root["$defs"][field["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in field:
        return " or ".join(shape(one, root) for one in field["anyOf"] if one.get("type") != "null")
    if "enum" in field:
        return " / ".join(map(str, field["enum"]))
    if "const" in field:
        return str(field["const"])
    if field.get("x-free-text"):
        return "free text"
    kind = field.get("format") or field.get("type", "anything")
    if kind == "array":
        return f"list of {shape(field.get('items', {}), root)}"
    plain = {"string": "id", "boolean": "true / false", "date-time": "moment with zone", "object": "table"}
    return plain.get(str(kind), str(kind))


# --- obligations ----------------------------------------------------------------------------------------------------
@cache
def _tasks() -> dict[str, str]:
    """Return what each ask is called in English, as messages say it."""
    text = (ROOT / "locale" / "en" / "messages.po").read_text(encoding="utf-8")
    return dict(re.findall(r'^msgid "task\.(\w+)"\nmsgstr "(.*)"$', text, re.MULTILINE))


def obligations(owed: list[Asked]) -> str:
    rows = [
        (f"`{one.ask}`", _tasks().get(one.ask, words(one.ask)), one.of, _ladder_links(one.ladder))
        for one in sorted(owed, key=lambda one: one.ask)
    ]
    return table(("ask", "in words", "of whom", "ladder"), rows)


def _ladder_links(names: str) -> str:
    return " or ".join(f"[`{name}`](#ladders)" for name in names.split(" or "))


def ladders() -> str:
    rows = [(f"`{name}`", _rungs(one), _in_stall(one)) for name, one in LADDERS.items()]
    return "\n".join(
        [
            "## Ladders",
            "",
            "A ladder says how one thing owed is chased, rung by rung, from the moment it is owed, or counted back",
            "from a date that lies ahead. Working days are the recipient's own: their weekend, their holidays,",
            "their hours. A charter may change any ladder.",
            "",
            table(("ladder", "rungs", "in a stall"), rows),
        ]
    )


def _rungs(ladder: Ladder) -> str:
    said = "; ".join(_rung(one) for one in ladder.rungs)
    return f"{said}; then every {_days(ladder.every)}" if ladder.every else said


def _rung(one: Rung) -> str:
    number, _ = parts(one.offset)
    whom = "" if one.to == "owes" else f" {words(one.to)}"
    acts = {
        Act.REMIND: "remind", Act.ESCALATE: "escalate to", Act.TELL: "tell", Act.CHECK: "check", Act.EXPIRE: "expire",
    }  # fmt: skip
    when = "at once" if number == 0 else f"{_days(one.offset)} {'before' if number < 0 else 'after'}"
    return f"{when}: {acts[one.act]}{whom}"


def _days(offset: str) -> str:
    number, unit = parts(offset)
    name = {"wd": "working day", "d": "day", "m": "month"}[unit]
    return f"{abs(number)} {name}{'' if abs(number) == 1 else 's'}"


def _in_stall(ladder: Ladder) -> str:
    return {
        StallPolicy.FREEZE: "rests, keeps the time it had left",
        StallPolicy.RUN: "runs on",
        StallPolicy.DROP: "is silent",
        StallPolicy.ONLY: "lives only then",
    }[ladder.in_stall]


# --- in any stage ---------------------------------------------------------------------------------------------------
def any_stage() -> str:
    lines = ["## In any stage", ""]
    for name, kinds in catalogue.by_module().items():
        if catalogue.stage_of(name) is not None:
            continue
        owed = [one for one in asked() if one.module == name and not one.ask.startswith("complete_")]
        heading = words(name.rsplit(".", 1)[1]).capitalize().replace("Lifecycle", "Moving between stages")
        lines += [f"### {heading}", "", _module_section(name, kinds)]
        if owed:
            lines += ["What it asks for:", "", obligations(owed)]
    return "\n".join(lines)


def stage_models() -> str:
    lines = [
        "## Stage models", "",
        "A charter may name one of these ways to look at a dialogue, or write its own. They are data laid over the six",
        "stages. The order of phases is guidance; going back needs a reason.", "",
    ]  # fmt: skip
    for model in STAGE_MODELS.values():
        rows = [
            (f"`{one.id}`", words(one.within.value), str(one.sessions or "open"), one.exit_test) for one in model.phases
        ]
        lines += [
            f"### {model.id.capitalize()}",
            "",
            table(("phase", "within", "sessions", "has done its work when"), rows),
        ]
    return "\n".join(lines)


def side_tracks() -> str:
    rows = [(track.value, words(track.name.lower())) for track in SIDE_TRACKS]
    return "\n".join(
        [
            "## Side tracks",
            "",
            "A companion initiative on one of these tracks is linked with",
            "[`initiative_linked`](#initiative_linked) and `relation=side`. An initiative of its own may also be",
            "opened on any of them.",
            "",
            table(("track", "what it is"), rows),
        ]
    )


def defaults() -> str:
    rows = [
        (track.value, str(own["seats"]), own["sensitivity"], words(own["attribution_rule"]), _pairs(own["quotas"]),
         _pairs(own["quorum"]))
        for track, own in TRACK_DEFAULTS.items()
    ]  # fmt: skip
    plain = {name: field.default for name, field in Charter.model_fields.items() if name == "patience"}
    return "\n".join(
        [
            "## Defaults per track",
            "",
            "What a charter need not say. Whatever it does say wins.",
            "",
            table(("track", "seats", "sensitivity", "attribution rule", "quotas", "quorum"), rows),
            f"For every track: {_pairs(plain['patience'].model_dump())}.",
            "",
        ]
    )


def _pairs(given: dict[str, Any]) -> str:
    return ", ".join(f"{words(name)} {value}" for name, value in given.items())


# --- words ----------------------------------------------------------------------------------------------------------
def enums() -> Iterator[tuple[str, type[StrEnum]]]:
    """Yield the closed lists of the field in the order of the source."""
    for name, one in vars(vocabulary).items():
        if isinstance(one, type) and issubclass(one, StrEnum) and one is not StrEnum:
            yield name, one


def states() -> str:
    lists = [(name, ", ".join(f"`{word.value}`" for word in one)) for name, one in enums()]
    standings = [(name, ", ".join(f"`{word}`" for word in said)) for name, said in _standings(nouns)]
    return "\n".join(
        [
            "## Words for states",
            "",
            "Closed lists: a word means the same everywhere. [The glossary](glossary.md) says what each list is for.",
            "",
            table(("list", "words"), lists),
            "Where one thing stands at a time:",
            "",
            table(("what", "words"), standings),
        ]
    )


def _standings(module: ModuleType) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, one in vars(module).items():
        for field in getattr(one, "model_fields", {}).values() if isinstance(one, type) else ():
            said = [word for word in get_args(field.annotation) if isinstance(word, str)]
            if said and one.__module__ == module.__name__:
                yield words(name).lower(), tuple(said)


def engine_facts() -> str:
    rows = [(f"`{kind}`", first_sentence(one)) for kind, one in ENGINE_FACTS.items()]
    return "\n".join(
        [
            "## What the engine writes down itself",
            "",
            "People never report these; they stand in the record beside what people reported.",
            "",
            table(("kind", "what"), rows),
        ]
    )
