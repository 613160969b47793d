"""Past initiatives out of a list: row by row what would happen, then each as a record of its own, marked imported.

Every row is looked at before the first is entered: one that is wrong, and nothing is. The same row again is a
duplicate, from whatever file. Nothing is owed from before, so nobody is reminded of anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any, Literal

from pydantic import ValidationError

from domain.charter import Charter, with_defaults
from domain.conduct.closing import InitiativeClosed
from domain.engine_facts import InitiativeImported
from domain.journal import Journal
from domain.record import canonical, plain_errors
from domain.vocabulary import Ending, Purpose
from storage import ledger, texts
from storage.database import Database
from storage.grid import Sheet
from storage.past_columns import COUNTS, PastLine, read_past

TEXTS = ("title", "summary", "reason")
Status = Literal["new", "duplicate", "error"]


@dataclass
class PastRow:
    """What would happen with one row, or happened. `title` is for the screen of whoever imports."""

    row: int
    status: Status = "new"
    id: str | None = None
    title: str = ""
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    charter: Charter | None = None
    said: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("row", "status", "id", "title", "errors", "notes")}


@dataclass
class PastPlan:
    """What an import would do; `source` is the digest of the file, `imported` says that it was done."""

    source: str
    rows: list[PastRow]
    notes: list[str]
    imported: bool = False

    def count(self, status: Status) -> int:
        return sum(row.status == status for row in self.rows)

    def counts(self) -> dict[str, int]:
        statuses: tuple[Status, ...] = ("new", "duplicate", "error")
        return {status: self.count(status) for status in statuses}

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "imported": self.imported,
            "source": self.source,
            "counts": self.counts(),
            "notes": self.notes,
            "rows": [row.as_json() for row in self.rows],
        }


def plan_past(db: Database, sheet: Sheet, source: str, manager: str, today: date) -> PastPlan:
    """Return what an import would do now; `manager` answers for rows that name none.

    Raises: SheetWrong, DatabaseAway.
    """
    lines, notes = read_past(sheet, today)
    rows = [_row(line, manager) for line in lines]
    seen: dict[str, PastRow] = {}
    for row in rows:
        if row.status == "error" or row.id is None:
            continue
        before = seen.setdefault(row.id, row)
        known = before.said["content"] if before is not row else _known(db, row.id)
        if known == row.said["content"]:
            row.status = "duplicate"
        elif known is not None:
            row.status = "error"
            where = f"row {before.row}" if before is not row else "another initiative"
            row.errors.append(f"id: {where} has this id, with other content; give another id.")
    return PastPlan(source, rows, [*sheet.notes, *notes])


def _row(line: PastLine, manager: str) -> PastRow:
    row = PastRow(line.row, title=line.given.get("title", ""), errors=line.errors, notes=line.notes)
    if row.errors:
        row.status = "error"
        return row
    given = dict(line.given)
    content = sha256(canonical({name: str(value) for name, value in given.items() if name != "id"})).hexdigest()[:16]
    row.id = given.get("id") or f"ini-{content[:10]}"
    if "purposes" not in given:
        row.notes.append(f"no purpose is given: taken as {Purpose.ANALYSE}")
    try:
        row.charter = Charter.model_validate(with_defaults(_charter(row.id, given, manager)))
    except ValidationError as error:
        row.status = "error"
        row.errors.append(plain_errors(error))
    row.said = {**given, "content": content}
    return row


def _charter(id: str, given: dict[str, Any], manager: str) -> dict[str, Any]:
    fields = {name: given[name] for name in ("track", "issue", "convenor", "sensitivity") if name in given}
    return fields | {
        "id": id,
        "purposes": given.get("purposes", [Purpose.ANALYSE]),
        "parties": [{"id": country, "country": country} for country in given["countries"]],
        "roles": {"manager": given.get("manager", manager)},
        "quotas": {"per_party": 0},
    }


def _known(db: Database, id: str) -> str | None:
    """Return the content an imported initiative has, something else for any other of this id, None for a free id."""
    if ledger.initiative_row(db, id) is None:
        return None
    found = next(ledger.entries(db, id, kind=InitiativeImported.kind), None)
    return str(found.fields["content"]) if found else "not imported"


def journal_of(db: Database, row: PastRow, source: str, by: str, at: datetime) -> Journal:
    """Return the record of one past initiative, its texts kept: opened, imported, closed, each on its day.

    Raises: DatabaseAway.
    """
    assert row.charter is not None
    said, id = row.said, row.charter.id
    kept = {name: texts.put(db, id, said[name]) for name in TEXTS if name in said}
    charter = row.charter.but(title=kept.get("title"), summary=kept.get("summary"))
    counts = {name: said.get(name) for name in COUNTS}
    imported = InitiativeImported(source=source, row=row.row, content=said["content"], **counts)
    closed = InitiativeClosed(outcome=Ending(said["outcome"]))
    days = (_noon(said["opened_on"]), _noon(said["closed_on"]))
    return Journal.past(charter, (imported, closed), days, at, by, f"import/{source}/{row.row}", kept.get("reason"))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def new_rows(plan: PastPlan) -> Sequence[PastRow]:
    return [row for row in plan.rows if row.status == "new"]
