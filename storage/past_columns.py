"""A list of past initiatives as people keep it: which heading means what, and a line for each initiative below them.

Errors never repeat what stands there: a title may name a topic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.names import DIGITS
from domain.vocabulary import ConvenorType, Ending, Issue, Purpose, Sensitivity, Track
from storage.grid import Broken, Cell, Row, Sheet
from storage.people_cells import CellReader, Unclear, each_word, one_word, several_countries
from storage.people_columns import day_first_in, find_headings, left_out
from storage.people_words import table

COUNTS = ("sessions", "participants", "recommendations", "adopted")
MUST = ("track", "issue", "countries", "opened_on", "closed_on", "outcome")
EXAMPLE = "title,track,issue,countries,opened_on,closed_on,outcome,sessions,recommendations,adopted"
COUNT_MAX = 100_000

HEADINGS = table(
    {
        "id": "id|initiative id|identifier|معرف|المعرف|رمز|ناسنامە|کۆد",
        "title": "title|name|initiative|initiative name|العنوان|اسم المبادرة|المبادرة|ناونیشان|ناوی دەستپێشخەری",
        "summary": "summary|description|notes|الملخص|الوصف|ملاحظات|پوختە|وەسف|تێبینی",
        "track": "track|المسار|ڕێڕەو",
        "issue": "issue|topic|الموضوع|القضية|الملف|بابەت|دۆسیە",
        "purposes": "purposes|purpose|الغرض|الأغراض|ئامانج",
        "countries": "countries|country|parties|الدول|البلدان|الأطراف|وڵاتان|لایەنەکان",
        "convenor": "convenor|convener|الجهة الداعية|بانگهێشتکار",
        "sensitivity": "sensitivity|الحساسية|هەستیاری",
        "manager": "manager|manager id|programme manager|المدير|مدير البرنامج|بەڕێوەبەر",
        "opened_on": "opened on|opened|start|started|start date|from|البداية|تاريخ البدء|دەستپێک|بەرواری دەستپێکردن",
        "closed_on": "closed on|closed|end|ended|end date|until|النهاية|تاريخ الانتهاء|کۆتایی|بەرواری کۆتایی",
        "outcome": "outcome|result|ending|النتيجة|الحصيلة|ئەنجام",
        "reason": "reason|reason for ending|السبب|هۆکار",
        "sessions": "sessions|meetings|rounds|الجلسات|عدد الجلسات|دانیشتنەکان|ژمارەی دانیشتن",
        "participants": "participants|المشاركون|عدد المشاركين|بەشداربووان|ژمارەی بەشداربووان",
        "recommendations": "recommendations|outputs|التوصيات|عدد التوصيات|ڕاسپاردەکان|ژمارەی ڕاسپاردە",
        "adopted": "adopted|recommendations adopted|adopted recommendations|المعتمدة|التوصيات المعتمدة|پەسەندکراو",
    }
)
ENDINGS = table(
    {
        "completed": "complete|finished|done|closed|مكتملة|اكتملت|منجزة|تەواوبوو|تەواو",
        "cancelled": "canceled|stopped|ملغاة|ألغيت|هەڵوەشاوە|هەڵوەشێنرایەوە",
        "no_go": "not taken up|no go|لم تطلق|دەستی پێنەکرد",
    }
)
WORDS: dict[str, tuple[type[StrEnum], Mapping[str, str]]] = {
    "track": (Track, {}),
    "issue": (Issue, {}),
    "convenor": (ConvenorType, {}),
    "sensitivity": (Sensitivity, {}),
    "outcome": (Ending, ENDINGS),
}


@dataclass
class PastLine:
    """One past initiative as a row says: what is given, what is wrong with it, what a person should know."""

    row: int
    given: dict[str, Any] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class _Reader(CellReader):
    """Reads cells about initiatives; days are read as in lists of people."""

    def __init__(self, day_zero: datetime, day_first: bool | None) -> None:
        super().__init__(day_zero, day_first)
        self._reads = {
            "id": lambda said: said.translate(DIGITS).lower(),
            "countries": several_countries,
            "purposes": lambda said: each_word(said, _purpose, _purpose, f"choose among {', '.join(Purpose)}"),
            **{name: _one_of(*words) for name, words in WORDS.items()},
            **dict.fromkeys(COUNTS, _count),
        }

    def read(self, name: str, cell: Cell) -> Any:
        """Return what a cell says. Raises: Unclear."""
        if isinstance(cell, float | int) and not isinstance(cell, bool) and name in ("track", *COUNTS):
            cell = f"{cell:g}"  # a spreadsheet keeps 2 as 2.0
        return super().read(name, cell)


def _one_of(words: type[StrEnum], known: Mapping[str, str]) -> Any:
    return lambda said: one_word(said.translate(DIGITS).replace("٫", "."), words, known)


def _purpose(said: str) -> str | None:
    wanted = said.lower().replace(" ", "_")
    return wanted if wanted in set(Purpose) else None


def _count(said: str) -> int:
    digits = said.translate(DIGITS)
    if not digits.isdecimal() or int(digits) > COUNT_MAX:
        raise Unclear(f"is no count; write a whole number from 0 to {COUNT_MAX:,}")
    return int(digits)


def read_past(sheet: Sheet, today: date) -> tuple[list[PastLine], list[str]]:
    """Return a line for each row below the headings, and notes on columns. Raises: SheetWrong, without headings."""
    place, columns = find_headings(sheet, HEADINGS, lambda name: name in ("opened_on", "closed_on"), EXAMPLE)
    rows = sheet.rows[place + 1 :]
    reader = _Reader(sheet.day_zero, day_first_in(rows, columns))
    filled = [row for row in rows if any(at < len(row.cells) and row.cells[at] is not None for at in columns)]
    return [_read_line(row, columns, reader, today) for row in filled], left_out(sheet, place, columns)


def _read_line(row: Row, columns: Mapping[int, str], reader: _Reader, today: date) -> PastLine:
    line = PastLine(row.number, notes=list(row.notes))
    reader.notes = line.notes
    for at, name in columns.items():
        cell = row.cells[at] if at < len(row.cells) else None
        if cell is None:
            continue
        if isinstance(cell, Broken):
            line.errors.append(f"{name}: {cell.why}.")
            continue
        try:
            line.given[name] = reader.read(name, cell)
        except Unclear as unclear:
            line.errors.append(f"{name}: {unclear}.")
    wrong = {error.partition(":")[0] for error in line.errors}
    line.errors += [f"{name}: is missing." for name in MUST if name not in line.given and name not in wrong]
    _check_days(line, today)
    return line


def _check_days(line: PastLine, today: date) -> None:
    opened, closed = line.given.get("opened_on"), line.given.get("closed_on")
    if closed is not None and closed >= today:
        line.errors.append("closed_on: is not past; what still runs is opened with `jisr open`.")
    if opened is not None and closed is not None and opened > closed:
        line.errors.append("closed_on: lies before opened_on.")
    if line.given.get("outcome") not in (None, "completed") and "reason" not in line.given:
        line.errors.append("reason: an initiative that ended without being completed ends with a reason.")
    if line.given.get("adopted", 0) > line.given.get("recommendations", COUNT_MAX):
        line.errors.append("adopted: more were adopted than recommended.")
