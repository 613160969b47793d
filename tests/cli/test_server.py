"""A server that was left behind is ended by its process and start time; no other process is touched."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.server import replace_orphan, started_at
from tests.cli.conftest import PATIENCE


@pytest.fixture
def left_behind() -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours that would run for long."""
    child = subprocess.Popen(["sleep", "600"])
    yield child
    child.kill()
    child.wait(PATIENCE)


def test_an_orphan_we_started_is_ended(tmp_path: Path, left_behind: subprocess.Popen[bytes]) -> None:
    note = tmp_path / "server.json"
    note.write_text(json.dumps({"pid": left_behind.pid, "started": started_at(left_behind.pid)}))

    assert replace_orphan(tmp_path) is True
    assert left_behind.wait(PATIENCE) != 0
    assert not note.exists()


def test_another_process_of_the_same_number_is_left_alone(tmp_path: Path, left_behind: subprocess.Popen[bytes]) -> None:
    (tmp_path / "server.json").write_text(json.dumps({"pid": left_behind.pid, "started": "long ago"}))

    assert replace_orphan(tmp_path) is False
    assert left_behind.poll() is None


@pytest.mark.parametrize("note", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1, "started": null}'])
def test_a_note_that_says_nothing_ends_nothing(tmp_path: Path, note: str) -> None:
    (tmp_path / "server.json").write_text(note)

    assert replace_orphan(tmp_path) is False
