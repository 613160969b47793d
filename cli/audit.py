"""`jisr audit`: prove that nothing was changed or removed."""

from __future__ import annotations

import json as jsons
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from errors import InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from domain.chain import Verdict
    from domain.record import Entry
    from storage.database import Database

OK, DOES_NOT_VERIFY = 0, 6
BEHIND = 5.0  # seconds the record gets to hold what the engine has accepted

SAYS = {
    "edited": "entry {bad} was changed after it was written",
    "missing": "entry {bad} is missing",
    "reordered": "entry {bad} does not stand where it belongs",
    "truncated": "the record ends before entry {bad}, and somebody knows of a later end",
    "rewritten": "the record agrees with itself, but at entry {bad} not with the second witness: it was written anew",
    "no record": "there is no record at all, and somebody knows of one",
}

app = typer.Typer(help="Prove that nothing was changed or removed.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def verify(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The initiative.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every initiative of this installation.")] = False,
    file: Annotated[str | None, typer.Option(metavar="FILE|-", help="An export, checked by itself.")] = None,
    json: output.JsonOption = False,
) -> int:
    """Check every hash of a record, its order and its end; exit 6 if it does not verify."""
    if [id is not None, every, file is not None].count(True) != 1:
        raise InvalidInput("Give one of: an initiative, --all, or --file FILE.")
    if file is not None:
        lines = [_file_verdict(file)]
    elif every:
        ids = _all_ids()
        lines = [_verdict(one) for one in ids]
    else:
        lines = [_verdict(id or "")]
    if json:
        output.data(lines if every else lines[0])
    else:
        for line in lines:
            output.text(line["says"])
    return OK if all(line["ok"] for line in lines) else DOES_NOT_VERIFY


@app.command()
def export(
    id: Annotated[str, typer.Argument(metavar="ID", help="The initiative.")],
    format: Annotated[str, typer.Option(help="jsonl.")] = "jsonl",  # noqa: A002  the option's name
    redacted: Annotated[bool, typer.Option("--redacted", help="Not part of this version.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Write the entries as JSON Lines, as `jisr audit verify --file` reads them."""
    if format != "jsonl" or redacted:
        what = "a redacted export" if redacted else f"the format {format[:20]!r}"
        raise InvalidInput(f"This version cannot write {what} yet. Leave the option out for JSON Lines.")
    from cli.initiatives import catch_up
    from storage import ledger

    if not catch_up(id):
        output.say("The engine is away: what is exported is what was recorded by now.")
    with doors.database() as db:
        if ledger.head(db, id).seq == 0:
            raise NotFound(f"There is no record of {id}. See `jisr list`.")
        for entry in ledger.entries(db, id):
            print(jsons.dumps(entry.model_dump(mode="json"), ensure_ascii=False))
    return OK


# --- verdicts --------------------------------------------------------------------------------------------------------


def _verdict(id: str) -> dict[str, Any]:
    """Return the verdict on one record: against itself, the list row, and the engine when it is reachable."""
    from domain.chain import Head
    from storage import ledger

    head, reachable = _engine_head(id)
    with doors.database() as db:
        found = ledger.verify(db, id)
        if found.what == "no record" and found.first_bad is None and head is None:
            raise NotFound(f"There is no record of {id}. See `jisr list`.")
        if found.ok and head is not None:
            found = ledger.verify(db, id, Head(head["seq"], head["hash"]))
    if head is not None:
        beside = "the engine agrees"
    else:
        beside = "the engine does not know it any more" if reachable else "the engine is away and was not asked"
    return _line(id, found, beside)


def _engine_head(id: str) -> tuple[dict[str, Any] | None, bool]:
    """Return the engine's head of the chain, when the record had time to catch up; and whether it was reachable."""

    async def ask(jisr: Jisr) -> dict[str, Any]:
        head = await jisr.head(id)
        await jisr.recorded(id, BEHIND)
        return head

    try:
        return doors.with_engine(ask, doors.GLANCE), True
    except NotFound:
        return None, True
    except Unavailable:
        return None, False


def _all_ids() -> list[str]:
    """Return every id the database or the engine knows: a record that was removed whole is missed, too."""
    from storage import ledger

    async def ask(jisr: Jisr) -> set[str]:
        found = jisr.engine.list_workflows('WorkflowType = "Initiative"')
        return {one.id.removeprefix("initiative/") async for one in found}

    with doors.database() as db:
        known = {row.id for row in ledger.initiatives(db)} | _recorded(db)
    return sorted(known | (doors.if_engine(ask) or set()))


def _recorded(db: Database) -> set[str]:
    from sqlalchemy import select
    from sqlmodel import col

    from storage.tables import EntryRow

    with db.reading() as session:
        return set(session.execute(select(col(EntryRow.initiative)).distinct()).scalars())


def _file_verdict(file: str) -> dict[str, Any]:
    from domain.chain import Verdict, check_chain

    text = doors.read_input(file, 10 * doors.BATCH_FILE_MAX)
    entries: list[Entry] = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = _entry(line)
        if entry is None:
            before = check_chain(entries)
            bad = Verdict(False, number, entries[-1].seq + 1 if entries else 1, "edited", before.head)
            return _line(file, bad if before.ok or not entries else before, f"line {number} is no entry")
        entries.append(entry)
    return _line(entries[0].initiative if entries else file, check_chain(entries), "checked by itself")


def _entry(line: str) -> Entry | None:
    """Return the entry in a line of an export; None when it is none, or holds more than an entry does."""
    from pydantic import ValidationError

    from domain.record import Entry

    try:
        given = jsons.loads(line)
        return (
            Entry.model_validate(given)
            if isinstance(given, dict) and given.keys() == Entry.model_fields.keys()
            else None
        )
    except (ValueError, ValidationError, RecursionError):
        return None


def _line(id: str, found: Verdict, beside: str) -> dict[str, Any]:
    if found.ok:
        says = f"{id}: verifies. {found.entries} entries, head {found.head.seq} {found.head.hash[:12]}; {beside}."
    else:
        says = f"{id}: DOES NOT VERIFY: {SAYS[found.what].format(bad=found.first_bad)} ({found.entries} entries read)."
        if found.what == "truncated":
            says += " If the database was away just now, ask again in a minute."
    return {
        "initiative": id,
        "ok": found.ok,
        "entries": found.entries,
        "first_bad": found.first_bad,
        "what": found.what,
        "head": {"seq": found.head.seq, "hash": found.head.hash},
        "witness": beside,
        "says": says,
    }


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="audit")
