"""`jisr import-history`: past initiatives out of a list, shown row by row, all of them or none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import doors, output
from cli.people_import import DryRunOption, FileArgument, SheetOption, read_table
from errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from domain.journal import Journal
    from storage.past_import import PastPlan


def import_history(
    file: FileArgument,
    dry_run: DryRunOption = False,
    by: Annotated[
        str | None, typer.Option("--by", metavar="WHO", help="Who imports, for example manager:p-01.")
    ] = None,
    sheet: SheetOption = None,
    json: output.JsonOption = False,
) -> int:
    """Import past initiatives from CSV or XLSX: every row or none. Each is marked imported; nobody is reminded.

    One row an initiative that is over. The first row names the columns, in English, Arabic or Sorani: track, issue,
    countries, opened_on, closed_on, outcome; and if known id, title, summary, purposes, convenor, sensitivity,
    manager, reason, sessions, participants, recommendations, adopted. The same row again is a duplicate.
    """
    from storage import imports, past_import
    from storage.grid import SheetWrong

    raw, rows = read_table(file, sheet)
    by = _actor(by or doors.settings().actor)
    now = datetime.now(UTC)
    with doors.database() as db:
        try:
            plan = past_import.plan_past(db, rows, imports.digest_of(raw), by.partition(":")[2], now.date())
        except SheetWrong as wrong:
            raise InvalidInput(str(wrong)) from None
        new = past_import.new_rows(plan)
        if not dry_run and new and not plan.count("error"):
            journals = [past_import.journal_of(db, row, plan.source, by, now) for row in new]
            _open(journals)
            plan.imported = True
            ids = tuple(journal.now.id for journal in journals)
            with db.session() as session:
                imports.note(session, imports.Import(now, by, "history", plan.source, plan.counts(), ids))
    return _show(plan, json, dry_run)


def _open(journals: list[Journal]) -> None:
    """Open them all. Raises: Unavailable, saying how far it came: the same file again goes on from there."""
    done = 0

    async def work(jisr: Jisr) -> None:
        nonlocal done
        for journal in journals:
            await jisr.open_past(journal)
            done += 1
        await jisr.recorded(journals[-1].now.id)

    try:
        doors.with_engine(work)
    except Unavailable as away:
        if done == len(journals):
            return  # all is durable in the engine; the record follows when a worker runs
        far = f"{done} of {len(journals)} initiatives were imported, each whole" if done else "Nothing was imported"
        raise Unavailable(f"{away}\n{far}. Import the same file again: what is there is a duplicate.") from None


def _actor(by: str) -> str:
    from domain.record import Report
    from domain.rules import Refused

    try:
        return Report.read({"kind": "initiative_imported", "by": by}).by
    except Refused as refused:
        raise InvalidInput(f"--by: {refused.why}") from None


def _show(plan: PastPlan, json: bool, dry_run: bool) -> int:
    from storage.sheets import escaped

    if json:
        output.data(plan.as_json())
    else:
        cells = [
            (one.row, one.status, one.id, escaped(one.title), "; ".join([*one.errors, *one.notes])) for one in plan.rows
        ]
        output.table(("row", "status", "id", "title", "what"), cells)
    for note in plan.notes:
        output.say(note)
    counts = {"new": plan.count("new"), "duplicate": plan.count("duplicate"), "error": plan.count("error")}
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "none"
    output.say(f"{len(plan.rows)} rows: {said}. {'Imported.' if plan.imported else 'Nothing was imported.'}")
    if plan.count("error"):
        wrong = [f"Row {row.row}: {error}" for row in plan.rows for error in row.errors]
        raise InvalidInput("\n".join(wrong))
    return 0


def add_to(main: typer.Typer) -> None:
    main.command("import-history")(import_history)
