"""What was measured, as lines: a ratio against bare Temporal in the same run first, absolutes as information."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Line:
    """One figure: Jisr's, the bare one's, and what the ratio (or Jisr's figure itself) should stay below."""

    what: str
    jisr: float
    bare: float | None = None
    unit: str = ""
    at_most: float | None = None
    ratio_is_gated: bool = True

    @property
    def ratio(self) -> float | None:
        return self.jisr / self.bare if self.bare else None

    @property
    def verdict(self) -> str:
        if self.at_most is None:
            return ""
        measured = self.ratio if self.ratio_is_gated else self.jisr
        assert measured is not None
        return "ok" if measured <= self.at_most else "OVER"

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"x {self.ratio:.2f}"
        bound = "" if self.at_most is None else f"{'x ' if self.ratio_is_gated else ''}{self.at_most:g}"
        return (self.what, ratio, bound, self.verdict, _shown(self.jisr), _shown(self.bare), self.unit)


@dataclass
class Table:
    """One section of the report."""

    title: str
    load: str
    lines: list[Line] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, what: str, jisr: float, bare: float | None = None, unit: str = "", at_most: float | None = None,
            ratio_is_gated: bool = True) -> None:  # fmt: skip
        self.lines.append(Line(what, jisr, bare, unit, at_most, ratio_is_gated))


HEADER = ("what", "ratio", "at most", "", "Jisr", "bare", "unit")


def text(table: Table) -> str:
    """Return the table for a terminal."""
    rows = [HEADER, *(line.cells() for line in table.lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    shown = [
        "  ".join(cell.ljust(width) if not number else cell.rjust(width) for number, (cell, width) in
                  enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip
    return "\n".join((f"\n{table.title} ({table.load})", *shown, *(f"  {note}" for note in table.notes)))


def markdown(tables: Iterable[Table], about: str) -> str:
    """Return all tables as the page bench/results.md."""
    said = [
        "# What Jisr costs",
        "",
        "Made by `python -m bench --write`. Every ratio is of one run on one server;",
        about,
    ]
    for table in tables:
        said += ["", f"## {table.title}", f"{table.load}", "", "| " + " | ".join(HEADER) + " |"]
        said += ["|" + "---|" * len(HEADER)]
        said += ["| " + " | ".join(line.cells()) + " |" for line in table.lines]
        said += ["", *(f"- {note}" for note in table.notes)] if table.notes else []
    return "\n".join(said) + "\n"


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
