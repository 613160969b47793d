"""`jisr audit export`: the record on its way out, under a signed cover with the note on whose views these are."""

from __future__ import annotations

import hashlib
import json as jsons
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from cli.witnesses import signer
from errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from domain.record import Entry
    from storage.database import Database
    from storage.signing import Signer

DISCLAIMER = (
    "What is written here speaks for nobody but those who said it: not for their institutions or governments, and "
    "not for whoever hosts, funds or runs the dialogue."
)


def export(
    id: Annotated[str, typer.Argument(metavar="ID", help="The initiative.")],
    format: Annotated[str, typer.Option(help="jsonl.")] = "jsonl",  # noqa: A002  the option's name
    redacted: Annotated[bool, typer.Option("--redacted", help="Not part of this version.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Write the record as JSON Lines under a signed cover, as `jisr audit verify --file` reads it."""
    if format != "jsonl" or redacted:
        what = "a redacted export" if redacted else f"the format {format[:20]!r}"
        raise InvalidInput(f"This version cannot write {what} yet. Leave the option out for JSON Lines.")
    from cli.initiatives import catch_up
    from storage import ledger

    if not catch_up(id):
        output.say("The engine is away: what is exported is what was recorded by now.")
    own = doors.settings()
    with doors.database(own) as db:
        entries = list(ledger.entries(db, id))
        if not entries:
            raise NotFound(f"There is no record of {id}. See `jisr list`.")
        about = {"head": [entries[-1].seq, entries[-1].hash], "checkpoints": _checkpoints(db, id)}
        lines = [_line(entry) for entry in entries]
    signs = signer(own)
    assert signs is not None
    print(covered(signs, "full", id, lines, about), *lines, sep="\n")
    return 0


def covered(signs: Signer, what: str, initiative: str, lines: list[str], about: dict[str, Any]) -> str:
    """Return the first line of an export: what it is, the note, and a signature over that and all lines below."""
    from domain.record import canonical

    cover = {
        "seq": 0,
        "kind": "cover",
        "jisr_export": 1,
        "what": what,
        "initiative": initiative,
        "made_at": datetime.now(UTC).isoformat(),
        "disclaimer": DISCLAIMER,
        **about,
        "content": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        "key": signs.public,
    }
    return jsons.dumps({**cover, "signature": signs.sign(canonical(cover))}, ensure_ascii=False)


def _line(entry: Entry) -> str:
    return jsons.dumps(entry.model_dump(mode="json"), ensure_ascii=False)


def _checkpoints(db: Database, id: str) -> list[dict[str, Any]]:
    """Return the newest checkpoint that knows this initiative, as an export carries it."""
    from storage import checkpoints

    last = checkpoints.newest(db)
    return [last.within(id)] if last is not None and any(one[0] == id for one in last.heads) else []
