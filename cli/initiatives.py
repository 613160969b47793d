"""`jisr open` and `jisr list`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import admission, doors, output
from errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from domain.outgoing import ListRow

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The initiative.")]


def open_initiative(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A charter in YAML or JSON.")],
    by: Annotated[str | None, typer.Option(metavar="WHO", help="Who opens it, for example manager:p-01.")] = None,
    json: output.JsonOption = False,
) -> int:
    """Open an initiative from its charter; print its id."""
    from cli.charter_file import read_charter_file
    from desk import read_charter
    from domain.record import Report
    from domain.rules import Refused

    given = read_charter_file(file)
    read_charter(given)  # whatever is wrong with it is said before anything is asked of the engine
    if by is not None:
        try:
            Report.read({"kind": "initiative_opened", "by": by})
        except Refused as refused:
            raise InvalidInput(f"--by: {refused.why}") from None
    answer = doors.with_engine(lambda jisr: jisr.open(given, by))
    if json:
        output.data(answer.model_dump(mode="json"))
    else:
        output.text(answer.initiative)
    if answer.status == "duplicate":
        output.say(f"{answer.initiative} was open already: duplicate, nothing was changed.")
    return 0


def list_initiatives(
    stage: Annotated[str | None, typer.Option(help="Only those in this stage.")] = None,
    track: Annotated[str | None, typer.Option(help="Only those of this track, for example 1.5.")] = None,
    stalled: Annotated[bool, typer.Option("--stalled", help="Only those that are stalled.")] = False,
    waiting_on: Annotated[str | None, typer.Option(metavar="WHO", help="Only those that wait on this person.")] = None,
    json: output.JsonOption = False,
) -> int:
    """List the initiatives: where each stands and what it waits for."""
    from domain.vocabulary import Stage, Track

    for option, value, words in (("--stage", stage, list(Stage)), ("--track", track, list(Track))):
        if value is not None and value not in set(words):
            raise InvalidInput(f"{option}: there is no {value[:40]!r}. Choose one of {', '.join(words)}.")
    from storage import ledger

    with doors.database() as db:
        rows = ledger.initiatives(db, stage, track, stalled or None, waiting_on)
    within = admission.here().initiatives
    rows = [row for row in rows if not within or row.id in within]
    if json:
        output.data([row.model_dump(mode="json") for row in rows])
        return 0
    headings = ("id", "track", "stage", "state", "waits on", "since", "next due", "broken rules")
    output.table(headings, [_row(row) for row in rows])
    if not rows:
        output.say("No initiative is recorded here that fits. `jisr open FILE` opens one.")
    return 0


def _row(row: ListRow) -> tuple[Any, ...]:
    first = row.waiting_on[0] if row.waiting_on else None
    more = f" (+{len(row.waiting_on) - 1})" if len(row.waiting_on) > 1 else ""
    waits = f"{first.who}: {words(first.ask)}{more}" if first else ""
    state = (
        "closed" if row.closed_at else f"stalled since {row.stalled_since:%Y-%m-%d}" if row.stalled_since else "live"
    )
    since = f"{first.since:%Y-%m-%d}" if first else ""
    return (row.id, row.track, row.stage, state, waits, since, row.next_due, ", ".join(row.broken))


def catch_up(id: str) -> bool:
    """Wait until the record of an initiative holds what the engine accepted; False when the engine is away."""
    try:
        return bool(doors.if_engine(lambda jisr: jisr.recorded(id)))
    except NotFound:
        return True  # it runs no more: its record is all there is


def words(ask: str) -> str:
    """Return `sign mou` for `sign_mou`."""
    return ask.replace("_", " ")


def add_to(app: typer.Typer) -> None:
    app.command("open")(open_initiative)
    app.command("list")(list_initiatives)
