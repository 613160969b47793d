"""The overlay file: its shape, and reading it. In it stands what the general lists do not know."""

import hashlib
import re
from calendar import isleap
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from domain.values import Country
from domain.working_days import QuietPeriod

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WRITE = {  # under a country; also what an error tells to write
    "weekend": "weekend: [fri, sat]",
    "move": "move: [{from: 2027-03-09, to: 2027-03-10}]",
    "remove": "remove: [{day: 2026-01-06}], or {day: 01-06} for every year",
    "add": "add: [{day: 2026-03-05, name: Uprising Day}], or {day: 03-05, ...} for every year",
    "quiet": "quiet: [{name: mourning, first: 2026-05-01, last: 2026-05-07, kind: closed}] or short_hours",
}
ANY_OF = f"a country such as IQ or IQ-KR, and under it any of {', '.join(WRITE)}"


class Day(NamedTuple):
    """One day, or without a year that day of every year."""

    year: int | None
    month: int
    day: int

    def in_years(self, years: range) -> list[date]:
        """Return the dates that are meant within these years; 29 February only where there is one."""
        leap_day = (self.month, self.day) == (2, 29)
        wanted = [year for year in years if self.year in (None, year) and (isleap(year) or not leap_day)]
        return [date(year, self.month, self.day) for year in wanted]


def _day(given: Any) -> Day:
    found = re.fullmatch(r"(?:(\d{4})-)?(\d\d)-(\d\d)", str(given))
    try:
        if found:
            date(int(found[1] or 2000), int(found[2]), int(found[3]))
            return Day(int(found[1]) if found[1] else None, int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise ValueError(f"{given!r} is no day")


def _weekend(given: Any) -> tuple[int, ...]:
    if not isinstance(given, list) or not given or not {*map(str, given)} <= {*WEEKDAYS}:
        raise ValueError(f"{given!r} are no days of the week")
    return tuple(sorted(WEEKDAYS.index(day) for day in given))


class Entry(BaseModel):
    """Part of the overlay; `where` is its file and line, for whoever has to mend it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    where: str = Field(alias="@where")


class Move(Entry):
    """A holiday was announced for another day."""

    start: date = Field(alias="from")
    to: date


class Remove(Entry):
    """No holiday here."""

    day: Annotated[Day, BeforeValidator(_day)]


class Add(Remove):
    """A holiday the lists do not know."""

    name: str


class Quiet(QuietPeriod, Entry, extra="forbid"):
    """A quiet period of your own."""


class Changes(Entry):
    """What the overlay says about one country."""

    weekend: Annotated[tuple[int, ...], BeforeValidator(_weekend)] = ()
    move: tuple[Move, ...] = ()
    remove: tuple[Remove, ...] = ()
    add: tuple[Add, ...] = ()
    quiet: tuple[Quiet, ...] = ()


def overlay_digest(file: Path | None) -> str:
    """Return what tells one content of the overlay from another; nothing when there is none or it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16] if file is not None else ""
    except OSError:
        return ""


def read_overlay(file: Path) -> dict[str, Changes]:
    """Return the changes by country. Raises ValueError with one sentence for each entry that is wrong."""
    import yaml  # noqa: PLC0415  only who has an overlay pays for it

    try:
        text = file.read_text(encoding="utf-8-sig")
        points = any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.BaseLoader))
        root = None if points else yaml.compose(text, Loader=yaml.BaseLoader)
        contents = _plain(root, file) if root else {}
    except OSError as problem:
        raise ValueError(f"{file} cannot be read: {problem.strerror}. Name a file that exists.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise ValueError(f"{file} is not YAML: {problem}. Write {ANY_OF}.") from None
    except RecursionError:
        raise ValueError(f"{file} is nested too deeply. Write {ANY_OF}.") from None
    if points:  # what points to another part may grow without end
        raise ValueError(f"{file}: one part points to another (*). Write it out.")
    if not isinstance(contents, dict):
        raise ValueError(  # noqa: TRY004  a mistake in a file, not in a program
            f"{file}, line 1: no country stands there. Write {ANY_OF}."
        )
    contents.pop("@where", None)
    try:
        return TypeAdapter(dict[Country, Changes]).validate_python(contents)
    except ValidationError as problem:
        raise ValueError("\n".join(_sentence(error, contents, file) for error in problem.errors())) from None


def _plain(node: Any, file: Path) -> Any:
    """Return a YAML node as dicts, lists and texts (so NO stays Norway); every dict tells where it stands."""
    if node.id == "scalar":
        return node.value
    if node.id == "sequence":
        return [_plain(item, file) for item in node.value]
    plain = {"@where": f"{file}, line {node.start_mark.line + 1}"}
    for key, value in node.value:
        if str(key.value) in plain:
            line = key.start_mark.line + 1
            raise ValueError(f"{file}, line {line}: {key.value} stands there twice. Put both parts under one.")
        plain[str(key.value)] = _plain(value, file)
    return plain


def _sentence(error: Any, contents: Any, file: Path) -> str:
    path = [step for step in error["loc"] if step != "[key]"]
    where, here, words = str(file), contents, list[str]()
    for step in path:
        try:
            here = here[step]
        except (LookupError, TypeError):  # a field that is missing
            here = None
        where = here["@where"] if isinstance(here, dict) else where
        words.append(f"entry {step + 1}" if isinstance(step, int) else str(step))
    wrong = error["msg"].removeprefix("Value error, ")
    write = next((WRITE[step] for step in path if step in WRITE), ANY_OF)
    return f"{where}: {', '.join(words)}: {wrong}. Write {write}."
