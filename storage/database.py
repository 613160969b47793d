"""The door to the database: one transaction at a time, on SQLite or PostgreSQL, and the way to its newest tables.

db = open_database("sqlite:////home/jisr/jisr.db", keys=Path("/home/jisr/keys.json"))  # or postgresql://...
with db.session() as session: ...                       # commits at the end; an exception undoes all of it
"""

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, Executable, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, SQLModel

from storage.away import DatabaseAway as DatabaseAway  # noqa: PLC0414  callers find both here
from storage.away import DatabaseUrlWrong as DatabaseUrlWrong  # noqa: PLC0414
from storage.keyring import Keyring

HEAD = "0008"  # the newest migration; a test holds it against storage/migrations/versions
BUSY_SECONDS = 10  # how long a writer waits for another process before it gives up
CONNECT_SECONDS = 10
POOL = 10  # connections kept; as many again when there is a rush
LOCK = 0x6A697372  # "jisr": PostgreSQL's advisory lock around a migration
TABLES_MISSING = re.compile(r"no such (table|column)|(relation|column) .* does not exist")

T = TypeVar("T")


class DatabaseNewer(Exception):
    """The database was brought to a later release than this one."""


class Database:
    """An open database. Threads may share it; close it at the end."""

    def __init__(self, url: str, keys: Path | None = None) -> None:
        self.url = read_url(url)
        if keys is None and self.is_sqlite:
            keys = Path(self.url.database or "").with_name("keys.json")
        self.keyring = Keyring(keys)
        self._engine = _engine(self.url)
        self._reader = self._engine.execution_options(reads=True)
        # Threads of one process take turns here: SQLite's own waiting is a poll, and unfair.
        self._turn = threading.Lock() if self.is_sqlite else nullcontext()

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Yield a session that reads and writes; all of it is one transaction. Raises: DatabaseAway.

        Never open one inside another: on SQLite the inner one would wait for the outer one for ever.
        """
        info = {"keyring": self.keyring, "writes": True}
        made = Session(self._engine, expire_on_commit=False, info=info)
        with self._turn, _plainly(self.url), made as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that only reads, and waits for no writer. Raises: DatabaseAway."""
        made = Session(self._reader, expire_on_commit=False, info={"keyring": self.keyring})
        with _plainly(self.url), made as session, session.begin():
            yield session

    def scrub(self, rewrite: bool = True) -> None:
        """Leave no trace of what was deleted in SQLite's journal, nor (`rewrite`) of what was changed in its file;
        PostgreSQL's own VACUUM does that there.

        Best effort: while another process reads, the journal is emptied a little later. Raises: DatabaseAway.
        """
        if not self.is_sqlite:
            return
        with _plainly(self.url), self._turn, closing(self._engine.raw_connection()) as connection:
            if rewrite:
                connection.execute("VACUUM").close()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    def close(self) -> None:
        """Give every connection back; call it once nobody uses the database any more."""
        self._engine.dispose()


def open_database(url: str, keys: Path | None = None) -> Database:
    """Return the database at this address, and the key file that opens what is encrypted in it.

    Connects, and looks at the key file, only when needed. Without `keys`: the `keys.json` beside SQLite's file.
    Raises: DatabaseUrlWrong.
    """
    return Database(url, keys)


def put(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    keys: tuple[str, ...] = (),
    changed: tuple[str, ...] = (),
) -> None:
    """Insert rows. One that is there already stays as it is, or, where `keys` meet, takes the new `changed`."""
    if rows:
        session.execute(_put(session.get_bind().dialect.name, table, keys, changed), rows)


@cache
def _put(backend: str, table: type[SQLModel], keys: tuple[str, ...], changed: tuple[str, ...]) -> Executable:
    """Return the statement, made once: making it takes longer than running it."""
    if backend == "sqlite":
        from sqlalchemy.dialects.sqlite import insert  # noqa: PLC0415  slow to import: only the one that is used
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]  # noqa: PLC0415  the same shape
    made = insert(inspect(table).local_table)
    if not changed:
        return made.on_conflict_do_nothing()
    return made.on_conflict_do_update(index_elements=keys, set_={name: made.excluded[name] for name in changed})


def read_url(url: str) -> URL:
    """Return the address in parts, with the driver we use. Raises: DatabaseUrlWrong, with what to write."""
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        made = None
    match made.get_backend_name() if made is not None else "":
        case "sqlite" if made is not None and made.database not in (None, "", ":memory:"):
            return made.set(drivername="sqlite")
        case "postgresql" | "postgres" if made is not None:
            return made.set(drivername="postgresql+psycopg")
    raise DatabaseUrlWrong(
        "The database's address is none that Jisr can use. Write sqlite:////folder/jisr.db or "
        "postgresql://user:password@host/name into JISR_DATABASE_URL."
    )


# --- the newest tables ---------------------------------------------------------------------------------------------


def at_head(url: str) -> bool:
    """Return whether the tables are those of this release. Raises: DatabaseAway, DatabaseUrlWrong."""
    made = read_url(url)
    if made.get_backend_name() == "sqlite" and not Path(made.database or "").exists():
        return False  # asking does not make the file
    return connected(url, _version, reads=True) == HEAD


def migrate(url: str) -> bool:
    """Bring the tables to this release; return whether there was something to do.

    One transaction: it happens as a whole or not at all, and of two processes one waits for the other.
    Raises: DatabaseNewer, DatabaseAway, DatabaseUrlWrong.
    """
    if at_head(url):
        return False
    from storage.migrations.run import upgrade  # noqa: PLC0415  alembic is slow to import: only who needs it

    def change(connection: Connection) -> bool:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))  # SQLite's BEGIN IMMEDIATE is one
        version = _version(connection)
        if version == HEAD:
            return False
        if version is not None and version > HEAD:
            raise DatabaseNewer(
                f"The database has the tables of a later Jisr ({version}; this one knows {HEAD}). "
                "Start that release, or restore the copy made before the upgrade."
            )
        upgrade(connection)
        return True

    return connected(url, change)


def _version(connection: Connection) -> str | None:
    """Return the migration the tables are at, or None where there are none yet."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def connected(url: str, use: Callable[[Connection], T], reads: bool = False) -> T:
    """Return what `use` makes of one connection in one transaction. Raises: DatabaseAway, DatabaseUrlWrong."""
    made = read_url(url)
    engine = _engine(made)
    try:
        with _plainly(made), engine.execution_options(reads=reads).begin() as connection:
            return use(connection)
    finally:
        engine.dispose()


# --- connections ---------------------------------------------------------------------------------------------------


def _engine(url: URL) -> Engine:
    # hide_parameters: what is written may be a name or an address, and errors end up in logs.
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,  # the server may have been restarted since
            pool_size=POOL,
            max_overflow=POOL,
            connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "jisr"},
        )
    engine = create_engine(url, hide_parameters=True, pool_size=POOL, max_overflow=POOL)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "do_connect", lambda *_: _private_file(url))
    return engine


def _private_file(url: URL) -> None:
    """Make the file before SQLite does, readable by its owner only; its -wal and -shm files follow it."""
    path = Path(url.database or "")
    if not path.parent.is_dir():
        raise DatabaseAway(
            f"{_place(url)} cannot be made: there is no folder {path.parent}. Make it, or correct JISR_DATABASE_URL."
        )
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are begun by us, below, and not guessed by the driver
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",  # readers and one writer do not wait for each other
        "synchronous=FULL",  # what was acknowledged survives a power cut
        "foreign_keys=ON",
        "recursive_triggers=ON",  # else REPLACE removes rows without asking the triggers
        "secure_delete=ON",  # what is deleted is overwritten: a destroyed key must not lie in a free page
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins as a reader can find itself unable to go on; so it says at once that it will write.
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def _plainly(url: URL) -> Iterator[None]:
    """Turn the driver's errors of a database that is not there into one sentence.

    Raised `from None`: the driver's own error may hold the address, and a log would print it.
    """
    try:
        yield
    except PoolTimeout:
        raise DatabaseAway(
            f"{_place(url)} has no free connection: {2 * POOL} are in use. Try again; if it stays so, start fewer "
            "activities at once."
        ) from None
    except DBAPIError as error:
        why = _why(error, url)
        if TABLES_MISSING.search(why):
            raise DatabaseAway(f"{_place(url)} lacks tables ({why}). Run `jisr migrate`.") from None
        if not (type(error) is DatabaseError or isinstance(error, OperationalError | InterfaceError)):
            raise  # a mistake of ours: a statement it does not understand, a value it refuses
        if "database is locked" in why:
            raise DatabaseAway(
                f"{_place(url)} was held by another process for more than {BUSY_SECONDS} s. Try again; with "
                "several machines or workers use PostgreSQL."
            ) from None
        raise DatabaseAway(
            f"{_place(url)} cannot be used: {why}. Check that it runs and that JISR_DATABASE_URL is right, then "
            "run `jisr doctor`."
        ) from None


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return f"The database file {url.database}"
    return f"The database {url.database} at {url.host or 'the local socket'}:{url.port or 5432}"


def _why(error: DBAPIError, url: URL) -> str:
    """Return the driver's own first line, without the password."""
    lines = str(error.orig).strip().splitlines()
    why = lines[0].rstrip(".") if lines else type(error.orig).__name__
    for secret in (url.password, quote(url.password or "", safe="")):
        why = why.replace(str(secret), "***") if secret else why
    return why
