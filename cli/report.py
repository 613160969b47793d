"""`jisr report`: one milestone, or many; the answer says accepted, duplicate, or refused by which rule."""

from __future__ import annotations

import json as jsons
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import admission, doors, output
from errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from domain.record import Answer

OK, INVALID, REFUSED = 0, 2, 5
ILL_FORMED = ("report.invalid", "report.unknown-kind")
OWN = ("by", "key", "reason", "at")
ROUND_TRIP = 200  # lines sent together


def report(
    id: Annotated[str, typer.Argument(metavar="ID", help="The initiative.")],
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="The milestone; see `jisr milestones`.")] = None,
    fields: Annotated[
        list[str] | None,
        typer.Argument(metavar="[field=value]...", help="a,b is a list; {..} and [..] are JSON; @file reads a text."),
    ] = None,
    json_report: Annotated[str | None, typer.Option(metavar="TEXT|-", help="The whole report as JSON.")] = None,
    batch: Annotated[str | None, typer.Option(metavar="FILE|-", help="JSON Lines, one report a line.")] = None,
    stop_on_refusal: Annotated[bool, typer.Option(help="In a batch, send nothing after a refusal.")] = False,
    by: Annotated[str | None, typer.Option(metavar="WHO", help="Who reports, for example manager:p-01.")] = None,
    key: Annotated[str | None, typer.Option(help="Makes the report idempotent for the initiative's life.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT|@file", help="Why.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="ISO", help="When it happened, with a zone, if in the past.")
    ] = None,
    on_behalf_of: Annotated[
        str | None, typer.Option(metavar="PERSON", help="Whose answer this is; it is recorded and marked as such.")
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Send it and do not wait for the answer.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Report a milestone and wait for the answer."""
    own = {"by": by, "key": key, "reason": _from_file(reason) if reason else None, "at": at}
    if [kind is not None, json_report is not None, batch is not None].count(True) != 1:
        raise InvalidInput("Give one of: KIND with its fields, --json-report, or --batch.")
    if batch is not None:
        if key or at or reason or no_wait or on_behalf_of:
            raise InvalidInput(
                "In a batch, key, at, reason and on_behalf_of stand in each line, and --no-wait does not apply."
            )
        return _batch(id, doors.read_input(batch, doors.BATCH_FILE_MAX), {"by": by}, stop_on_refusal)
    if stop_on_refusal:
        raise InvalidInput("--stop-on-refusal belongs to --batch.")
    try:
        given = _one(doors.read_input("-") if json_report == "-" else json_report, own) if json_report else {
            **fields_of(kind or "", fields or []), "kind": kind, **own
        }  # fmt: skip
        if on_behalf_of is not None:
            given = {**given, "on_behalf_of": on_behalf_of}
        answer = _send(id, given, wait=not no_wait)
    except InvalidInput as error:
        if json:
            refused = {"status": "refused", "initiative": id, "seq": [], "rule": error.rule, "why": str(error)}
            output.data({**refused, "stage": ""})
        raise
    if json:
        output.data(answer.model_dump(mode="json"))
    else:
        tell(answer)
    return code_of(answer)


def _send(id: str, given: dict[str, Any], wait: bool) -> Answer:
    given = admission.reporting(id, given)
    fields = {name: value for name, value in given.items() if name not in ("kind", *OWN)}
    own = {name: given.get(name) for name in OWN}

    from desk import Desk

    Desk(doors.settings()).check({"kind": given["kind"], **own, **fields})  # before the engine is asked for

    async def send(jisr: Jisr) -> Answer:
        return await jisr.report(id, str(given["kind"]), wait=wait, **own, **fields)

    return doors.with_engine(send)


# --- what was typed ------------------------------------------------------------------------------------------------


def fields_of(kind: str, given: list[str]) -> dict[str, Any]:
    """Return `field=value` words as fields; what is free text stays as it is written."""
    found: dict[str, Any] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise InvalidInput(f"{word[:40]!r} is no field=value. See `jisr milestones {kind}`.")
        if name in found or name in OWN or name == "kind":
            hint = f"Use --{name}." if name in OWN else "Write it once; a list is written a,b."
            raise InvalidInput(f"{name} cannot be given here. {hint}")
        found[name] = _from_file(value) if value.startswith("@") else _nested(kind, name, value)
    return found


def _nested(kind: str, name: str, value: str) -> Any:
    from desk import free_texts
    from domain.record import MILESTONES

    if value[:1] not in ("{", "[") or (kind in MILESTONES and name in free_texts(kind)):
        return value
    try:
        return jsons.loads(value)
    except ValueError as error:
        raise InvalidInput(f"{name}: this begins like JSON but is none ({error}). Check its quotes.") from None


def _from_file(value: str) -> str:
    """Return the text of `@file`; `@@` begins a text with one @."""
    if value.startswith("@@"):
        return value[1:]
    return doors.read_input(value[1:]).rstrip("\n") if value.startswith("@") else value


def _one(text: str | None, own: dict[str, Any]) -> dict[str, Any]:
    """Return a JSON report; options fill in what it does not say itself."""
    given = _object(text or "")
    if not isinstance(given, dict) or not isinstance(given.get("kind"), str):
        raise InvalidInput('A report is one JSON object with a "kind": {"kind": "partner_signed", "partner": "P1"}.')
    return {**own, **{name: value for name, value in given.items() if value is not None}}


def _object(text: str) -> Any:
    try:
        return jsons.loads(text, object_pairs_hook=_distinct)
    except RecursionError:
        raise InvalidInput("This JSON is nested too deeply.") from None
    except ValueError as error:
        raise InvalidInput(f"This is not JSON: {error}.") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


# --- many ----------------------------------------------------------------------------------------------------------


def _batch(id: str, text: str, own: dict[str, Any], stop: bool) -> int:
    """Send JSON Lines in order; print one answer a line, as soon as it is known."""
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not numbered:
        raise InvalidInput("The batch is empty: write one report a line.")
    codes: list[int] = []

    def note(number: int, answer: Answer) -> None:
        ill = answer.rule in ILL_FORMED and not answer.seq
        told = answer.but(why=f"Line {number}: {answer.why}") if ill else answer
        output.line(told.model_dump(mode="json"))
        codes.append(INVALID if ill else code_of(answer))

    async def send(jisr: Jisr) -> None:
        for numbers, reports, broken in _portions(numbered, own):
            try:
                answers = await jisr.report_many(id, reports, stop_on_refusal=stop)
            except Unavailable as away:
                where = (
                    f"{len(codes)} of {len(numbered)} reports were answered; from line {numbers[0]} on it is unknown"
                )
                raise Unavailable(f"{away}\n{where}. Send the rest again: whatever has a key is taken once.") from None
            for number, answer in zip(numbers, answers, strict=False):
                note(number, answer)
            if stop and any(codes):
                return
            if broken is not None:
                number, why = broken
                note(number, _ill_formed(id, why))
                if stop:
                    return

    doors.with_engine(send)
    accepted = codes.count(OK)
    output.say(f"{accepted} of {len(numbered)} reports accepted (or known already).")
    return INVALID if INVALID in codes else REFUSED if REFUSED in codes else OK


def _portions(
    numbered: list[tuple[int, str]], own: dict[str, Any]
) -> Iterator[tuple[list[int], list[dict[str, Any]], tuple[int, str] | None]]:
    """Yield reports to send together, and the line after them if it is none."""
    numbers: list[int] = []
    reports: list[dict[str, Any]] = []
    for number, line in numbered:
        try:
            reports.append(_one(line, own))
            numbers.append(number)
            if len(reports) < ROUND_TRIP:
                continue
            yield numbers, reports, None
        except InvalidInput as error:
            yield numbers or [number], reports, (number, str(error))
        numbers, reports = [], []
    if reports:
        yield numbers, reports, None


def _ill_formed(id: str, why: str) -> Answer:
    from domain.record import Answer
    from domain.vocabulary import Status

    return Answer(status=Status.REFUSED, initiative=id, rule="report.invalid", why=why)


# --- the answer ----------------------------------------------------------------------------------------------------


def code_of(answer: Answer) -> int:
    return REFUSED if answer.status == "refused" else OK


def tell(answer: Answer) -> None:
    """Print the answer on one line; why and what next in words."""
    seq = f"seq {','.join(map(str, answer.seq))}" if answer.seq else ""
    stage = f"stage {answer.stage}" if answer.stage else ""
    parts = [answer.status.value, answer.initiative, answer.rule or "", seq, stage]
    print("  ".join(part for part in parts if part))
    sys.stdout.flush()
    if answer.status == "refused":
        from domain.rules import RULES

        output.say(answer.why)
        satisfy = RULES[answer.rule].satisfy if answer.rule in RULES else ""
        if satisfy and satisfy not in answer.why:
            output.say(satisfy)
    elif answer.why:
        output.say(answer.why)


def add_to(app: typer.Typer) -> None:
    app.command()(report)
