"""`jisr open`, `jisr list`, `jisr timeline`."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from domain.outgoing import ListRow
    from domain.record import Entry
    from storage.database import Database

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The initiative.")]


def open_initiative(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A charter in YAML or JSON.")],
    by: Annotated[str | None, typer.Option(metavar="WHO", help="Who opens it, for example manager:p-01.")] = None,
    json: output.JsonOption = False,
) -> int:
    """Open an initiative from its charter; print its id."""
    from cli.charter_file import read_charter_file
    from desk import read_charter
    from domain.record import Report
    from domain.rules import Refused

    given = read_charter_file(file)
    read_charter(given)  # whatever is wrong with it is said before anything is asked of the engine
    if by is not None:
        try:
            Report.read({"kind": "initiative_opened", "by": by})
        except Refused as refused:
            raise InvalidInput(f"--by: {refused.why}") from None
    answer = doors.with_engine(lambda jisr: jisr.open(given, by))
    if json:
        output.data(answer.model_dump(mode="json"))
    else:
        output.text(answer.initiative)
    if answer.status == "duplicate":
        output.say(f"{answer.initiative} was open already: duplicate, nothing was changed.")
    return 0


def list_initiatives(
    stage: Annotated[str | None, typer.Option(help="Only those in this stage.")] = None,
    track: Annotated[str | None, typer.Option(help="Only those of this track, for example 1.5.")] = None,
    stalled: Annotated[bool, typer.Option("--stalled", help="Only those that are stalled.")] = False,
    waiting_on: Annotated[str | None, typer.Option(metavar="WHO", help="Only those that wait on this person.")] = None,
    json: output.JsonOption = False,
) -> int:
    """List the initiatives: where each stands and what it waits for."""
    from domain.vocabulary import Stage, Track

    for option, value, words in (("--stage", stage, list(Stage)), ("--track", track, list(Track))):
        if value is not None and value not in set(words):
            raise InvalidInput(f"{option}: there is no {value[:40]!r}. Choose one of {', '.join(words)}.")
    from storage import ledger

    with doors.database() as db:
        rows = ledger.initiatives(db, stage, track, stalled or None, waiting_on)
    if json:
        output.data([row.model_dump(mode="json") for row in rows])
        return 0
    headings = ("id", "track", "stage", "state", "waits on", "since", "next due", "broken rules")
    output.table(headings, [_row(row) for row in rows])
    if not rows:
        output.say("No initiative is recorded here that fits. `jisr open FILE` opens one.")
    return 0


def _row(row: ListRow) -> tuple[Any, ...]:
    first = row.waiting_on[0] if row.waiting_on else None
    more = f" (+{len(row.waiting_on) - 1})" if len(row.waiting_on) > 1 else ""
    waits = f"{first.who}: {words(first.ask)}{more}" if first else ""
    state = (
        "closed" if row.closed_at else f"stalled since {row.stalled_since:%Y-%m-%d}" if row.stalled_since else "live"
    )
    since = f"{first.since:%Y-%m-%d}" if first else ""
    return (row.id, row.track, row.stage, state, waits, since, row.next_due, ", ".join(row.broken))


def timeline(
    id: IdArgument,
    since: Annotated[str | None, typer.Option(metavar="SEQ|DATE", help="Only after this entry or day.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only entries of this kind.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Print JSON Lines.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Print the record: who reported what, when, and why."""
    from domain import decide as _whole_catalogue  # noqa: F401  fills the catalogue
    from domain.record import ENGINE_FACTS, MILESTONES
    from storage import ledger

    after, day = _since(since)
    if kind is not None and kind not in MILESTONES and kind not in ENGINE_FACTS:
        from desk import did_you_mean

        raise InvalidInput(f"--kind: nothing is recorded as {kind[:60]!r}. {did_you_mean(kind)}".strip())
    whole = catch_up(id)
    with doors.database() as db:
        if ledger.head(db, id).seq == 0:
            raise NotFound(f"There is no record of {id}. See `jisr list`.")
        found = [e for e in ledger.entries(db, id, after, kind) if day is None or e.heard_at >= day]
        reasons = _reasons(db, found)
    if not whole:
        output.say(f"As recorded at seq {found[-1].seq if found else after}; the engine may know more.")
    if json:
        output.data([entry_line(entry, reasons) for entry in found])
    elif jsonl:
        for entry in found:
            output.line(entry_line(entry, reasons))
    else:
        headings = ("seq", "at", "by", "kind", "fields", "reason", "hash")
        output.table(headings, [_entry_row(entry, reasons) for entry in found])
    return 0


def catch_up(id: str) -> bool:
    """Wait until the record of an initiative holds what the engine accepted; False when the engine is away."""
    try:
        return bool(doors.if_engine(lambda jisr: jisr.recorded(id)))
    except NotFound:
        return True  # it runs no more: its record is all there is


def entry_line(entry: Entry, reasons: dict[str, str]) -> dict[str, Any]:
    """Return an entry as JSON values with the text of its reason beside the reference."""
    line = entry.model_dump(mode="json")
    return {**line, "reason_text": reasons[entry.reason]} if entry.reason in reasons else line


def words(ask: str) -> str:
    """Return `sign mou` for `sign_mou`."""
    return ask.replace("_", " ")


def _entry_row(entry: Entry, reasons: dict[str, str]) -> tuple[Any, ...]:
    fields = " ".join(f"{name}={_brief(value)}" for name, value in entry.fields.items())
    reason = reasons.get(entry.reason, "(no longer held)") if entry.reason else ""
    return (entry.seq, entry.at, entry.by, entry.kind, fields, reason, entry.hash[:12])


def _brief(value: Any) -> str:
    import json

    said = ",".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
    said = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return said if len(said) <= 60 else f"{said[:57]}..."


def _reasons(db: Database, entries: list[Entry]) -> dict[str, str]:
    from storage import texts

    return texts.get(db, {entry.reason for entry in entries if entry.reason})


def _since(given: str | None) -> tuple[int, datetime | None]:
    if given is None:
        return 0, None
    if given.isdecimal():
        return int(given), None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise InvalidInput(f"--since: {given[:40]!r} is neither an entry's number nor a day like 2026-03-01.") from None
    return 0, moment if moment.tzinfo else datetime.combine(moment.date(), time.min, UTC)


def add_to(app: typer.Typer) -> None:
    app.command("open")(open_initiative)
    app.command("list")(list_initiatives)
    app.command()(timeline)
