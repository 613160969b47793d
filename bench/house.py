"""A house to measure in: a real dev server (WAL, FULL), workers as processes of their own, what they cost."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from temporalio.client import Client
from temporalio.service import GrpcCompression

from cli.server import PRAGMAS, free_ports, temporal_program
from client import Jisr
from settings import Settings
from workflows.attributes import ATTRIBUTES

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Spent:
    """What was spent between two looks: seconds of wall, of CPU per process."""

    wall: float = 0.0
    worker: float = 0.0
    server: float = 0.0
    client: float = 0.0


class Program:
    """One child process that says a line when it is ready."""

    def __init__(self, command: Sequence[str], says: str | None = None, **environment: str) -> None:
        self._command, self._says, self._environment = list(command), says, environment
        self.child: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.child = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE if self._says else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env={**os.environ, **self._environment},
        )
        if self._says and self.child.stdout is not None:
            for line in self.child.stdout:
                if self._says in line:
                    return
            raise RuntimeError(f"{self._command} ended before it was ready")

    @property
    def cpu(self) -> float:
        times = self._process().cpu_times()
        return float(times.user + times.system)

    @property
    def rss(self) -> int:
        return int(self._process().memory_info().rss)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()
            self.child = None

    def stop(self) -> None:
        if self.child is None:
            return
        self.child.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.child.wait(10)
        self.kill()

    def _process(self) -> psutil.Process:
        assert self.child is not None
        return psutil.Process(self.child.pid)


class House:
    """One server and the workers on it, in a folder that is thrown away."""

    def __init__(self, home: Path) -> None:
        self.home = home
        port, http, metrics = free_ports(3)
        self.address = f"127.0.0.1:{port}"
        self.environment = {
            "JISR_HOME": str(home),
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_NAMESPACE": "default",
            "PYTHONPATH": str(ROOT),
        }
        self.server = Program(
            [
                temporal_program(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "never",
                "--port", str(port), "--http-port", str(http), "--metrics-port", str(metrics),
                "--db-filename", str(home / "temporal.db"),
                *(word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma)),
                *(word for attribute in ATTRIBUTES for word in ("--search-attribute", attribute)),
            ]
        )  # fmt: skip
        python, bare = sys.executable, [sys.executable, "-m", "bench.bare", self.address]
        self.jisr_worker = Program([python, "worker.py"], "worker ready", **self.environment)
        self.bare_worker = Program(bare, "worker ready", **self.environment)
        self.storing_worker = Program([*bare, str(home / "bare.db")], "worker ready", **self.environment)

    async def __aenter__(self) -> "House":
        os.environ.update({k: v for k, v in self.environment.items() if k != "PYTHONPATH"})
        self.server.start()
        self.engine = await self.connected()
        for worker in (self.jisr_worker, self.bare_worker, self.storing_worker):
            await asyncio.to_thread(worker.start)
        self.jisr = await Jisr.connect(Settings(home=self.home, temporal_timeout=60.0))
        return self

    async def __aexit__(self, *_: object) -> None:
        for program in (self.jisr_worker, self.bare_worker, self.storing_worker, self.server):
            program.stop()

    async def connected(self) -> Client:
        """Return a client of its own; wait for the server."""
        while True:
            try:
                return await Client.connect(self.address, grpc_compression=GrpcCompression.NONE)
            except RuntimeError:
                await asyncio.sleep(0.02)

    def meter(self, worker: Program) -> Callable[[], Spent]:
        """Begin to measure; call what it returns to read what was spent since."""
        began = time.perf_counter(), worker.cpu, self.server.cpu, time.process_time()

        def read() -> Spent:
            ended = time.perf_counter(), worker.cpu, self.server.cpu, time.process_time()
            return Spent(*(after - before for before, after in zip(began, ended, strict=True)))

        return read

    async def events(self, workflow: str) -> int:
        described = await self.engine.get_workflow_handle(workflow).describe()
        return int(described.history_length)


def load() -> str:
    """Say how busy the machine is, ours and other people's work together."""
    return "load " + " ".join(f"{one:.1f}" for one in os.getloadavg()) + f" on {os.cpu_count()} cores"


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` of all lie at or below."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


Figures = dict[str, Any]
