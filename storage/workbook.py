"""One sheet of an XLSX workbook as rows of plain cells: values, never formulas; what is hidden or merged is said.

Not openpyxl's own reader: that gives either formulas or their values, and makes every cell up to the last one, which
may be XFD1048576. No part may hold a DTD, so there are no entities, neither external nor exploding.
"""

import io
import posixpath
import re
import zipfile
import zlib
from datetime import datetime, time, timedelta
from xml.etree import ElementTree

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import column_index_from_string, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from storage.grid import COLUMNS_MAX, ROWS_MAX, Broken, Cell, Row, Sheet, SheetWrong, checked

UNPACKED_MAX = 100_000_000  # bytes of all parts of an XLSX
PARTS_MAX = 2_000
_NOT_XLSX = "The file is no XLSX workbook (or is damaged). Save it as .xlsx, or as CSV UTF-8."


def read_xlsx(raw: bytes, wanted: str | None) -> Sheet:
    """Return the wanted sheet, or the first that is shown and not empty. Raises: SheetWrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return _Workbook(archive).read(wanted)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise SheetWrong(_NOT_XLSX) from None
    except (ElementTree.ParseError, LookupError, ValueError) as error:  # LookupError: an encoding nobody knows, too
        if isinstance(error, SheetWrong):
            raise
        raise SheetWrong(_NOT_XLSX) from None


class _Workbook:
    """The parts of an XLSX file that a table needs."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        parts = archive.infolist()
        # A part cannot unpack to more than it declares: zipfile stops there and finds the checksum wrong.
        if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
            raise SheetWrong(f"The file unpacks to more than {UNPACKED_MAX:,} bytes. Remove pictures, or split it.")
        self._archive = archive
        self._names = {part.filename for part in parts}
        if "xl/workbook.xml" not in self._names:
            raise SheetWrong(_NOT_XLSX)
        book = self._tree("xl/workbook.xml")
        targets = {one.get("Id"): one.get("Target", "") for one in self._tree("xl/_rels/workbook.xml.rels")}
        self.sheets = [
            (one.get("name", ""), one.get("state", "visible"), targets[_attribute(one, "id")])
            for one in book.iter()
            if _tag(one) == "sheet"
        ]
        dated = any(one.get("date1904") in ("1", "true") for one in book.iter() if _tag(one) == "workbookPr")
        self.day_zero = CALENDAR_MAC_1904 if dated else CALENDAR_WINDOWS_1900
        self._strings = [_text(one) for one in self._tree("xl/sharedStrings.xml") if _tag(one) == "si"]
        self._date_styles = self._dates()

    def read(self, wanted: str | None) -> Sheet:
        """Return one sheet: the wanted one, or the first that is shown and not empty."""
        if wanted is not None:
            found = [one for one in self.sheets if one[0].casefold() == wanted.casefold()]
            if not found:
                raise SheetWrong(
                    f"There is no sheet of that name; there are {', '.join(n for n, _, _ in self.sheets)}."
                )
            rows, notes = self._rows(found[0][2])
            return Sheet(found[0][0], rows, notes, self.day_zero)
        notes_before = tuple(
            f"The sheet {name!r} is hidden and was not read." for name, s, _ in self.sheets if s != "visible"
        )
        shown = [(name, path) for name, state, path in self.sheets if state == "visible"]
        for place, (name, path) in enumerate(shown):
            rows, notes = self._rows(path)
            if rows:
                more = tuple(f"The sheet {other!r} was not read; --sheet names it." for other, _ in shown[place + 1 :])
                return Sheet(name, rows, notes_before + more + notes, self.day_zero)
        return Sheet("", (), notes_before)

    def _rows(self, target: str) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        found: dict[int, dict[int, Cell]] = {}
        hidden_rows: set[int] = set()
        hidden_columns: list[str] = []
        merged: list[tuple[int, int, int, int]] = []
        self._formulas = 0
        number = 0
        for _, one in ElementTree.iterparse(io.BytesIO(self._part(path))):
            match _tag(one):
                case "row":
                    number = int(one.get("r", number + 1))
                    cells = self._cells(one, number)
                    if cells:
                        found[number] = cells
                        if len(found) > 2 * ROWS_MAX:
                            raise SheetWrong(f"The file has more than {ROWS_MAX:,} rows. Split it.")
                        if one.get("hidden") in ("1", "true"):
                            hidden_rows.add(number)
                    one.clear()
                case "col" if one.get("hidden") in ("1", "true"):
                    hidden_columns.append(get_column_letter(int(one.get("min", "1"))))
                case "mergeCell":
                    merged.append(range_boundaries(one.get("ref", "A1")))
        filled = _fill(found, merged)
        rows = (
            Row(
                number,
                tuple(cells.get(place) for place in range(1, max(cells, default=0) + 1)),
                ("hidden in the sheet",) * (number in hidden_rows) + filled.get(number, ()),
            )
            for number, cells in sorted(found.items())
        )
        notes = []
        if hidden_columns:
            notes.append(f"Hidden columns were read, too, from {', '.join(hidden_columns)}.")
        if hidden_rows:
            notes.append(f"{len(hidden_rows)} hidden rows were read, too; they are marked.")
        if self._formulas:
            notes.append(f"Of {self._formulas} formulas the value was taken that was last saved with them.")
        return tuple(checked(rows)), tuple(notes)

    def _cells(self, row: ElementTree.Element, number: int) -> dict[int, Cell]:
        made: dict[int, Cell] = {}
        column = 0
        for one in row:
            if _tag(one) != "c":
                continue
            reference = re.match("[A-Z]+", one.get("r", ""))
            column = column_index_from_string(reference[0]) if reference else column + 1
            value = self._value(one, f"{get_column_letter(column)}{number}")
            if value not in (None, ""):
                if column > COLUMNS_MAX:
                    raise SheetWrong(f"Row {number} has values beyond column {COLUMNS_MAX}. Remove what is not needed.")
                made[column] = value
        return made

    def _value(self, cell: ElementTree.Element, where: str) -> Cell:
        parts = {_tag(one): one for one in cell}
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text(parts["is"]) if "is" in parts else None
        value = parts["v"].text if "v" in parts else None
        if "f" in parts:
            self._formulas += 1
            if value is None and kind != "str":
                return Broken(
                    f"{where} holds a formula without its value; open the file in a spreadsheet program and save it, "
                    "or write the value"
                )
        if value is None:
            return None
        match kind:
            case "s":
                return self._strings[int(value)]
            case "b":
                return value in ("1", "true")
            case "e":
                return Broken(f"{where} holds the error {value[:20]}")
            case "str" | "d":
                return _unescape(value)
        number = float(value)
        if int(cell.get("s", "0")) in self._date_styles:
            return _moment(number, self.day_zero, where)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number

    def _dates(self) -> set[int]:
        """Return the numbers of the styles that show a number as a date."""
        styles = self._tree("xl/styles.xml")
        own = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iter() if _tag(one) == "numFmt"}
        lists = [one for one in styles if _tag(one) == "cellXfs"]
        dated = set()
        for place, style in enumerate(lists[0] if lists else []):
            id = style.get("numFmtId", "0")
            code = own.get(id) or BUILTIN_FORMATS.get(int(id), "")
            if 27 <= int(id) <= 36 or 50 <= int(id) <= 58 or is_date_format(code):
                dated.add(place)
        return dated

    def _tree(self, path: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._part(path)) if path in self._names else ElementTree.Element("none")

    def _part(self, path: str) -> bytes:
        raw = self._archive.read(path)
        for mark in ("<!DOCTYPE", "<!ENTITY"):
            if mark.encode() in raw or mark.encode("utf-16-le") in raw or mark.encode("utf-16-be") in raw:
                raise SheetWrong("The file holds a document type, which a spreadsheet never does. It was not read.")
        return raw


def _fill(found: dict[int, dict[int, Cell]], merged: list[tuple[int, int, int, int]]) -> dict[int, tuple[str, ...]]:
    """Let the value of a cell merged over several rows hold for each; return what to say of them, by row."""
    said: dict[int, tuple[str, ...]] = {}
    count = 0
    last = max(found, default=0)
    for left, top, _, bottom in merged:
        value = found.get(top, {}).get(left)
        if value is None:
            continue
        for number in range(top + 1, min(bottom, last) + 1):
            count += 1
            if count > ROWS_MAX * 10:
                raise SheetWrong("The sheet has too many merged cells. Undo merging, then save it again.")
            if number in found and left not in found[number]:
                found[number][left] = value
                where = f"{get_column_letter(left)}{top}"
                said[number] = (*said.get(number, ()), f"{get_column_letter(left)} from the merged cell {where}")
    return said


def _moment(number: float, day_zero: datetime, where: str) -> Cell:
    try:
        made = from_excel(number, day_zero)
    except (ValueError, OverflowError):
        return Broken(f"{where} holds no possible date")
    if isinstance(made, time | timedelta):
        return str(made)
    return made.date() if isinstance(made, datetime) else made


def _text(element: ElementTree.Element) -> str:
    """Return the text of a rich string, without the phonetic help that may stand beside it."""
    said = [one for one in element if _tag(one) in ("t", "r")]
    return _unescape("".join(t.text or "" for one in said for t in one.iter() if _tag(t) == "t"))


def _unescape(text: str) -> str:
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text).strip()


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _attribute(element: ElementTree.Element, name: str) -> str | None:
    """Return an attribute in whatever namespace: strict workbooks use others."""
    return next((value for at, value in element.items() if at == name or at.endswith("}" + name)), None)
