"""`jisr audit export`: the record on its way out: whole for auditors, with pseudonyms, or as counts for donors.

Each carries the note on whose views these are, and obeys the rule of attribution of each segment. JSON Lines stand
under a signed cover; CSV and HTML are for reading and prove nothing.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json as jsons
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import admission, doors, output
from cli.witnesses import signer
from errors import InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from domain.initiative import Initiative
    from domain.record import Entry
    from storage.database import Database
    from storage.signing import Signer

FORMATS = ("jsonl", "csv", "html")
LANGUAGES = ("en", "ar", "ckb")
Row = dict[str, Any]


def export(
    id: Annotated[str, typer.Argument(metavar="ID", help="The initiative.")],
    redacted: Annotated[bool, typer.Option("--redacted", help="With pseudonyms and without texts.")] = False,
    donor: Annotated[bool, typer.Option("--donor", help="Counts only; none that is below five.")] = False,
    format: Annotated[str, typer.Option(metavar="jsonl|csv|html", help="Only jsonl is signed.")] = "jsonl",  # noqa: A002
    language: Annotated[str, typer.Option(metavar="en|ar|ckb", help="Of the note on the cover.")] = "en",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write it there, with the key and verify_export.py.")
    ] = None,
    why: Annotated[str, typer.Option(metavar="TEXT", help="For whom, and why; it is noted.")] = "",
    json: output.JsonOption = False,
) -> int:
    """Export a record: whole, redacted or as counts, with the note on whose views these are."""
    if redacted and donor:
        raise InvalidInput("Give --redacted or --donor, not both.")
    for option, value, known in (("--format", format, FORMATS), ("--language", language, LANGUAGES)):
        if value not in known:
            raise InvalidInput(f"{option}: there is no {value[:20]!r} here. Choose one of {', '.join(known)}.")
    from channels.history import disclaimer
    from cli.initiatives import catch_up
    from storage import checkpoints, ledger, readings

    if not catch_up(id):
        output.say("The engine is away: what is exported is what was recorded by now.")
    what = "redacted" if redacted else "donor" if donor else "full"
    own = doors.settings()
    with doors.database(own) as db:
        entries = list(ledger.entries(db, id))
        if not entries:
            raise NotFound(f"There is no record of {id}. See `jisr list`.")
        rows = rows_of(what, entries, folded(entries))
        about: Row = {"initiative": id, "disclaimer": disclaimer(language)}
        if what == "full":
            about |= {"head": [entries[-1].seq, entries[-1].hash], "checkpoints": _checkpoints(db, id)}
        if followed := checkpoints.successions(db):
            about |= {"keys": followed}  # whoever has the key of then can check what was signed with a later one
        readings.note(db, readings.Reading(datetime.now(UTC), own.actor, f"export.{what}", id, None, why))
    signs = signer(own)
    assert signs is not None
    text = "".join(f"{line}\n" for line in _written(format, signs, what, about, rows))
    if out is None:
        print(text, end="")
        return 0
    files = _put(out, f"{id}-{what}.{format}", text, signs)
    if json:
        output.data({"initiative": id, "what": what, "files": [str(file) for file in files]})
    else:
        output.text("\n".join(map(str, files)))
    return 0


# --- what is in it ----------------------------------------------------------------------------------------------------


def folded(entries: list[Entry]) -> Initiative:
    """Return the state today: a rule tightened later, or a breach, holds for what was recorded before."""
    from domain import decide as _whole_catalogue  # noqa: F401
    from domain.journal import Journal

    return Journal.fold(entries).now


def rows_of(what: str, entries: list[Entry], now: Initiative) -> list[Row]:
    """Return the lines of an export as JSON values."""
    from domain import donor
    from domain.disclosure import Redactor, withheld

    if what == "donor":
        found = donor.tables(now)
        hidden = "not shown"  # said of a cell and of a whole table alike
        return [
            {"table": name, "cell": cell, "count": hidden if number is None else number}
            for name, cells in found.items()
            for cell, number in (cells or {"all": None}).items()
        ]
    if what == "redacted":
        redactor = Redactor(secrets.token_bytes(32))
        return [redactor.line(entry, withheld(entry, now)) for entry in entries]
    return [_whole(entry, withheld(entry, now) or _for_assessors(entry)) for entry in entries]


def _for_assessors(entry: Entry) -> str | None:
    """Return why a review is withheld: where people sign in, only assessors see what it says, and no export does."""
    from domain.access import REVIEWS

    return "for_assessors" if admission.here().named and entry.kind in REVIEWS else None


def _whole(entry: Entry, rule: str | None) -> Row:
    """Return an entry as it was sealed; of one that is withheld only its place in the chain."""
    if rule is None:
        return entry.model_dump(mode="json")
    place = entry.model_dump(mode="json", include={"initiative", "seq", "prev", "hash"})
    return {**place, "kind": "withheld", "withheld": rule}


def _checkpoints(db: Database, id: str) -> list[Row]:
    """Return the newest checkpoint that knows this initiative, as an export carries it."""
    from storage import checkpoints

    last = checkpoints.newest(db)
    return [last.within(id)] if last is not None and any(one[0] == id for one in last.heads) else []


# --- how it is written ------------------------------------------------------------------------------------------------


def _written(format_: str, signs: Signer, what: str, about: Row, rows: list[Row]) -> list[str]:
    if format_ == "csv":
        return _csv(about["disclaimer"], rows)
    if format_ == "html":
        return _html(about, rows)
    lines = [jsons.dumps(row, ensure_ascii=False) for row in rows]
    return [covered(signs, what, lines, about), *lines]


def covered(signs: Signer, what: str, lines: list[str], about: Row) -> str:
    """Return the first line of an export: what it is, the note, and a signature over that and all lines below."""
    from domain.record import canonical

    cover = {
        "seq": 0,
        "kind": "cover",
        "jisr_export": 1,
        "what": what,
        "made_at": datetime.now(UTC).isoformat(),
        **about,
        "content": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        "key": signs.public,
    }
    return jsons.dumps({**cover, "signature": signs.sign(canonical(cover))}, ensure_ascii=False)


def _csv(note: str, rows: list[Row]) -> list[str]:
    """Return CSV with the note as its first line; nothing in it is taken for a formula."""
    text = io.StringIO()
    names = _names(rows)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([note])
    writer.writerow(names)
    writer.writerows([[_harmless(_cell(row.get(name))) for name in names] for row in rows])
    return text.getvalue().splitlines()


def _html(about: Row, rows: list[Row]) -> list[str]:
    names = _names(rows)
    title = html.escape(f"{about['initiative']}")
    return [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        "<style>body{font-family:sans-serif;margin:2em}td,th{border:1px solid #999;padding:.3em;text-align:start}"
        "table{border-collapse:collapse}</style></head><body>",
        f'<h1>{title}</h1><p dir="auto"><strong>{html.escape(about["disclaimer"])}</strong></p><table>',
        "<thead><tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in names) + "</tr></thead><tbody>",
        *(
            "<tr>" + "".join(f'<td dir="auto">{html.escape(_cell(row.get(name)))}</td>' for name in names) + "</tr>"
            for row in rows
        ),
        "</tbody></table></body></html>",
    ]


def _names(rows: list[Row]) -> list[str]:
    return list({name: None for row in rows for name in row})


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else jsons.dumps(value, ensure_ascii=False)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell


def _put(folder: Path, name: str, text: str, signs: Signer) -> list[Path]:
    """Write the export, the public key and the program that checks it. Raises: Unavailable."""
    import verify_export

    program = Path(verify_export.__file__).read_text(encoding="utf-8")
    written = {name: text, "public.pem": signs.public_pem(), "verify_export.py": program}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, content in written.items():
            (folder / file).write_text(content, encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"{folder} cannot be written: {error.strerror}. Name another folder with --out.") from None
    return [folder / file for file in written]
