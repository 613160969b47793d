"""Rows of plain cells, whatever file they came from, and the limits they keep to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import CALENDAR_WINDOWS_1900

ROWS_MAX = 20_000  # that are not empty
COLUMNS_MAX = 200
CELL_MAX = 2_000  # characters


class SheetWrong(ValueError):
    """A file that cannot be taken. Says what it is and how to save it instead."""


@dataclass(frozen=True)
class Broken:
    """A cell that has no value to take."""

    why: str


Cell = str | int | float | bool | date | Broken | None


class Row(NamedTuple):
    """One row that is not empty; `number` is the one the spreadsheet program shows beside it."""

    number: int
    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


class Sheet(NamedTuple):
    """The rows of one sheet, and what a person should know about how they were read."""

    name: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    day_zero: datetime = CALENDAR_WINDOWS_1900  # what a bare number in a column of dates counts from


def checked(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows that are not empty, without empty cells at their end. Raises: SheetWrong, at a limit."""
    count = 0
    for row in rows:
        cells = [cell.strip() or None if isinstance(cell, str) else cell for cell in row.cells]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > ROWS_MAX:
            raise SheetWrong(f"The file has more than {ROWS_MAX:,} rows. Split it.")
        if len(cells) > COLUMNS_MAX:
            raise SheetWrong(f"Row {row.number} has values beyond column {COLUMNS_MAX}. Remove what is not needed.")
        for place, cell in enumerate(cells):
            if isinstance(cell, str) and len(cell) > CELL_MAX:
                where = f"{get_column_letter(place + 1)}{row.number}"
                cells[place] = Broken(f"{where} holds more than {CELL_MAX:,} characters; shorten it")
        yield row._replace(cells=tuple(cells))
