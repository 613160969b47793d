"""`jisr audit`: prove that nothing was changed or removed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from cli.audit_export import export
from cli.audit_rebuild import archive, rebuild
from cli.witnesses import Witnesses, gather, key_in, own_key, signer
from errors import InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from domain.chain import Head, Verdict
    from storage.database import Database
    from verify_export import Found

OK, DOES_NOT_VERIFY = 0, 6
BEHIND = 5.0  # seconds the record gets to hold what the engine has accepted
CHECKPOINTS = "checkpoints"  # the name under which they stand in a verdict

app = typer.Typer(help="Prove that nothing was changed or removed.", no_args_is_help=True, rich_markup_mode=None)
app.command()(export)
app.command()(rebuild)
app.command()(archive)


@app.command()
def verify(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="The initiative.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every initiative of this installation.")] = False,
    file: Annotated[str | None, typer.Option(metavar="FILE|-", help="An export, checked by itself.")] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="The public key; default this home's.")] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Checkpoints to hold it against; default JISR_CHECKPOINTS.")
    ] = None,
    json: output.JsonOption = False,
) -> int:
    """Check every hash of a record, its order and its end; exit 6 if it does not verify."""
    if [id is not None, every, file is not None].count(True) != 1:
        raise InvalidInput("Give one of: an initiative, --all, or --file FILE.")
    trusted = key_in(key) if key else None
    if file is not None:
        lines = [_file_verdict(file, trusted, checkpoints)]
    else:
        own = doors.settings()
        with doors.database(own) as db:
            known = gather(db, own, trusted, checkpoints)
        lines = [_verdict(one, known) for one in (_all_ids(known) if every else [id or ""])]
        if known.problem and (every or lines[0]["ok"]):
            lines.append(_checkpoints_wrong(known))
    if json:
        output.data(lines if every else next((line for line in lines if not line["ok"]), lines[0]))
    else:
        for line in lines:
            output.text(line["says"])
    return OK if all(line["ok"] for line in lines) else DOES_NOT_VERIFY


@app.command()
def checkpoint(json: output.JsonOption = False) -> int:
    """Sign where every record ends now, keep that in the database and as a file in JISR_CHECKPOINTS."""
    from storage import checkpoints
    from storage.signing import SigningKeyAway

    own = doors.settings()
    signs = signer(own)
    assert signs is not None
    folder = own.checkpoint_folder()
    with doors.database(own) as db:
        try:
            made, damaged = checkpoints.make(db, signs, datetime.now(UTC))
        except SigningKeyAway as away:
            raise Unavailable(str(away)) from None
        try:
            files = checkpoints.export(db, folder)
        except OSError as error:
            raise Unavailable(
                f"Checkpoint {made.number} is in the database, but {folder} cannot be written: {error.strerror}. Set "
                "JISR_CHECKPOINTS to a folder you may write to; the next one brings the missing files."
            ) from None
    if json:
        told = {"number": made.number, "made_at": made.made_at, "initiatives": len(made.heads), "damaged": damaged}
        output.data({**told, "files": [str(file) for file in files]})
    else:
        output.text(f"Checkpoint {made.number} over {len(made.heads)} initiatives, in {folder}.")
    if damaged:
        output.say(
            f"These have lost entries that an earlier checkpoint holds: {', '.join(damaged)}. The new one keeps their "
            "earlier end. See `jisr audit verify --all`."
        )
    return DOES_NOT_VERIFY if damaged else OK


@app.command()
def key(
    every: Annotated[bool, typer.Option("--all", help="Those it followed, too, the oldest first.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Print the public key with which checkpoints and exports are checked; give it to auditors beforehand."""
    if every:
        return _every_key(json)
    signs = signer(doors.settings())
    assert signs is not None
    if json:
        output.data({"key": signs.public})
    else:
        output.text(signs.public_pem().rstrip())
    return OK


def _every_key(json: bool) -> int:
    from storage import checkpoints
    from storage.signing import public_pem

    own = doors.settings()
    with doors.database(own) as db:
        followed = checkpoints.successions(db)
    current = signer(own)
    assert current is not None
    lines = [{"key": one["before"], "until": one["made_at"]} for one in followed]
    lines.append({"key": current.public, "until": None})
    if json:
        output.data(lines)
    else:
        output.text("\n".join(public_pem(str(line["key"])).rstrip() for line in lines))
    return OK


@app.command()
def reads(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only of this initiative.")] = None,
    person: Annotated[str | None, typer.Option("--of", metavar="PERSON", help="Only about this person.")] = None,
    json: output.JsonOption = False,
) -> int:
    """List who read what is sensitive: texts, people, exports; when, and why."""
    from storage import readings

    with doors.database() as db:
        found = readings.readings(db, id, person)
    if json:
        output.data([{**one._asdict(), "at": one.at.isoformat()} for one in found])
    else:
        output.table(readings.Reading._fields, found)
    return OK


@app.command()
def role(name: Annotated[str, typer.Argument(metavar="NAME", help="The role, for example jisr_worker.")]) -> int:
    """Print the SQL that lets a PostgreSQL role run Jisr and only ever add to the record; run it as the owner."""
    from storage.grants import grants

    try:
        statements = grants(name)
    except ValueError as wrong:
        raise InvalidInput(str(wrong)) from None
    for statement in statements:
        output.text(f"{statement};")
    return OK


# --- verdicts --------------------------------------------------------------------------------------------------------


def _verdict(id: str, known: Witnesses) -> dict[str, Any]:
    """Return the verdict on one record: against itself, the list row, the checkpoints, and the engine if reachable."""
    from domain.chain import Head
    from storage import ledger

    head, reachable = _engine_head(id)
    told: list[Head] = sorted(known.heads.get(id, ()))
    with doors.database() as db:
        found = ledger.verify(db, id, *told, *([Head(head["seq"], head["hash"])] if head else ()))
        if found.what == "no record" and found.first_bad is None:
            raise NotFound(f"There is no record of {id}. See `jisr list`.")
    if head is not None:
        beside = "the engine agrees" if found.ok else "the engine was asked"
    else:
        beside = "the engine does not know it any more" if reachable else "the engine is away and was not asked"
    return _line(id, found, f"{beside}{known.beside}")


def _engine_head(id: str) -> tuple[dict[str, Any] | None, bool]:
    """Return the engine's head of the chain, when the record had time to catch up; and whether it was reachable."""

    async def ask(jisr: Jisr) -> dict[str, Any]:
        head = await jisr.head(id)
        await jisr.recorded(id, BEHIND)
        return head

    try:
        return doors.with_engine(ask, doors.GLANCE), True
    except NotFound:
        return None, True
    except Unavailable:
        return None, False


def _all_ids(known: Witnesses) -> list[str]:
    """Return every id the database, a checkpoint or the engine knows: a record removed whole is missed, too."""
    from storage import ledger

    async def ask(jisr: Jisr) -> set[str]:
        found = jisr.engine.list_workflows('WorkflowType = "Initiative"')
        return {one.id.removeprefix("initiative/") async for one in found}

    with doors.database() as db:
        here = {row.id for row in ledger.initiatives(db)} | _recorded(db)
    return sorted(here | known.heads.keys() | (doors.if_engine(ask) or set()))


def _recorded(db: Database) -> set[str]:
    from sqlalchemy import select
    from sqlmodel import col

    from storage.tables import EntryRow

    with db.reading() as session:
        return set(session.execute(select(col(EntryRow.initiative)).distinct()).scalars())


def _file_verdict(file: str, trusted: str | None, folder: Path | None) -> dict[str, Any]:
    """Return the verdict of `verify_export.py`; without a key given it trusts the one of this home, if there is one."""
    from verify_export import check_export, read_checkpoints

    text = doors.read_input(file, 10 * doors.BATCH_FILE_MAX)
    try:
        given = read_checkpoints(folder) if folder else []
    except (OSError, ValueError) as wrong:
        raise InvalidInput(f"--checkpoints: {wrong}") from None
    covered = '"jisr_export"' in text.partition("\n")[0]  # what has no cover was never signed by anybody
    found = check_export(text, trusted or (own_key(doors.settings()) if covered else None), given)
    return _found_line(found.initiative or file, found)


def _found_line(name: str, found: Found) -> dict[str, Any]:
    return {
        "initiative": name,
        "ok": found.ok,
        "entries": found.entries,
        "first_bad": found.first_bad,
        "what": found.what,
        "head": {"seq": found.seq, "hash": found.hash},
        "witness": found.beside,
        "says": found.says(name),
    }


def _line(id: str, found: Verdict, beside: str) -> dict[str, Any]:
    from verify_export import Found

    told = Found(found.ok, found.what, found.first_bad, id, found.entries, found.head.seq, found.head.hash, beside)
    line = _found_line(id, told)
    if found.what == "truncated":
        line["says"] += " If the database was away just now, ask again in a minute."
    return line


def _checkpoints_wrong(known: Witnesses) -> dict[str, Any]:
    from verify_export import Found

    return _found_line(CHECKPOINTS, Found(False, "forged", None, CHECKPOINTS, 0, 0, "", known.problem))


def add_to(main: typer.Typer) -> None:
    main.add_typer(app, name="audit")
