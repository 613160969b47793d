"""`jisr messages`: what became of messages, and what somebody has to decide about them."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from client import Jisr
    from domain.outgoing import Delivery
    from domain.record import Answer

app = typer.Typer(
    help="Messages: what failed or is in doubt, and what to do about it.", no_args_is_help=True, rich_markup_mode=None
)
SHOWN = 12  # characters of an id, enough to name a message by


class Decision(StrEnum):
    """What can be decided."""

    sent = "sent"
    again = "again"
    drop = "drop"


@app.command("list")
def list_messages(
    initiative: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only of this initiative.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every message, not only those to look at.")] = False,
    json: output.JsonOption = False,
) -> int:
    """List messages that failed or may or may not have arrived; with --all every one and what became of it."""
    from storage import returned
    from storage.notices import FROM

    with doors.database() as db:
        states = ("claimed", *FROM) if every else returned.ASKS
        found = returned.listed(db, initiative, states)
    if json:
        output.data([_line(one) for one in found])
        return 0
    headings = ("message", "initiative", "to", "ask", "rung", "due", "state", "by", "why", "failed before")
    output.table(headings, [_row(one) for one in found])
    if doubtful := sum(one.status == "unknown" for one in found):
        output.say(
            f"{doubtful} may or may not have arrived. Ask the reader, then type: jisr messages settle MESSAGE "
            "sent|again|drop"
        )
    return 0


@app.command()
def settle(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="As `jisr messages list` shows it.")],
    decision: Annotated[
        Decision,
        typer.Argument(metavar="sent|again|drop", help="It did arrive; send it once more; nobody gets it."),
    ],
    by: Annotated[str | None, typer.Option(metavar="WHO", help="Who decides, for example manager:p-01.")] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")] = None,
    json: output.JsonOption = False,
) -> int:
    """Decide about a message that failed or is in doubt. The decision stands in the record."""
    from storage import returned

    one = _found(message)
    if one.status not in returned.MAY[decision.value]:
        may = ", ".join(word for word, states in returned.MAY.items() if one.status in states)
        what = f"What can be decided is: {may}." if may else "There is nothing to decide."
        raise InvalidInput(f"{one.id[:SHOWN]} is {one.status}. {what}")
    answer = _recorded(one, decision.value, by, reason)
    if answer is not None and answer.status == "refused":
        output.say(f"Refused ({answer.rule}): {answer.why}")
        return 5
    with doors.database() as db:
        done = returned.decide(db, one.id, decision.value, datetime.now(UTC))
        one = returned.find(db, one.id)
    if done and decision is Decision.again:
        deliver_now([one.notice.initiative])
    if json:
        output.data(_line(one))
    else:
        output.text(f"{one.id[:SHOWN]} is {one.status}")
    return 0


def _found(message: str) -> Delivery:
    from storage import returned

    try:
        with doors.database() as db:
            return returned.find(db, message)
    except returned.NotOne as error:
        raise NotFound(f"{error} See `jisr messages list --all`.") from None


def _recorded(one: Delivery, decision: str, by: str | None, reason: str | None) -> Answer | None:
    """Report the decision; None when the initiative runs no more. The same decision of the same state is one."""
    notice = one.notice
    moment = f"{one.settled_at or one.made_at:%Y%m%dT%H%M%S}"

    async def report(jisr: Jisr) -> Answer:
        return await jisr.report(
            notice.initiative, "message_decided", by=by, key=f"message/{one.id}/{moment}/{decision}", reason=reason,
            message=one.id, person=notice.recipient, decision=decision,
        )  # fmt: skip

    try:
        return doors.with_engine(report)
    except NotFound:
        if decision == "again":
            why = f"{notice.initiative} no longer runs, so nothing is sent. Decide sent or drop."
            raise InvalidInput(why) from None
        output.say(f"{notice.initiative} no longer runs: the decision stands in the ledger, not in its record.")
        return None


def deliver_now(initiatives: list[str]) -> None:
    """Let running initiatives look at what waits; one that cannot be reached does so with its next entry."""

    async def look(jisr: Jisr) -> None:
        await jisr.calendars_changed(initiatives)

    doors.with_engine(look)


def _line(one: Delivery) -> dict[str, Any]:
    notice = one.notice
    return {
        "message": one.id,
        "initiative": notice.initiative,
        "recipient": notice.recipient,
        "obligation": notice.obligation,
        "ask": notice.ask,
        "rung": notice.rung,
        "due_at": notice.due_at.isoformat(),
        "status": one.status,
        "channel": one.channel,
        "code": one.detail or None,
        "tried": [way.told for way in one.ways],
    }


def _row(one: Delivery) -> tuple[Any, ...]:
    notice, failed = one.notice, ", ".join(way.told for way in one.ways)
    due = f"{notice.due_at:%Y-%m-%d %H:%M} UTC"
    return (
        one.id[:SHOWN], notice.initiative, notice.recipient, notice.ask, notice.rung, due, one.status, one.channel,
        one.detail, failed,
    )  # fmt: skip


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="messages")
