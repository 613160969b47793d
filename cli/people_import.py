"""`jisr people import`: a list of people into the roster, shown row by row, all of it or nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from errors import InvalidInput

if TYPE_CHECKING:
    from storage.database import Database
    from storage.grid import Sheet
    from storage.people_plan import Decisions, Plan, RowPlan

SHOWN = 20  # rows that words on stderr go into; the table names all

FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="CSV or XLSX; - reads it from stdin.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would happen; change nothing.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Write over what is known otherwise, without asking.")]
SameOption = Annotated[
    list[str] | None,
    typer.Option("--same", metavar="ROW=ID", help="The row is this person of the roster (or row:N, an earlier row)."),
]
NewOption = Annotated[
    list[int] | None, typer.Option("--new", metavar="ROW", help="The row is somebody new, whoever they look like.")
]
SheetOption = Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Which sheet of a workbook.")]


def import_file(
    file: FileArgument,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    same: SameOption = None,
    new: NewOption = None,
    sheet: SheetOption = None,
    by: Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who imports.")] = None,
    json: output.JsonOption = False,
) -> int:
    """Import a list of people: every row or none. Likely duplicates are asked about, never merged silently.

    The first row names the columns, in English, Arabic or Sorani: id, name_native, name_latin, name_passport,
    languages, zone, country, base, organisation, category, capacity, since, evidence_on, email, phone, contact,
    consents, consent_on.
    An empty cell leaves what is known.
    """
    from storage.imports import digest_of
    from storage.people_import import import_people, plan_import

    raw, rows = read_table(file, sheet)
    decisions = _decisions(same or [], new or [])
    who = {"by": by or doors.settings().actor, "source": digest_of(raw)}
    asks = not json and not dry_run and file != "-" and sys.stdin.isatty() and sys.stderr.isatty()
    with doors.database() as db:
        plan = _understood(plan_import, db, rows, decisions)
        if asks and plan.count("duplicate") and not plan.count("error"):
            decisions, plan = _ask(db, rows, decisions, plan)
        if dry_run or plan.refused:
            return _show(plan, json, dry_run)
        changed = plan.count("changed")
        if changed and not yes and not (asks and _confirmed(plan, changed)):
            _show(plan, json, dry_run=True)
            raise InvalidInput(
                f"{changed} rows would change people who are on the roster. Nothing was imported. Say --yes to write "
                "what the file says."
            )
        plan = _understood(import_people, db, rows, decisions, overwrite=True, shown=plan, **who)
    return _show(plan, json, dry_run)


def read_table(file: str, sheet: str | None) -> tuple[bytes, Sheet]:
    """Return a file, or stdin for `-`, and its rows. Raises: InvalidInput."""
    from storage.grid import SheetWrong
    from storage.sheets import FILE_MAX, read_sheet

    try:
        if file == "-":
            raw = sys.stdin.buffer.read(FILE_MAX + 1)
        else:
            with Path(file).open("rb") as opened:
                raw = opened.read(FILE_MAX + 1)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}. Name a file that is there, or - .") from None
    try:
        return raw, read_sheet(raw, sheet)
    except SheetWrong as wrong:
        raise InvalidInput(f"{file}: {wrong}") from None


def _decisions(same: list[str], new: list[int]) -> Decisions:
    from storage.people_plan import Decisions

    made: dict[int, str] = {}
    for one in same:
        row, equals, id = one.partition("=")
        if not (row.strip().isdecimal() and equals and id.strip()):
            raise InvalidInput(f"--same {one[:60]!r}: write ROW=ID, for example --same 7=p-000004.")
        if made.setdefault(int(row), id.strip()) != id.strip():
            raise InvalidInput(f"--same names row {row} twice, with different people. Keep one.")
    return Decisions(made, frozenset(new))


def _understood(work: Any, *arguments: Any, **named: Any) -> Plan:
    from storage.grid import SheetWrong

    try:
        plan: Plan = work(*arguments, **named)
    except SheetWrong as wrong:
        raise InvalidInput(str(wrong)) from None
    return plan


# --- asking --------------------------------------------------------------------------------------------------------


def _ask(db: Database, sheet: Sheet, decisions: Decisions, plan: Plan) -> tuple[Decisions, Plan]:
    """Ask about each likely duplicate; what was not answered stays one."""
    from storage.people_import import plan_import

    asked: set[int] = set()
    while row := next((one for one in plan.rows if one.status == "duplicate" and one.row not in asked), None):
        asked.add(row.row)
        output.say(f"\nRow {row.row}: {output.clean(row.name)}")
        for number, like in enumerate(row.like, start=1):
            output.say(f"  {number}  {like.who}  {output.clean(like.name)}: {like.why}")
        numbers = "/".join(str(n + 1) for n in range(len(row.like)))
        answer = typer.prompt(f"The same as {numbers}, [n]ew, or [s]kip the question", default="s", err=True)
        said = str(answer).strip().lower()
        if said in ("n", "new"):
            decisions = decisions._replace(new=decisions.new | {row.row})
        elif said.isdecimal() and 1 <= int(said) <= len(row.like):
            decisions = decisions._replace(same={**decisions.same, row.row: row.like[int(said) - 1].who})
        else:
            continue
        plan = plan_import(db, sheet, decisions)
    return decisions, plan


def _confirmed(plan: Plan, changed: int) -> bool:
    for row in [one for one in plan.rows if one.status == "changed"][:SHOWN]:
        output.say(f"Row {row.row}: {row.id} would change: {', '.join(row.fields)}")
    return typer.confirm(f"Write over {changed} people?", err=True)


# --- showing -------------------------------------------------------------------------------------------------------


def _show(plan: Plan, json: bool, dry_run: bool) -> int:
    """Print the rows on stdout, and what to do on stderr. Raises: InvalidInput, when something must be done first."""
    from storage.sheets import escaped

    if json:
        output.data(plan.as_json())
    else:
        rows = [one for one in plan.rows if dry_run or one.status != "unchanged"]
        cells = [(one.row, one.status, one.id, escaped(one.name), _what(one)) for one in rows]
        output.table(("row", "status", "id", "name", "what"), cells)
    for note in plan.notes:
        output.say(note)
    output.say(_summary(plan))
    if not plan.refused:
        return 0 if dry_run or plan.imported else InvalidInput.exit_code
    raise InvalidInput("\n".join(_corrections(plan)))


def _what(row: RowPlan) -> str:
    likes = [f"like {one.who} ({one.why})" for one in row.like]
    return "; ".join([*(error.rstrip(".") for error in row.errors), *likes, *row.fields, *row.notes])


def _summary(plan: Plan) -> str:
    counts = {
        "new": plan.count("new"), "changed": plan.count("changed"), "unchanged": plan.count("unchanged"),
        "likely duplicate": plan.count("duplicate"), "error": plan.count("error"),
    }  # fmt: skip
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "none"
    written = plan.imported and plan.count("new") + plan.count("changed") > 0
    return f"{len(plan.rows)} rows: {said}. {'Imported.' if written else 'Nothing was imported.'}"


def _corrections(plan: Plan) -> list[str]:
    said = []
    for row in [one for one in plan.rows if one.status == "error"]:
        said += [f"Row {row.row}: {error}" for error in row.errors]
    duplicates = [one for one in plan.rows if one.status == "duplicate"]
    for row in duplicates[:SHOWN]:
        who = row.like[0]
        said.append(f"Row {row.row} may be {who.who}: {who.why}. Say --same {row.row}={who.who} or --new {row.row}.")
    if len(duplicates) > SHOWN:
        said.append(f"{len(duplicates) - SHOWN} more rows may be somebody known; --json or the table names them.")
    return said


def list_imports(json: output.JsonOption = False) -> int:
    """List who imported what and when, people and past initiatives: ids and counts, never names."""
    from storage.imports import imports

    with doors.database() as db:
        found = imports(db)
    if json:
        output.data([one._asdict() for one in found])
        return 0
    headings = ("at", "by", "what", "source", "new", "changed", "written")
    rows = [
        (one.at, one.by, one.what, one.source, one.counts.get("new"), one.counts.get("changed"), len(one.ids))
        for one in found
    ]
    output.table(headings, rows)
    return 0
