"""`jisr migrate`: make the home, the key file and the newest tables; change nothing that is there already."""

from __future__ import annotations

import base64
import json as jsons
import os
import secrets
from typing import TYPE_CHECKING

import typer

from cli import doors, output
from errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from settings import Settings


def migrate(json: output.JsonOption = False) -> int:
    """Bring the database to this release; make the home and the key file if they are not there."""
    own = doors.settings()
    made = make_home(own)
    changed = migrate_database(own)
    if json:
        output.data({"home": str(own.home.resolve()), "key_file_made": made, "migrated": changed})
    else:
        output.text("The database was brought to this release." if changed else "The database is at this release.")
    return 0


def make_home(own: Settings) -> bool:
    """Make the home and the key file, for their owner only; return whether the key file is new. Raises: Unavailable."""
    file = own.key_file()
    try:
        own.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        if own.home.is_dir():
            return False
        raise Unavailable(f"{own.home} is a file. Set JISR_HOME to a folder.") from None
    except OSError as error:
        raise Unavailable(
            f"{own.home} cannot be made: {error.strerror}. Set JISR_HOME (or --home) to a folder you may write to."
        ) from None
    name = f"key-{secrets.token_hex(4)}"
    with os.fdopen(handle, "w") as out:
        jsons.dump({"current": name, "keys": {name: base64.b64encode(secrets.token_bytes(32)).decode()}}, out)
    return True


def migrate_database(own: Settings) -> bool:
    """Bring the tables to this release. Raises: Unavailable, InvalidInput."""
    from storage.database import DatabaseAway, DatabaseNewer, DatabaseUrlWrong, migrate

    try:
        return migrate(own.database)
    except (DatabaseAway, DatabaseNewer) as away:
        raise Unavailable(str(away)) from None
    except DatabaseUrlWrong as wrong:
        raise InvalidInput(str(wrong)) from None


def add_to(app: typer.Typer) -> None:
    app.command()(migrate)
