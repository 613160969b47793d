"""The door to the database: tables come to be once, what is away is said plainly, nothing is left half done."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import database as room
from storage.database import (
    HEAD,
    Database,
    DatabaseAway,
    DatabaseNewer,
    DatabaseUrlWrong,
    at_head,
    connected,
    migrate,
    open_database,
)
from storage.tables import Row

MIGRATE = "import sys; from storage.database import migrate; print(migrate(sys.argv[1]), 'alembic' in sys.modules)"
ROOT = Path(__file__).parents[2]


def migrate_in_a_process(url: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", MIGRATE, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)


# Tables


def test_migrating_twice_does_something_once(empty_url: str) -> None:
    assert not at_head(empty_url)
    assert migrate(empty_url)
    assert at_head(empty_url)
    assert not migrate(empty_url)


def test_processes_that_migrate_at_once_make_the_tables_once(empty_url: str) -> None:
    processes = [migrate_in_a_process(empty_url) for _ in range(3)]
    said = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert sorted(did for did, _ in said) == ["False", "False", "True"]


def test_a_migration_with_nothing_to_do_does_not_even_load_alembic(url: str) -> None:
    assert migrate_in_a_process(url).communicate(timeout=60)[0].split() == ["False", "False"]


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.migrations import run  # noqa: PLC0415

    upgrade = run.upgrade

    def break_off(connection: object) -> None:
        upgrade(connection)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "upgrade", break_off)
    with pytest.raises(KeyboardInterrupt):
        migrate(empty_url)
    assert connected(empty_url, lambda c: c.dialect.has_table(c, "entries")) is False
    monkeypatch.undo()
    assert migrate(empty_url)


def test_the_migrations_make_what_the_tables_say(url: str) -> None:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    for file in (ROOT / "storage").glob("*.py"):
        if "table=True" in file.read_text(encoding="utf-8"):
            import_module(f"storage.{file.stem}")  # whichever tests ran before

    def differences(connection: object) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection), Row.metadata)  # type: ignore[arg-type]

    assert connected(url, differences) == []


def test_head_is_the_newest_migration() -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    from storage.migrations.run import config  # noqa: PLC0415

    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]


def test_a_database_of_a_later_release_is_left_alone(url: str) -> None:
    connected(url, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(DatabaseNewer, match=r"later Jisr \(9999; this one knows .*Start that release"):
        migrate(url)


# Transactions


def test_an_exception_undoes_the_whole_transaction(database: Database) -> None:
    with pytest.raises(RuntimeError), database.session() as session:
        session.execute(text("INSERT INTO salts (initiative, salt) VALUES ('ini-1', 'x')"))
        raise RuntimeError
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM salts")).scalar() == 0


def test_many_threads_write_without_an_error(database: Database) -> None:
    def write(number: int) -> None:
        with database.session() as session:
            session.execute(text("SELECT count(*) FROM salts"))
            session.execute(text(f"INSERT INTO seats VALUES ('p-{number}', 'ini-1', 'vetter', true)"))

    with ThreadPoolExecutor(15) as threads:
        list(threads.map(write, range(60)))
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM seats")).scalar() == 60


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    migrate(f"sqlite:///{tmp_path / 'jisr.db'}")
    db = open_database(f"sqlite:///{tmp_path / 'jisr.db'}")
    with db.session() as session:
        session.execute(text("INSERT INTO salts VALUES ('ini-1', 'x')"))
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}
    db.close()


def test_what_is_acknowledged_survives_a_power_cut(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path / 'jisr.db'}")
    with db.reading() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "recursive_triggers": 1,
    }
    db.close()


# What is not there


@pytest.mark.parametrize("wrong", ["", "jisr.db", "sqlite://", "mysql://jisr:s3cret@host/jisr", "://s3cret"])
def test_an_address_that_cannot_be_read_is_not_repeated(wrong: str) -> None:
    with pytest.raises(DatabaseUrlWrong, match="JISR_DATABASE_URL") as error:
        open_database(wrong)
    assert "s3cret" not in str(error.value)


def test_a_server_that_is_away_is_said_without_its_password() -> None:
    db = open_database("postgresql://jisr:s3cr%40et@127.0.0.1:1/jisr")
    away = pytest.raises(DatabaseAway, match=r"at 127.0.0.1:1 cannot be used: .*refused.*jisr doctor")
    with away as error, db.reading() as session:
        session.execute(text("SELECT 1"))
    assert "s3cr" not in str(error.value)
    assert error.value.__suppress_context__
    db.close()


def test_a_missing_folder_is_said_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway, match=r"there is no folder .*nowhere. Make it"):
        migrate(f"sqlite:///{tmp_path / 'nowhere' / 'jisr.db'}")


def test_a_database_without_tables_says_what_to_type(empty_url: str) -> None:
    db = open_database(empty_url)
    with pytest.raises(DatabaseAway, match="Run `jisr migrate`"), db.reading() as session:
        session.execute(text("SELECT * FROM entries"))
    db.close()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "jisr.db").write_text("a letter, and not a database at all, of some length" * 10)
    with pytest.raises(DatabaseAway, match="not a database"):
        at_head(f"sqlite:///{tmp_path / 'jisr.db'}")


def test_a_file_held_by_another_process_is_said_after_a_while(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not url.startswith("sqlite"):
        return
    monkeypatch.setattr(room, "BUSY_SECONDS", 0)
    one, other = open_database(url), open_database(url)
    with one.session() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(DatabaseAway, match="held by another process"), other.session() as second:
            second.execute(text("SELECT 1"))
        with other.reading() as second:
            assert second.execute(text("SELECT count(*) FROM entries")).scalar() == 0
    one.close()
    other.close()
