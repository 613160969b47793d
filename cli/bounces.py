"""`jisr bounces`: mail that came back is written down, and the message goes another way."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cli import doors, output
from errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from storage.database import Database

app = typer.Typer(help="Mail that came back.", no_args_is_help=True, rich_markup_mode=None)
NEXT = re.compile(rb"\r?\n\r?\nFrom ")  # where the next mail of an mbox begins


class Read(NamedTuple):
    """One mail that was read, and what came of it. `message`: the id of the mail that came back, up to the @."""

    where: str
    state: str  # came back | known already | on its way | not ours | no report
    message: str = ""
    code: str = ""
    initiatives: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@app.command()
def read(
    what: Annotated[
        str, typer.Argument(metavar="FILE|DIR|-", help="A mail, an mbox, a Maildir or a folder of mails; - reads one.")
    ],
    by: Annotated[str | None, typer.Option(metavar="WHO", help="Who reads them, for example manager:p-01.")] = None,
    json: output.JsonOption = False,
) -> int:
    """Write down which messages came back: each goes the person's next way. The same mail again changes nothing."""
    own, now = doors.settings(), datetime.now(UTC)
    mails = list(mails_of(what))
    with doors.database(own) as db:
        found = [taken(db, where, mail, now) for where, mail in mails]
        lost = unreachable(db, {one for each in found for one in each.recipients})
    live = sorted({one for each in found if each.state in ("came back", "known already") for one in each.initiatives})

    async def go(jisr: Jisr) -> None:
        await told(jisr, lost, live, by or own.actor, now)

    _show(found, json)
    if not lost and not live:
        return 0
    try:
        doors.with_engine(go)
    except Unavailable as away:
        raise Unavailable(
            f"{away}\nWhat came back is written down; read it again when the engine is there, so that running "
            "initiatives hear of it."
        ) from None
    for person in lost:
        output.say(f"{person} cannot be reached any more by any way on the roster; their initiatives were told.")
    return 0


def taken(db: Database, where: str, mail: bytes, now: datetime) -> Read:
    """Write down what one mail reports; return what it was. Raises: DatabaseAway."""
    from channels.bounces import read_bounce
    from storage import returned

    bounce = read_bounce(mail)
    if bounce is None:
        return Read(where, "no report")
    id, code = bounce.message_id.partition("@")[0], bounce.code
    if not bounce.given_up:
        return Read(where, "on its way", id, code)
    found = returned.came_back(db, bounce.message_id, code, now, bounce.permanent)
    if not found:
        return Read(where, "not ours", id, code)
    state = "known already" if all(one.before for one in found) else "came back"
    initiatives = tuple(sorted({one.delivery.notice.initiative for one in found}))
    readers = {returned.reader_of(one.delivery) for one in found} if bounce.permanent else set()
    return Read(where, state, id, code, initiatives, tuple(sorted(filter(None, readers))))


def unreachable(db: Database, people: set[str]) -> list[str]:
    """Return those of them whom no way on the roster leads to any more, and of whom that was not yet said."""
    from storage import roster

    return [
        one.id
        for one in roster.people(db, people)
        if one.channels
        and one.silence is None
        and one.unreachable_since is None
        and all(
            number in one.bounced or (way.never_write and way.kind not in ("phone", "via_partner"))
            for number, way in enumerate(one.channels)
        )
    ]


async def told(jisr: Jisr, lost: Sequence[str], live: Sequence[str], by: str, now: datetime) -> None:
    """Tell every live initiative who is unreachable, and let those that run send by the next way."""
    for person in lost:
        report = {"kind": "person_unreachable", "person": person, "by": by, "at": now.isoformat()}
        await jisr.roster_change(f"bounced/{person}/{now:%Y%m%dT%H%M%S}", person, report)
    await jisr.calendars_changed(live)


# --- where mails come from ----------------------------------------------------------------------------------


def mails_of(what: str) -> Iterator[tuple[str, bytes]]:
    """Yield each mail with where it stands. Raises: InvalidInput."""
    if what == "-":
        yield from _split("-", sys.stdin.buffer.read())
        return
    place = Path(what)
    if not place.exists():
        raise InvalidInput(f"{what} is not there. Name a mail, an mbox or a folder of mails, or - .")
    files = sorted(one for one in place.rglob("*") if one.is_file()) if place.is_dir() else [place]
    for file in files:
        try:
            yield from _split(str(file), file.read_bytes())
        except OSError as error:
            raise InvalidInput(f"{file} cannot be read: {error.strerror}. Nothing was written down.") from None


def _split(where: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the mails of an mbox, or the one mail that it is."""
    if not content.startswith(b"From "):
        yield where, content
        return
    parts = NEXT.split(content)
    for number, part in enumerate(parts, start=1):
        mail = part.partition(b"\n")[2]  # without the line that parts them
        if message_from_bytes(mail).keys():
            yield f"{where}:{number}", mail


def _show(found: Sequence[Read], json: bool) -> None:
    if json:
        output.data([one._asdict() for one in found])
        return
    headings = ("mail", "what", "message", "code", "initiative", "written to")
    rows = [
        (one.where, one.state, one.message[:12], one.code, ", ".join(one.initiatives), ", ".join(one.recipients))
        for one in found
    ]
    output.table(headings, rows)
    counted = Counter(one.state for one in found)
    output.say(", ".join(f"{number} {state}" for state, number in sorted(counted.items())) or "No mail there.")


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="bounces")
