"""`jisr milestones`: the catalogue, made from the code itself, so that it cannot disagree with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import output
from errors import NotFound

if TYPE_CHECKING:
    from domain.record import Milestone

GENERAL = ("report.key-reused", "report.in-the-future", "report.before-opening")  # any report may meet them


def milestones(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="One milestone, with its fields.")] = None,
    json: output.JsonOption = False,
) -> int:
    """List the milestones that can be reported; with KIND its fields, its rules and an example."""
    from desk import did_you_mean
    from domain.record import MILESTONES

    if kind is None:
        every = [MILESTONES[name] for name in sorted(MILESTONES)]
        if json:
            output.data([described(one) for one in every])
        else:
            output.table(("kind", "stage", "what"), [(one.kind, one.stage or "any", sentence(one)) for one in every])
        return 0
    if kind not in MILESTONES:
        raise NotFound(f"There is no milestone {kind[:60]!r}. {did_you_mean(kind)} See `jisr milestones`.")
    found = described(MILESTONES[kind])
    if json:
        output.data(found)
    else:
        _tell(found)
    return 0


def described(milestone: type[Milestone]) -> dict[str, Any]:
    """Return one milestone as JSON values."""
    return {
        "kind": milestone.kind,
        "what": sentence(milestone),
        "stage": milestone.stage.value if milestone.stage else "any",
        "needs_reason": milestone.needs_reason,
        "after_closing_too": milestone.closed_too,
        "fields": fields(milestone),
        "rules": rules(milestone),
        "example": example(milestone),
    }


def sentence(milestone: type[Milestone]) -> str:
    return " ".join((milestone.__doc__ or "").split("\n\n")[0].split())


def fields(milestone: type[Milestone]) -> dict[str, Any]:
    """Return the fields as JSON Schema, without the sentence that stands beside them already."""
    schema = milestone.model_json_schema()
    return {name: value for name, value in schema.items() if name not in ("title", "description")}


def rules(milestone: type[Milestone]) -> list[dict[str, str]]:
    """Return the rules that may refuse it: those its own code names, and those every report may meet."""
    from domain import decide, lifecycle
    from domain.record import INVALID
    from domain.rules import RULES, rules_named_in

    found = {INVALID.id, *GENERAL} | rules_named_in(milestone.allow)
    if not milestone.closed_too:
        found.add(decide.CLOSED.id)
    if milestone.needs_reason:
        found.add(decide.REASON_REQUIRED.id)
    if milestone.stage is not None:
        found.add(lifecycle.STAGE_NOT_OPEN.id)
    return [{"rule": id, "says": RULES[id].says, "satisfy": RULES[id].satisfy} for id in sorted(found)]


def example(milestone: type[Milestone]) -> str:
    """Return a command that is well-formed, with made-up ids."""
    schema = milestone.model_json_schema()
    required = schema.get("required", [])
    given = [f"{name}={_sample(name, schema['properties'][name], schema)}" for name in required]
    reason = ['--reason "why"'] if milestone.needs_reason else []
    return " ".join(["jisr report ini-7f3a", milestone.kind, *given, *reason])


def _sample(name: str, schema: dict[str, Any], root: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _sample(name, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in schema:
        return _sample(name, schema["anyOf"][0], root)
    if "const" in schema or "enum" in schema:
        return str(schema.get("const") or schema["enum"][0])
    if schema.get("x-free-text"):
        return "@text.txt"
    match schema.get("type"):
        case "array":
            items = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
            one = _sample(name.rstrip("s"), items, root)
            return f"'[{one.strip(chr(39))}]'" if one.startswith("'") else one
        case "integer":
            return str(max(int(schema.get("minimum", 1)), 1))
        case "number":
            return str(schema.get("minimum", 0.5))
        case "boolean":
            return "true"
        case "object":
            inner = schema.get("properties", {})
            wanted = schema.get("required", [])
            body = ", ".join(f'"{key}": "{_sample(key, inner[key], root)}"' for key in wanted)
            return "'{" + (body or '"name": 1') + "}'"
    return {"date": "2026-03-01", "date-time": "2026-03-01T10:00+03:00"}.get(schema.get("format", ""), _an_id(name))


def _an_id(name: str) -> str:
    known = {"partner": "P1", "person": "p-07", "vetter": "p-11", "initiative": "ini-9c2d", "country": "IQ",
             "session": "S1", "recommendation": "R1", "party": "IQ", "zone": "Asia/Baghdad"}  # fmt: skip
    return known.get(name, f"{name.replace('_', '-')}-1")


def _tell(found: dict[str, Any]) -> None:
    required = found["fields"].get("required", [])
    output.text(f"{found['kind']}: {found['what']}")
    output.text(f"Stage: {found['stage']}" + (". Needs a reason." if found["needs_reason"] else ""))
    output.text("\nFields:")
    for name, schema in found["fields"].get("properties", {}).items():
        needed = "required" if name in required else "optional"
        output.text(f"  {name}  {needed}  {_shape(schema, found['fields'])}")
    if not found["fields"].get("properties"):
        output.text("  none")
    output.text("\nRules that may refuse it:")
    for rule in found["rules"]:
        output.text(f"  {rule['rule']}: {rule['says']} {rule['satisfy']}")
    output.text(f"\nExample:\n  {found['example']}")


def _shape(schema: dict[str, Any], root: dict[str, Any]) -> str:
    """Return a field's schema in a few words."""
    if "$ref" in schema:
        return _shape(root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root)
    if "anyOf" in schema:
        return " or ".join(_shape(one, root) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("x-free-text"):
        return f"free text, at most {schema['maxLength']:,} characters"
    if schema.get("type") == "array":
        return f"list of {_shape(schema.get('items', {}), root)}"
    limits = [f"{name} {schema[key]}" for key, name in (("minimum", "from"), ("maximum", "to")) if key in schema]
    return " ".join([schema.get("format") or str(schema.get("type", "any")), *limits])


def add_to(app: typer.Typer) -> None:
    app.command()(milestones)
