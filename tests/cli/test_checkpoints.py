"""Signed checkpoints: what was cut, removed or written anew is seen although nobody else remembers it."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from life import Life

from domain.record import Entry
from tests.cli.conftest import Jisr, record


@pytest.fixture(autouse=True)
def _recorded(life: Life) -> None:
    """Every test here has an initiative with a record of four entries."""


def forge(home: Path, *statements: str) -> None:
    """Do what only somebody with full power over the database can: drop every refusal, then change it."""
    with sqlite3.connect(home / "jisr.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            database.execute(statement)
    database.close()


def forget(home: Path, seq: int, end: str) -> None:
    """Let the list row agree with a record that ends there: the last witness beside the checkpoints."""
    forge(home, f"UPDATE initiatives SET head_seq = {seq}, head_hash = '{end}'")


def verdict(jisr: Jisr, *arguments: str) -> Any:
    done = jisr("audit", "verify", *(arguments or ("ini-test",)), "--json")
    assert done.code in (0, 6), done
    return done.json


def test_a_checkpoint_is_kept_and_exported_and_the_record_verifies_against_it(
    jisr: Jisr, home: Path, life: Life
) -> None:
    made = jisr("audit", "checkpoint", "--json").json
    file = json.loads((home / "checkpoints" / "checkpoint-000001.json").read_text())

    assert (made["number"], made["initiatives"], made["damaged"]) == (1, 1, [])
    assert file["heads"] == [["ini-test", 4, life.entries[-1].hash]]
    assert (home / "signing.pem").stat().st_mode & 0o777 == 0o600
    assert "checkpoint 1 of" in verdict(jisr)["witness"]
    assert jisr("audit", "checkpoint", "--json").json["number"] == 2
    assert verdict(jisr)["ok"]


def test_the_operator_says_where_checkpoints_go(jisr: Jisr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JISR_CHECKPOINTS", str(tmp_path / "elsewhere"))

    assert jisr("audit", "checkpoint").code == 0
    assert [file.name for file in (tmp_path / "elsewhere").iterdir()] == ["checkpoint-000001.json"]


def test_a_tail_that_was_cut_is_named_although_the_engine_forgot_the_run(jisr: Jisr, home: Path, life: Life) -> None:
    jisr("audit", "checkpoint")
    forge(home, "DELETE FROM entries WHERE seq > 2")
    forget(home, 2, life.entries[1].hash)

    done = jisr("audit", "verify", "ini-test")
    assert done.code == 6
    assert "ends before entry 3" in done.out
    found = verdict(jisr)
    assert (found["ok"], found["what"], found["first_bad"]) == (False, "truncated", 3)


def test_a_later_checkpoint_keeps_the_end_that_was_cut(jisr: Jisr, home: Path, life: Life) -> None:
    jisr("audit", "checkpoint")
    forge(home, "DELETE FROM entries WHERE seq > 2")
    forget(home, 2, life.entries[1].hash)
    again = jisr("audit", "checkpoint", "--json")

    assert (again.code, again.json["damaged"]) == (6, ["ini-test"])
    last = json.loads((home / "checkpoints" / "checkpoint-000002.json").read_text())
    assert last["heads"] == [["ini-test", 4, life.entries[3].hash]]


def test_an_initiative_that_was_removed_whole_is_missed(jisr: Jisr, home: Path) -> None:
    record(home, Life(id="ini-gone"))
    jisr("audit", "checkpoint")
    forge(home, *(f"DELETE FROM {table} WHERE {column} = 'ini-gone'" for table, column in (
        ("entries", "initiative"), ("initiatives", "id"), ("seats", "initiative"),
    )))  # fmt: skip

    done = jisr("audit", "verify", "--all", "--json")
    assert done.code == 6
    assert [(one["initiative"], one["ok"], one["what"]) for one in done.json] == [
        ("ini-gone", False, "no record"),
        ("ini-test", True, ""),
    ]
    assert verdict(jisr, "ini-gone")["first_bad"] == 1


@pytest.mark.parametrize(
    ("statements", "what"),
    [
        (["UPDATE entries SET \"by\" = 'manager:p-99' WHERE seq = 2"], "edited"),
        (["DELETE FROM entries WHERE seq = 2"], "missing"),
        ([f"UPDATE entries SET seq = {new} WHERE seq = {old}" for old, new in ((2, 9), (3, 2), (9, 3))], "reordered"),
    ],
)
def test_an_edit_a_deletion_and_another_order_are_told_apart(
    jisr: Jisr, home: Path, statements: list[str], what: str
) -> None:
    jisr("audit", "checkpoint")
    forge(home, *statements)

    found = verdict(jisr)
    assert (found["ok"], found["what"], found["first_bad"]) == (False, what, 2)


def test_a_record_written_anew_with_true_hashes_is_seen(jisr: Jisr, home: Path, life: Life) -> None:
    jisr("audit", "checkpoint")
    last = life.entries[3]
    new: Entry = last.but(by="manager:p-99").sealed()
    forge(home, f"UPDATE entries SET \"by\" = '{new.by}', hash = '{new.hash}' WHERE seq = 4")
    forget(home, 4, new.hash)

    found = verdict(jisr)
    assert (found["ok"], found["what"], found["first_bad"]) == (False, "rewritten", 4)


@pytest.mark.parametrize("part", ["made_at", "heads", "signature", "key"])
def test_a_forged_checkpoint_is_seen(jisr: Jisr, home: Path, part: str) -> None:
    jisr("audit", "checkpoint")
    other = {"made_at": "2020-01-01T00:00:00+00:00", "heads": [["ini-test", 2, "0" * 64]], "signature": "AAAA",
             "key": "A" * 43 + "="}  # fmt: skip
    with sqlite3.connect(home / "jisr.db") as database:
        (kept,) = database.execute("SELECT document FROM checkpoints").fetchone()
    database.close()
    forge(home, f"UPDATE checkpoints SET document = '{json.dumps({**json.loads(kept), part: other[part]})}'")

    done = jisr("audit", "verify", "--all", "--json")
    wrong = [one for one in done.json if one["initiative"] == "checkpoints"]
    assert (done.code, [one["what"] for one in wrong]) == (6, ["forged"])


def test_checkpoints_removed_from_the_database_are_missed_by_the_folder(jisr: Jisr, home: Path, life: Life) -> None:
    jisr("audit", "checkpoint")
    forge(home, "DELETE FROM checkpoints", "DELETE FROM entries WHERE seq > 3")
    forget(home, 3, life.entries[2].hash)

    found = verdict(jisr)
    assert (found["what"], found["first_bad"]) == ("truncated", 4)
    forge(home, "DELETE FROM entries WHERE seq > 0")
    assert jisr("audit", "verify", "--all").code == 6


def test_another_key_than_the_auditors_is_not_trusted(jisr: Jisr, home: Path, tmp_path: Path) -> None:
    jisr("audit", "checkpoint")
    key = tmp_path / "key.pem"
    key.write_text(jisr("audit", "key").out)
    assert jisr("audit", "verify", "ini-test", "--key", str(key)).code == 0

    (home / "signing.pem").unlink()
    jisr("audit", "key")  # makes another one
    assert verdict(jisr)["what"] == "forged"
    assert verdict(jisr, "ini-test", "--key", str(key))["ok"]
    key.write_text(jisr("audit", "key").out)
    assert jisr("audit", "verify", "ini-test", "--key", str(key)).code == 6


def test_the_database_refuses_to_change_or_remove_checkpoints(jisr: Jisr, home: Path) -> None:
    jisr("audit", "checkpoint")
    with sqlite3.connect(home / "jisr.db") as database:
        for change in (
            "DELETE FROM checkpoints",
            "UPDATE checkpoints SET number = 9",
            "INSERT OR REPLACE INTO checkpoints SELECT * FROM checkpoints",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
                database.execute(change)
    database.close()


def test_a_signing_key_that_is_none_is_said_in_a_sentence(jisr: Jisr, home: Path) -> None:
    (home / "signing.pem").write_text("no key")

    done = jisr("audit", "checkpoint")
    assert (done.code, "holds no Ed25519 key" in done.err) == (3, True)
