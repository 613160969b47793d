"""Run `jisr` as people do: as a process of its own, or (much faster, the same code) inside the test's."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from life import CHARTER, Life

from cli.main import run
from cli.server import free_ports
from domain import view
from storage import ledger
from storage.database import migrate, open_database

LAUNCH = [sys.executable, "-c", "from cli.main import main; main()"]
NOWHERE = "127.0.0.1:1"  # a port nobody listens on
PATIENCE = 60.0


class Done(NamedTuple):
    """What came of one command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return this environment with nothing of Jisr's or Temporal's but what is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JISR_", "TEMPORAL_"))}
    return {**kept, "JISR_HOME": str(home), "TEMPORAL_CONFIG_FILE": str(home / "none.toml"), **more}


def process(home: Path, *arguments: str, input: str = "", **more: str) -> Done:
    """Run one command in a process of its own."""
    done = subprocess.run(
        [*LAUNCH, *arguments],
        env=environment(home, **more),
        input=input.encode(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def until(found: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Look again and again until something is found; fail with `what` when it takes too long."""
    deadline = time.monotonic() + patience
    while not (value := found()):
        assert time.monotonic() < deadline, f"waited {patience:.0f} s for {what}"
        time.sleep(0.02)
    return value


Jisr = Callable[..., Done]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def jisr(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Jisr:
    """`jisr` without an engine, inside this process; `input` is what it reads from stdin."""
    for name in list(os.environ):
        if name.startswith(("JISR_", "TEMPORAL_")):
            monkeypatch.delenv(name)
    for name, value in environment(home, TEMPORAL_ADDRESS=NOWHERE, JISR_TEMPORAL_TIMEOUT="0.1").items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str, input: str | bytes = "") -> Done:
        raw = input.encode() if isinstance(input, str) else input
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        code = run(arguments)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture
def charter(tmp_path: Path) -> Path:
    return write_charter(tmp_path, "ini-test")


def write_charter(folder: Path, id: str, **changes: Any) -> Path:
    file = folder / f"{id}.yaml"
    file.write_text(yaml.safe_dump({**CHARTER, "id": id, **changes}))
    return file


@pytest.fixture
def life(home: Path) -> Life:
    """An initiative of which only the record is left on this machine: four entries."""
    told = Life().report("checklist_item_done", item="do_no_harm_screen").report("do_not_contact_asked", person="p-41")
    told.hear("partner_signed", partner="P1")  # refused: it is recorded, too
    record(home, told)
    return told


def record(home: Path, told: Life) -> None:
    """Write what a life has told into the database of a home, as the worker does."""
    home.mkdir(exist_ok=True)
    url = f"sqlite:///{home / 'jisr.db'}"
    migrate(url)
    database = open_database(url)
    entries = told.journal.unrecorded
    row = view.list_row(told.journal, told.calendars, entries[-1])
    ledger.append(database, entries, row, seats=view.seats(told.now))
    database.close()


class Up:
    """A running `jisr up` of one home, on ports of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, self.ui = free_ports(2)
        self._child: subprocess.Popen[bytes] | None = None
        self._log = home.parent / f"{home.name}.log"

    def start(self) -> "Up":
        """Start it and wait until it says `ready`."""
        ports = ["--temporal-port", str(self.port), "--ui-port", str(self.ui)]
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                [*LAUNCH, "up", "--home", str(self.home), *ports],
                env=environment(self.home),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until(self._is_ready, "`ready`")
        return self

    def _is_ready(self) -> bool:
        said = self._log.read_text()
        assert self._child is not None and self._child.poll() is None, said
        return re.search("^ready$", said, re.MULTILINE) is not None

    def end(self, how: signal.Signals) -> int:
        """Send a signal and return the exit code."""
        assert self._child is not None
        self._child.send_signal(how)
        code = self._child.wait(PATIENCE)
        self._child = None
        return code

    def stop(self) -> None:
        if self._child is not None:
            self.end(signal.SIGTERM)

    def jisr(self, *arguments: str, input: str = "", **more: str) -> Done:
        return process(self.home, *arguments, input=input, **more)

    @property
    def process(self) -> int:
        """Return its process id."""
        assert self._child is not None
        return self._child.pid

    @property
    def server(self) -> int:
        """Return the process id of the engine it started."""
        return int(json.loads((self.home / "server.json").read_text())["pid"])


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """Everything on this machine, once for all tests of a module."""
    running = Up(tmp_path_factory.mktemp("up") / "home").start()
    yield running
    running.stop()


def now() -> datetime:
    return datetime.now(UTC)
