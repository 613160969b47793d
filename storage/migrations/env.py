"""What alembic runs: always on a connection it is given, whose transaction is ended by whoever gave it."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection
from sqlmodel import AutoString

from storage import answer_tables, key_tables, people_tables, tables
from storage.columns import Json, Utc

PLAIN = {Utc: "sa.DateTime(timezone=True)", Json: "sa.Text()", AutoString: "sa.String()"}


def plain(what: str, value: Any, _: Any) -> str | Literal[False]:
    """Write our column types as the database's own, so that an old step does not hang on today's code."""
    return PLAIN.get(type(value), False) if what == "type" else False


def run(connection: Connection) -> None:
    assert key_tables.DataKeyRow.metadata is answer_tables.AnswerLinkRow.metadata is tables.Row.metadata
    assert people_tables.PersonRow.metadata is tables.Row.metadata
    context.configure(
        connection=connection,
        target_metadata=tables.Row.metadata,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite changes a table by copying it
        render_item=plain,
        transactional_ddl=True,
        transaction_per_migration=False,
    )
    context.run_migrations()


given = context.config.attributes.get("connection")
if given is None:
    raise SystemExit("Run `jisr migrate`; a new step is drafted by `python -m storage.migrations.draft`.")
run(given)
