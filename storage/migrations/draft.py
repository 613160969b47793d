"""Draft the next migration from what the tables have become: `python -m storage.migrations.draft "what changes"`.

Read the draft, try it on both databases, then set storage.database.HEAD to its number.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from storage.database import HEAD, connected, migrate
from storage.migrations.run import config


def draft(message: str) -> None:
    """Write the draft into storage/migrations/versions/, compared with a new database at HEAD."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'draft.db'}"
        migrate(url)

        def compare(connection: Connection) -> None:
            number = f"{int(HEAD) + 1:04d}"
            command.revision(config(connection), message=message, autogenerate=True, rev_id=number)

        connected(url, compare)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit('Say what changes: python -m storage.migrations.draft "people have a second zone"')
    draft(sys.argv[1])
