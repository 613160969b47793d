"""How a command reaches settings, engine and database, and what it says when one of them is away."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cli import admission
from errors import InvalidInput, JisrError, NotFound, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from domain.working_days import Calendar
    from settings import Settings
    from storage.database import Database

T = TypeVar("T")
GLANCE = 2.0  # seconds a command waits for the engine to be there when the record can answer, too
LOOK = 5.0  # and for its answer, once it is there
INPUT_MAX = 1_000_000  # bytes of a charter or of one report
BATCH_FILE_MAX = 50_000_000  # bytes of a batch


def settings(**changes: Any) -> Settings:
    """Return the settings of the environment. Raises: InvalidInput, naming the variable."""
    from pydantic import ValidationError

    from settings import Settings

    try:
        made = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "JISR_" + "_".join(str(part) for part in first["loc"]).upper()
        raise InvalidInput(f"{name} cannot be used: {first['msg']}. Correct it or leave it out.") from None
    if (signed_in := admission.actor()) is not None:
        changes = {**changes, "actor": signed_in}
    return made.model_copy(update=changes) if changes else made


def with_engine(use: Callable[[Jisr], Coroutine[Any, Any, T]], patience: float | None = None) -> T:
    """Run `use` with a client, and close it. Raises: Unavailable and whatever `use` raises."""
    from client import Jisr

    own = settings()

    def hurried(most: float | None) -> Settings:
        return own if most is None else own.model_copy(update={"temporal_timeout": min(most, own.temporal_timeout)})

    async def work() -> T:
        async with await Jisr.connect(hurried(patience)) as jisr:
            jisr.settings = own if patience is None else hurried(LOOK)
            return await use(jisr)

    return asyncio.run(work())


def if_engine(use: Callable[[Jisr], Coroutine[Any, Any, T]]) -> T | None:
    """Return what the engine says, or None while it or its worker is away."""
    try:
        return with_engine(use, GLANCE)
    except Unavailable:
        return None


@contextmanager
def database(own: Settings | None = None) -> Iterator[Database]:
    """Yield the database as it is; reading makes no file and changes no tables. Raises: Unavailable, InvalidInput."""
    from storage.database import DatabaseAway, DatabaseUrlWrong, at_head, open_database

    own = own or settings()
    try:
        if not at_head(own.database):
            raise Unavailable(
                "There is no database of this release here yet. Make it with `jisr migrate` (`jisr up` does, too), "
                "or set JISR_HOME or JISR_DATABASE_URL to where it is."
            )
        opened = open_database(own.database, own.key_file())
        try:
            yield opened
        finally:
            opened.close()
    except DatabaseAway as away:
        raise Unavailable(str(away)) from None
    except DatabaseUrlWrong as wrong:
        raise InvalidInput(str(wrong)) from None


def calendars(countries: Iterable[str], at: datetime) -> dict[str, Calendar]:
    """Return the working calendars around a moment. Raises: InvalidInput, when the overlay is wrong."""
    from activities.record import calendars_for

    try:
        return calendars_for(countries, at.date(), settings().calendar)
    except ValueError as wrong:
        raise InvalidInput(f"JISR_CALENDAR: {wrong}") from None


def read_input(name: str, most: int = INPUT_MAX) -> str:
    """Return the text of a file, or of stdin for `-`. Raises: InvalidInput."""
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(most + 1)
        else:
            with Path(name).open("rb") as file:
                raw = file.read(most + 1)
    except OSError as error:
        raise InvalidInput(f"{name} cannot be read: {error.strerror}. Name a file that is there, or - .") from None
    if len(raw) > most:
        raise InvalidInput(f"{name} is larger than {most:,} bytes. Split it, or put long texts into documents.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} is not UTF-8 (byte {error.start + 1}). Save it as UTF-8.") from None


__all__ = ["InvalidInput", "JisrError", "NotFound", "Unavailable"]
