"""On PostgreSQL a role that runs Jisr without owning the tables can add to the record and do nothing else to it."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from written_records import chain, list_row

from storage import checkpoints, ledger, readings
from storage.database import Database, at_head, open_database
from storage.grants import ONLY_ADDED_TO, grants
from storage.readings import Reading
from storage.signing import Signer
from storage.tables import Row

ROLE = "jisr_worker"


def test_every_table_is_granted_and_the_record_only_to_be_added_to() -> None:
    said = " ; ".join(grants(ROLE))

    assert all(table in said for table in Row.metadata.tables)
    writes = next(one for one in grants(ROLE) if "UPDATE" in one)
    assert [table for table in ONLY_ADDED_TO if f" {table}," in writes] == []


@pytest.mark.parametrize("name", ["", "Jisr", "a b", "x; DROP TABLE entries", "1a"])
def test_a_name_that_is_no_plain_role_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="small letters"):
        grants(name)


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with today's tables, opened by a role that does not own them."""
    server = request.getfixturevalue("postgres")
    for url in server.database(server.migrated()):
        owner = open_database(url)
        with owner.session() as session:
            if not session.execute(text(f"SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}'")).scalar():
                session.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
            for statement in grants(ROLE):
                session.execute(text(statement))
        owner.close()
        opened = open_database(url.replace("//jisr@", f"//{ROLE}@"))
        assert at_head(opened.url.render_as_string(hide_password=False))
        yield opened
        opened.close()


@pytest.mark.postgres
def test_the_insert_only_role_writes_the_record_and_can_neither_change_nor_open_it(worker: Database) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    entries = chain(3)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    ledger.append(worker, entries, list_row(entries[-1]))
    checkpoints.make(worker, Signer(Ed25519PrivateKey.generate()), at)
    readings.note(worker, Reading(at, "manager:p-01", "timeline", "ini-1"))

    for table in ONLY_ADDED_TO:
        for refused in (
            f"DELETE FROM {table}",
            f"TRUNCATE {table}",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TABLE {table}",
        ):
            with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), worker.session() as session:
                session.execute(text(refused))
    with pytest.raises(DBAPIError, match="permission denied"), worker.session() as session:
        session.execute(text("UPDATE entries SET kind = 'x'"))
    assert ledger.verify(worker, "ini-1").ok
    assert len(list(checkpoints.kept(worker))) == len(readings.readings(worker)) == 1
