"""Backups while everything runs: what was put back goes on, and what is broken is not put back."""

import io
import json
import signal
import sqlite3
import tarfile
from pathlib import Path

import pytest
from life import Life

from tests.cli.conftest import Jisr, Up, until, write_charter

KEYS = ("keys.json", "signing.pem")


@pytest.fixture
def taken(jisr: Jisr, life: Life, tmp_path: Path) -> Path:
    assert jisr("migrate").code == 0
    done = jisr("backup", str(tmp_path / "one.tar.gz"))
    assert done.code == 0, done
    return tmp_path / "one.tar.gz"


def names(backup: Path) -> set[str]:
    with tarfile.open(backup) as tar:
        return set(tar.getnames())


@pytest.mark.xdist_group("jisr-backup")
def test_a_backup_taken_while_reports_come_in_goes_on_in_a_new_home(tmp_path: Path) -> None:
    first = Up(tmp_path / "first")
    first.start()
    try:
        opened = first.jisr("open", str(write_charter(tmp_path, "ini-kept")))
        assert opened.code == 0, opened
        lines = [{"kind": "checklist_item_done", "item": "exit_criteria", "key": f"k-{n}"} for n in range(40)]
        text = "\n".join(json.dumps(line | {"evidence": f"page {n}"}) for n, line in enumerate(lines))
        before = first.jisr("report", "ini-kept", "--batch", "-", input=text)
        assert [one["status"] for one in before.lines] == ["accepted"] * 40
        taken = first.jisr("backup", str(tmp_path / "one.tar.gz"), "--with-keys")
        assert taken.code == 0, taken
        later = first.jisr("report", "ini-kept", "checklist_item_done", "item=budget_envelope", "--key", "k-later")
        assert later.code == 0
    finally:
        first.end(signal.SIGKILL)

    second = Up(tmp_path / "second")
    put_back = second.jisr("restore", str(tmp_path / "one.tar.gz"), "--home", str(second.home))
    assert put_back.code == 0, put_back
    second.start()
    try:
        again = second.jisr("report", "ini-kept", "--batch", "-", input=text)
        assert {one["status"] for one in again.lines} == {"duplicate"}, "what was accepted before the backup is known"
        new = second.jisr("report", "ini-kept", "checklist_item_done", "item=budget_envelope", "--key", "k-later")
        assert (new.code, new.out.split()[0]) == (0, "accepted"), "what came after it is not"
        until(lambda: "k-later" in second.jisr("timeline", "ini-kept", "--json").out, "the new entry in the record")
        verified = second.jisr("audit", "verify", "ini-kept")
        assert (verified.code, "the engine agrees" in verified.out) == (0, True), verified
    finally:
        second.stop()


def test_keys_are_in_a_backup_only_when_asked_for(jisr: Jisr, taken: Path, tmp_path: Path) -> None:
    done = jisr("backup", str(tmp_path / "two.tar.gz"), "--with-keys")

    assert done.code == 0
    assert "jisr.db" in names(taken)
    assert not names(taken) & set(KEYS)
    assert "keys.json" in names(tmp_path / "two.tar.gz")
    assert (taken.stat().st_mode & 0o777) == 0o600


def test_without_keys_in_it_they_are_taken_from_their_own_place(
    jisr: Jisr, home: Path, taken: Path, tmp_path: Path
) -> None:
    apart = tmp_path / "apart"
    apart.mkdir()
    (apart / "keys.json").write_bytes((home / "keys.json").read_bytes())
    done = jisr("restore", str(taken), "--home", str(tmp_path / "new"), "--keys", str(apart))

    assert (done.code, "Every record verifies" in done.err) == (0, True), done
    assert (tmp_path / "new" / "keys.json").read_bytes() == (home / "keys.json").read_bytes()
    assert ((tmp_path / "new" / "keys.json").stat().st_mode & 0o777) == 0o600


def test_nothing_is_overwritten(jisr: Jisr, home: Path, taken: Path, tmp_path: Path) -> None:
    content = taken.read_bytes()

    assert jisr("backup", str(taken)).code == 2
    assert jisr("backup", str(home / "inside.tar.gz")).code == 2
    assert jisr("restore", str(taken), "--home", str(home)).code == 2
    assert jisr("restore", str(tmp_path / "none.tar.gz"), "--home", str(tmp_path / "new")).code == 4
    assert jisr("restore", str(taken), "--home", str(tmp_path / "new"), "--keys", str(tmp_path)).code == 2
    assert taken.read_bytes() == content
    assert not (tmp_path / "new").exists()
    assert not (home / "inside.tar.gz").exists()


def changed(backup: Path, name: str, content: bytes, to: Path) -> Path:
    """Return a copy of a backup in which one file has another content."""
    with tarfile.open(backup) as given, tarfile.open(to, "w:gz") as made:
        for member in given.getmembers():
            data = content if member.name == name else (given.extractfile(member) or io.BytesIO()).read()
            member.size = len(data)
            made.addfile(member, io.BytesIO(data))
    return to


@pytest.mark.parametrize("what", ["cut", "no tar", "changed", "outside", "no list"])
def test_a_broken_backup_is_refused_and_nothing_is_put_back(what: str, jisr: Jisr, taken: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.tar.gz"
    match what:
        case "cut":
            broken.write_bytes(taken.read_bytes()[:-400])
        case "no tar":
            broken.write_text("This is no backup.")
        case "changed":
            changed(taken, "jisr.db", b"SQLite format 3\x00 and nothing else", broken)
        case "outside":
            outside = {"format": 1, "made_at": "2026-01-01", "files": {"../there": {"sha256": "0" * 64, "size": 1}}}
            changed(taken, "manifest.json", json.dumps(outside).encode(), broken)
        case "no list":
            changed(taken, "manifest.json", b"[]", broken)
    done = jisr("restore", str(broken), "--home", str(tmp_path / "new"))

    assert (done.code, "no whole backup" in done.err) == (2, True), done
    assert not (tmp_path / "new").exists()


def test_a_record_that_was_changed_in_the_backup_is_named(jisr: Jisr, life: Life, home: Path, tmp_path: Path) -> None:
    with sqlite3.connect(home / "jisr.db") as there:
        for (trigger,) in there.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            there.execute(f"DROP TRIGGER {trigger}")
        there.execute("UPDATE entries SET by = 'manager:p-09' WHERE seq = 2")
    assert jisr("backup", str(tmp_path / "one.tar.gz")).code == 0
    done = jisr("restore", str(tmp_path / "one.tar.gz"), "--home", str(tmp_path / "new"))

    assert (done.code, "ini-test" in done.err) == (6, True), done
