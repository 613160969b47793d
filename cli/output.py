"""What people and programs read: data on stdout, words on stderr. Tables on a terminal, tab-separated when piped."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def say(words: object) -> None:
    """Print words for a person; never data."""
    print(words, file=sys.stderr, flush=True)


def data(value: Any) -> None:
    """Print one JSON value: indented for eyes, on one line for pipes."""
    print(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None, default=str))


def line(value: Any) -> None:
    """Print one line of JSON Lines, at once."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)


def text(words: str) -> None:
    print(words)


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows in columns; when piped, tab-separated under a line of headings."""
    cells = [[_cell(value) for value in row] for row in rows]
    if not sys.stdout.isatty():
        for row in ([*headings], *cells):
            print("\t".join(row))
        return
    widths = [max(_width(row[i]) for row in ([*headings], *cells)) for i in range(len(headings))]
    for row in ([name.upper() for name in headings], *cells):
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        print("  ".join(padded).rstrip())


def clean(words: str) -> str:
    """Return words on one line and without anything a terminal would obey."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in words)


def local(moment: datetime, zone: str) -> str:
    """Return a moment as the wall clock there shows it, with the zone."""
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} {zone}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, bool):
        return "yes" if value else ""
    return clean(str(value))


def _width(words: str) -> int:
    """Return how many columns words take: marks sit on the letter before, some letters are wide."""
    marks = sum(unicodedata.combining(c) != 0 or unicodedata.category(c) == "Cf" for c in words)
    return len(words) - marks + sum(unicodedata.east_asian_width(c) in "WF" for c in words)
