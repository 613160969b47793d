"""A database for every test, on SQLite always and on PostgreSQL when asked for, and records to put into it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from domain.outgoing import Notice
from domain.record import Entry
from storage import ledger
from storage.database import Database, migrate, open_database

sys.path.insert(0, str(Path(__file__).parent))  # written_records.py is shared by the tests of this room


# --- databases -----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'jisr.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        yield from server.database("template1")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with today's tables, copied from one made once."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "jisr.db")
        yield f"sqlite:///{tmp_path / 'jisr.db'}"
    else:
        server: Postgres = request.getfixturevalue("postgres")
        yield from server.database(server.migrated())


@pytest.fixture
def database(url: str, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(url, tmp_path / "keys.json")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "jisr.db"
    migrate(f"sqlite:///{file}")
    return file


class Postgres:
    """A PostgreSQL server of our own: a free port, a folder of its own, gone afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = _programs()
        self.numbers = iter(range(1, 100_000))
        self.template = ""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def start(self) -> None:
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "jisr", "-E", "UTF8", "--locale=C.UTF-8")
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-o", options, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")

    def database(self, template: str) -> Iterator[str]:
        name = f"jisr_{next(self.numbers)}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield f"postgresql://jisr@127.0.0.1:{self.port}/{name}"
        self.admin(f"DROP DATABASE {name} WITH (FORCE)")

    def migrated(self) -> str:
        if not self.template:
            self.admin("CREATE DATABASE migrated")
            migrate(f"postgresql://jisr@127.0.0.1:{self.port}/migrated")
            self.template = "migrated"
        return self.template

    def admin(self, statement: str) -> None:
        engine = create_engine(
            f"postgresql+psycopg://jisr@127.0.0.1:{self.port}/postgres", isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            pytest.fail(f"PostgreSQL's {program} failed: {done.stderr.strip()}", pytrace=False)


def _programs() -> Path:
    """Return where PostgreSQL's server programs are, the newest first."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = sorted(versions, key=lambda file: int(file.parts[-3]), reverse=True)
    on_path = shutil.which("pg_ctl")
    if not found and on_path is None:
        pytest.fail(
            "PostgreSQL's server programs are not on this machine. On Debian: apt-get install -y postgresql",
            pytrace=False,
        )
    return found[0].parent if found else Path(str(on_path)).resolve().parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Not pytest's own folder: that one is closed to the user postgres.
    with tempfile.TemporaryDirectory(prefix="jisr-pg-", ignore_cleanup_errors=True) as folder:
        server = Postgres(Path(folder))
        server.start()
        yield server
        server.stop()


# --- records -------------------------------------------------------------------------------------------------------


@pytest.fixture
def recorded(database: Database) -> Callable[..., list[Entry]]:
    """Record a chain of that length, with these notices, and return it."""
    from written_records import chain, list_row  # noqa: PLC0415  found since just above

    def record(count: int, initiative: str = "ini-1", notices: Sequence[Notice] = ()) -> list[Entry]:
        entries = chain(count, initiative)
        ledger.append(database, entries, list_row(entries[-1]), notices)
        return entries

    return record
