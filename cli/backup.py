"""`jisr backup` and `jisr restore`: a whole home in one file while it runs, and back into an empty one."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import doors, output
from errors import DoesNotVerify, InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:
    from settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, such as jisr-2026-11-23.tar.gz.")],
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="The keys, too: then whoever has the file can read everything.")
    ] = False,
    json: output.JsonOption = False,
) -> int:
    """Write database, engine file and checkpoints of this home into one file; everything may go on meanwhile."""
    from storage.backup import take

    own = doors.settings()
    if file.resolve().is_relative_to(own.home.resolve()):
        raise InvalidInput(f"{file} lies in the home itself. Name a file outside {own.home}.")
    database = _sqlite_file(own)
    secrets = [one for one in _secrets(own) if one.exists()]
    try:
        manifest = take(own.home, database, file, datetime.now(UTC), secrets, with_keys)
    except FileExistsError:
        raise InvalidInput(f"{file} is there already. Name another file.") from None
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"The backup could not be written ({error}). Nothing was left behind.") from None
    if json:
        output.data({"file": str(file), **manifest})
        return 0
    size = file.stat().st_size / 1e6
    output.text(f"{file}: {len(manifest['files'])} files, {size:.1f} MB, as everything stood at {manifest['made_at']}.")
    if not with_keys:
        names = ", ".join(str(one) for one in secrets)
        output.say(f"The keys are not in it. Keep them at another place: {names}. Without them it cannot be read.")
    if "temporal.db" not in manifest["files"]:
        output.say("The engine's own file is not part of this home: back the engine up at the same moment.")
    return 0


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `jisr backup` wrote.")],
    home: Annotated[Path, typer.Option("--home", metavar="DIR", help="The new home: empty, or not there.")],
    keys: Annotated[
        Path | None, typer.Option("--keys", metavar="DIR", help="Folder of the keys, if they are not in the backup.")
    ] = None,
    json: output.JsonOption = False,
) -> int:
    """Put a backup into a new home and check every record in it; start it with `jisr up --home DIR`."""
    from storage.backup import BackupBroken, put_back

    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise InvalidInput(f"{home} is not empty. A backup goes into a new home; nothing was changed.")
    if keys is not None and not (keys / "keys.json").is_file():
        raise InvalidInput(f"There is no keys.json in {keys}. Nothing was changed.")
    try:
        manifest = put_back(file, home)
    except BackupBroken as why:
        raise InvalidInput(f"{file} is no whole backup. {why} Nothing was put back.") from None
    except OSError as error:
        raise Unavailable(f"The backup could not be put back: {error.strerror}.") from None
    for one in sorted(keys.iterdir()) if keys is not None else []:
        if one.is_file():
            shutil.copyfile(one, home / one.name)
            (home / one.name).chmod(0o600)
    broken = _records_that_do_not_verify(home)
    if json:
        output.data({"home": str(home), "made_at": manifest["made_at"], "does_not_verify": broken})
    else:
        output.text(f"{home} stands as everything stood at {manifest['made_at']}.")
    if not (home / "keys.json").is_file():
        output.say(f"There are no keys in it: copy keys.json and signing.pem into {home} before you start it.")
    if broken:
        raise DoesNotVerify(f"Records that do not verify: {', '.join(broken)}. See `jisr audit verify --all`.")
    output.say(f"Every record verifies. What came after that moment is not in it. Start it: jisr up --home {home}")
    return 0


def add_to(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def _sqlite_file(own: Settings) -> Path:
    from storage.database import DatabaseUrlWrong, read_url

    try:
        url = read_url(own.database)
    except DatabaseUrlWrong as wrong:
        raise InvalidInput(str(wrong)) from None
    if url.get_backend_name() != "sqlite":
        raise InvalidInput(
            "This database is PostgreSQL: back it up with pg_dump, at one moment with Temporal's; see docs/runbook.md."
        )
    file = Path(url.database or "")
    if not file.is_file():
        raise NotFound(f"There is no database at {file}. Set JISR_HOME to the home to back up.")
    return file


def _secrets(own: Settings) -> list[Path]:
    return [own.key_file(), own.signing_key_file()]


def _records_that_do_not_verify(home: Path) -> list[str]:
    from storage import ledger
    from storage.database import open_database

    database = open_database(f"sqlite:///{(home / 'jisr.db').resolve()}")
    try:
        rows = ledger.initiatives(database)
        return [row.id for row in rows if not ledger.verify(database, row.id).ok]
    finally:
        database.close()
