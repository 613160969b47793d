"""The Temporal dev server as a child of `jisr up`: durable, on this machine only, and never left behind."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from errors import Unavailable
from workflows.attributes import ATTRIBUTES

LOOPBACK = "127.0.0.1"
# Workflows that cannot go on are found by a list query (TemporalReportedProblems) after two failed tasks.
# The dev server's own poll limits would make every single step wait some 30 ms.
DYNAMIC = (
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",
    *(f"history.{name}ProcessorMaxPollRPS=10000" for name in ("timer", "transfer", "visibility")),
)
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")  # what was acknowledged survives a power cut
STOPS_IN = 8.0  # seconds a server gets to end by itself
PR_SET_PDEATHSIG = 1


class Ports(NamedTuple):
    temporal: int
    ui: int
    http: int
    metrics: int


def choose_ports(temporal: int | None, ui: int | None) -> Ports:
    """Return the ports to listen on. Raises: Unavailable, naming the port in use and the option."""
    wanted = {"--temporal-port": temporal or 7233, "--ui-port": ui or 8233}
    for option, port in wanted.items():
        if not _is_free(port):
            raise Unavailable(f"Port {port} is in use by another program. Choose another with {option}.")
    return Ports(*wanted.values(), *free_ports(2))


def free_ports(count: int) -> list[int]:
    """Return ports nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that has just ended is no hindrance
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


class Server:
    """One dev server over the file of one home."""

    def __init__(self, home: Path, ports: Ports, namespace: str) -> None:
        self.ports = ports
        self.address = f"{LOOPBACK}:{ports.temporal}"
        self.log = home / "logs" / "temporal.log"
        self._note = home / "server.json"
        self._child: subprocess.Popen[bytes] | None = None
        self._command = [
            temporal_program(), "server", "start-dev", "--ip", LOOPBACK, "--log-level", "error",
            "--db-filename", str(home / "temporal.db"), "--namespace", namespace,
            "--port", str(ports.temporal), "--http-port", str(ports.http), "--ui-port", str(ports.ui),
            "--metrics-port", str(ports.metrics),
            *(word for value in DYNAMIC for word in ("--dynamic-config-value", value)),
            *(word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma)),
            *(word for attribute in ATTRIBUTES for word in ("--search-attribute", attribute)),
        ]  # fmt: skip

    def start(self) -> None:
        """Start it, and write down which process it is."""
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone: the worker stops first
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  before any thread
            )
        self._note.write_text(json.dumps({"pid": self._child.pid, "started": started_at(self._child.pid)}))

    @property
    def exit_code(self) -> int | None:
        return None if self._child is None else self._child.poll()

    def stop(self) -> None:
        """End it; by force when it does not end by itself."""
        if self._child is None:
            return
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(STOPS_IN)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._note.unlink(missing_ok=True)


def replace_orphan(home: Path) -> bool:
    """End the server an earlier `up` of this home started and left behind; touch no other process."""
    note = home / "server.json"
    try:
        left: dict[str, Any] = json.loads(note.read_text())
        pid, started = int(left["pid"]), left["started"]
    except (OSError, ValueError, KeyError, TypeError):
        return False

    def is_it() -> bool:
        return started is not None and started_at(pid) == started

    found = is_it()
    for name, patience in ((signal.SIGTERM, STOPS_IN), (signal.SIGKILL, 2.0)):
        if not is_it():
            break
        os.kill(pid, name)
        deadline = time.monotonic() + patience
        while is_it() and time.monotonic() < deadline:
            time.sleep(0.05)
    note.unlink(missing_ok=True)
    return found


def started_at(pid: int) -> str | None:
    """Return when a process began, in the system's own words; None when there is none (or it has ended)."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        if stat.parent.parent.joinpath("self").exists():
            after_name = stat.read_text().rpartition(")")[2].split()
            return None if after_name[0] in ("Z", "X") else after_name[19]
        shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return shown.stdout.strip() or None
    except (OSError, IndexError):
        return None


def temporal_program() -> str:
    """Return the `temporal` program that came with the packages. Raises: Unavailable."""
    found = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    if found is None:
        raise Unavailable("The program `temporal` is missing. Set up again with `make up`, which installs it.")
    return found


def _die_with_parent() -> None:
    """Ask the kernel to end the server when `jisr up` ends in whatever way."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
