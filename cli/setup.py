"""`jisr migrate`: make the home, the key file and the newest tables; change nothing that is there already."""

from __future__ import annotations

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
    from storage.keys import make_key_file

    file = own.key_file()
    try:
        own.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.is_dir():
            raise IsADirectoryError(21, "Is a directory")
        return make_key_file(file)
    except OSError as error:
        if own.home.exists() and not own.home.is_dir():
            raise Unavailable(f"{own.home} is a file. Set JISR_HOME to a folder.") from None
        raise Unavailable(
            f"{own.home} cannot be made: {error.strerror}. Set JISR_HOME (or --home) to a folder you may write to."
        ) from None


def migrate_database(own: Settings) -> bool:
    """Bring the tables to this release and encrypt what stood in clear text. Raises: Unavailable, InvalidInput."""
    from storage.database import DatabaseAway, DatabaseNewer, DatabaseUrlWrong, migrate, open_database
    from storage.seal_existing import seal_existing

    try:
        changed = migrate(own.database)
        database = open_database(own.database, own.key_file())
        try:
            encrypted = seal_existing(database)
        finally:
            database.close()
    except (DatabaseAway, DatabaseNewer) as away:
        raise Unavailable(str(away)) from None
    except DatabaseUrlWrong as wrong:
        raise InvalidInput(str(wrong)) from None
    if encrypted:
        output.say(f"{encrypted} rows that stood in clear text were encrypted. Keep a copy of the key file elsewhere.")
    return changed


def add_to(app: typer.Typer) -> None:
    app.command()(migrate)
