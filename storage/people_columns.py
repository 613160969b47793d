"""The columns of a list of people: which heading means what, and a line for each person below them."""

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.names import DIGITS, folded
from storage.grid import Broken, Cell, Row, Sheet, SheetWrong
from storage.people_cells import DAY_PARTS, DAYS, CellReader, Unclear, Ways, Wish
from storage.people_words import COLUMNS

HEADINGS_WITHIN = 20  # rows in which the headings must stand
TWICE = ("email", "phone")  # may have more than one column
EXAMPLE = "id,name_native,name_latin,languages,country,organisation,category,capacity,since,email,phone"


@dataclass
class Line:
    """One person as a row says: what is given, what is wrong with it, what a person should know."""

    row: int
    given: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_people(sheet: Sheet) -> tuple[list[Line], list[str]]:
    """Return a line for each row below the headings, and notes on columns. Raises: SheetWrong, without headings."""
    place, columns = find_headings(sheet, COLUMNS, _names_somebody, EXAMPLE, TWICE)
    notes = left_out(sheet, place, columns)
    rows = sheet.rows[place + 1 :]
    day_first = day_first_in(rows, columns)
    lines = []
    for row in rows:
        if all(at >= len(row.cells) or row.cells[at] is None for at in columns):
            continue
        lines.append(_read_line(row, columns, CellReader(sheet.day_zero, day_first)))
    return lines, notes


def _names_somebody(name: str) -> bool:
    return name == "id" or name.startswith("name")


def find_headings(
    sheet: Sheet, words: Mapping[str, str], named: Callable[[str], bool], example: str, twice: Container[str] = ()
) -> tuple[int, dict[int, str]]:
    """Return where the headings stand and which column is what; `words` say what each heading means.

    Raises: SheetWrong, when no heading is `named` as one must be, or two columns mean the same.
    """
    best: tuple[int, dict[int, str]] = (0, {})
    for place, row in enumerate(sheet.rows[:HEADINGS_WITHIN]):
        found = {at: name for at, cell in enumerate(row.cells) if (name := _column(cell, words))}
        if len(found) > len(best[1]):
            best = place, found
    names = list(best[1].values())
    if not any(named(name) for name in names):
        raise SheetWrong(f"No row of headings was found. The first row names the columns, for example: {example}.")
    for name in names:
        if names.count(name) > 1 and name not in twice:
            raise SheetWrong(f"Two columns are headed {name} (or another word for it). Keep one of them.")
    return best


def left_out(sheet: Sheet, place: int, columns: Mapping[int, str]) -> list[str]:
    """Return a note for each column that is headed but not understood."""
    titles = sheet.rows[place].cells
    unknown = [str(title) for at, title in enumerate(titles) if title is not None and at not in columns]
    return [f"The column {title[:40]!r} is not known here and was left out." for title in unknown]


def _column(cell: Cell, words: Mapping[str, str]) -> str | None:
    """Return which column a heading names; `Name / الاسم` and `Since (dd/mm/yyyy)` are understood, too."""
    if not isinstance(cell, str):
        return None
    for title in (cell, re.sub(r"\(.*?\)|\[.*?\]", " ", cell), *re.split(r"[/|\n(]", cell)):
        if name := words.get(folded(title)):
            return name
    return None


# --- rows ----------------------------------------------------------------------------------------------------------


def _read_line(row: Row, columns: Mapping[int, str], reader: "CellReader") -> Line:
    line = Line(row.number, notes=list(row.notes))
    reader.notes = line.notes
    cells: dict[str, list[Cell]] = {}
    for at, name in columns.items():
        if at < len(row.cells) and row.cells[at] is not None:
            cells.setdefault(name, []).append(row.cells[at])
    for name, values in cells.items():
        for value in values:
            if isinstance(value, Broken):
                line.errors.append(f"{name}: {value.why}.")
                continue
            try:
                found = reader.read(name, value)
            except Unclear as unclear:
                line.errors.append(f"{name}: {unclear}.")
            else:
                line.given[name] = [*line.given.get(name, []), *found] if name in TWICE else found
    _settle_names(line)
    _settle_ways(line)
    for name, needs in (("since", "capacity"), ("evidence_on", "capacity"), ("consent_on", "consents")):
        if name in line.given and needs not in cells:
            line.errors.append(f"{name}: says nothing without {needs}; fill that in, too.")
    return line


def _settle_names(line: Line) -> None:
    """Put a `name` and first and last names where their letters belong."""
    given = line.given
    parts = [given.pop(part) for part in ("name_given", "name_family") if part in given]
    for whole in [*([given.pop("name")] if "name" in given else []), *([" ".join(parts)] if parts else [])]:
        given.setdefault("name_native" if re.search("[\u0590-\u08ff]", whole) else "name_latin", whole)
    if not line.errors and not any(name in given for name in ("id", "name_native", "name_latin", "name_passport")):
        line.errors.append("name: nobody is named here; give an id or a name.")


def _settle_ways(line: Line) -> None:
    """Make the channels of addresses and of how somebody wants to be reached."""
    given = line.given
    emails, phones = given.pop("email", []), given.pop("phone", [])
    wish: Wish | None = given.pop("contact", None)
    if emails or phones or wish:
        given["ways"] = Ways(tuple(dict.fromkeys(emails)), tuple(dict.fromkeys(phones)), wish)


def day_first_in(rows: tuple[Row, ...], columns: Mapping[int, str]) -> bool | None:
    """Tell from the days beyond 12 how this file writes its dates; None where it does not say, or says both."""
    seen = set()
    for at in (at for at, name in columns.items() if name in DAYS):
        for row in rows:
            cell = row.cells[at] if at < len(row.cells) else None
            found = DAY_PARTS.fullmatch(cell.translate(DIGITS)) if isinstance(cell, str) else None
            if found and found[2] != "." and (int(found[1]) > 12) != (int(found[3]) > 12):
                seen.add(int(found[1]) > 12)
    return seen.pop() if len(seen) == 1 else None
