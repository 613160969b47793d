"""`jisr calendars`: what counts as a working day where, and how a change that was announced reaches who runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli import doors, output
from errors import InvalidInput

if TYPE_CHECKING:
    from pathlib import Path

    from client import Jisr
    from storage.calendar_overlay import Changes

app = typer.Typer(
    help="Working days, holidays and quiet periods, with the overlay file of JISR_CALENDAR.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
UNTIL = 1  # years after this one


@app.command()
def show(
    country: Annotated[str, typer.Argument(metavar="COUNTRY", help="For example IQ, IQ-KR or TR.")],
    year: Annotated[int | None, typer.Option(help="Which year; default this one and the next.")] = None,
    json: output.JsonOption = False,
) -> int:
    """Show the days off and quiet periods of a country as they are reckoned now, overlay included."""
    from storage.calendar_overlay import WEEKDAYS
    from storage.calendars import build_calendar

    this = datetime.now(UTC).year
    first, last = (year, year) if year else (this, this + UNTIL)
    try:
        calendar = build_calendar(country, first, last, doors.settings().calendar)
    except ValueError as wrong:
        raise InvalidInput(str(wrong)) from None
    if json:
        output.data(calendar.model_dump(mode="json"))
        return 0
    rows = [(day, day, "holiday", "") for day in calendar.holidays]
    rows += [(one.first, one.last, one.kind.replace("_", " "), one.name.replace("_", " ")) for one in calendar.quiet]
    output.table(("first", "last", "what", "name"), sorted(rows))
    output.say(f"Weekend: {', '.join(WEEKDAYS[day] for day in calendar.weekend)}.")
    if calendar.through is None:
        output.say(f"No holidays are known for {country}: write them into the overlay (JISR_CALENDAR).")
    return 0


@app.command()
def check(json: output.JsonOption = False) -> int:
    """Check the overlay file; nothing is changed. Every mistake is told with its line."""
    from storage.calendars import build_calendars

    overlay, found = _overlay()
    year = datetime.now(UTC).year
    try:
        build_calendars(sorted(found), year, year + UNTIL, overlay)
    except ValueError as wrong:
        raise InvalidInput(f"JISR_CALENDAR: {wrong}") from None
    if json:
        output.data({"file": str(overlay), "countries": sorted(found)})
    else:
        output.text(f"{overlay}: good, for {', '.join(sorted(found)) or 'no country'}.")
    return 0


@app.command()
def announce(
    every: Annotated[
        bool, typer.Option("--all", help="Every initiative: after a country was taken out of the overlay.")
    ] = False,
    json: output.JsonOption = False,
) -> int:
    """Let running initiatives plan anew what is not yet sent, now instead of within a minute.

    Those are told in which a country of the overlay counts; without an overlay, or with --all, every one.
    """
    from storage import ledger

    changes = None if doors.settings().calendar is None else _overlay()[1]
    with doors.database() as db:
        ids = [row.id for row in ledger.initiatives(db)] if every or changes is None else ledger.using(db, changes)

    async def tell(jisr: Jisr) -> tuple[list[str], list[str]]:
        return await jisr.calendars_changed(ids)

    reached, gone = doors.with_engine(tell)
    if json:
        output.data({"reached": reached, "gone": gone})
        return 0
    initiatives = "1 initiative plans" if len(reached) == 1 else f"{len(reached)} initiatives plan"
    output.text(f"{initiatives} anew. What was sent stays sent.")
    if gone:
        output.say(f"No longer running, so not told: {', '.join(gone)}.")
    return 0


def _overlay() -> tuple[Path, dict[str, Changes]]:
    """Return the overlay file and its changes by country. Raises: InvalidInput."""
    from storage.calendar_overlay import read_overlay

    file = doors.settings().calendar
    if file is None:
        raise InvalidInput("There is no overlay: name one in JISR_CALENDAR, as examples/calendar_overlay.yaml.")
    try:
        return file, read_overlay(file)
    except ValueError as wrong:
        raise InvalidInput(f"JISR_CALENDAR: {wrong}") from None


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="calendars")
