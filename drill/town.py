"""What the drill disturbs: an engine with a file, two workers, a database, an outbox on a small disk, a mail server."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Literal

import yaml
from temporalio.client import Client

from cli.server import PRAGMAS, free_ports, temporal_program
from client import Jisr, converter
from drill.line import Line, line
from drill.post import Post
from settings import Settings
from storage.database import migrate
from workflows.attributes import ATTRIBUTES

ROOT = Path(__file__).resolve().parents[1]
UNHURRIED = [f"history.{name}ProcessorMaxPollRPS=10000" for name in ("timer", "transfer", "visibility")]
DISK = "16m"  # the outbox's own small disk


class Program:
    """A program that is killed, held and started again."""

    def __init__(self, name: str, command: list[str], log: Path, **environment: str) -> None:
        self.name = name
        self._command, self._log, self._environment = command, log, environment
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless another fault's end has done so already."""
        if self._child is not None:
            return
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=ROOT, start_new_session=True,
                env={**os.environ, **self._environment},
            )  # fmt: skip

    def kill(self) -> None:
        """End it as a power cut would, with whatever it was started through."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            self._child = None

    def send(self, what: signal.Signals) -> None:
        if self._child is not None:
            os.killpg(self._child.pid, what)


class Town:
    """One installation in a folder of its own."""

    def __init__(self, home: Path, encrypted: bool = False) -> None:
        self.home = home
        self.encrypted = encrypted
        self.post = Post()
        self.line: Line = line()
        self.disk_is_small = False
        self.encryption: Literal["on", "off"] = "on" if encrypted else "off"
        self.settings = Settings(home=home, temporal_timeout=5.0, payload_encryption=self.encryption)

    async def __aenter__(self) -> "Town":
        async with AsyncExitStack() as begun:  # what has begun ends, also when the rest does not
            await self._stand(begun)
            self._begun = begun.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._begun.aclose()

    async def _stand(self, begun: AsyncExitStack) -> None:
        port, metrics = free_ports(2)
        begun.push_async_callback(self.line.remove)
        behind = await self.line.lay(port)
        begun.push_async_callback(self.post.close)
        await self.post.start(self.line.here)
        self.address = f"127.0.0.1:{port}"
        command = [
            temporal_program(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error",
            "--port", str(port), "--metrics-port", str(metrics), "--db-filename", str(self.home / "temporal.db"),
            *(word for pragma in PRAGMAS for word in ("--sqlite-pragma", pragma)),
            *(word for value in UNHURRIED for word in ("--dynamic-config-value", value)),
            *(word for attribute in ATTRIBUTES for word in ("--search-attribute", attribute)),
        ]  # fmt: skip
        self.engine = Program("engine", command, self.home / "engine.log")
        await asyncio.to_thread(migrate, self.settings.database)
        begun.push_async_callback(self._disk_back)
        self._small_disk()
        worker = [sys.executable, "worker.py"]
        near, far = self._environment(self.address), self._environment(behind)
        self.workers = [
            Program("first worker", worker, self.home / "worker-1.log", **near),
            Program("second worker", [*self.line.prefix, *worker], self.home / "worker-2.log", **far),
        ]
        for program in (self.engine, *self.workers):
            begun.callback(program.kill)
            program.start()
        os.environ.update(TEMPORAL_ADDRESS=self.address, TEMPORAL_NAMESPACE="default")
        self.client = await self._connected()
        self.jisr = await Jisr.connect(self.settings)
        begun.callback(self.jisr.desk.close)

    def _environment(self, address: str) -> dict[str, str]:
        file = self.home / "channels.yaml"
        email = {"host": self.line.here, "port": self.post.port, "from": "dialogues@example.org", "starttls": False}
        file.write_text(yaml.safe_dump({"email": email}))
        return {
            "JISR_HOME": str(self.home), "JISR_CHANNELS": str(file), "TEMPORAL_ADDRESS": address,
            "TEMPORAL_NAMESPACE": "default", "JISR_TEMPORAL_TIMEOUT": "30",
            "JISR_PAYLOAD_ENCRYPTION": self.encryption,
        }  # fmt: skip

    def _small_disk(self) -> None:
        """Put the outbox on a disk that can be filled, where that is allowed."""
        self.settings.outbox.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.settings.outbox)]
        if os.geteuid() == 0 and shutil.which("mount"):
            self.disk_is_small = subprocess.run(mount, capture_output=True, check=False).returncode == 0

    async def _disk_back(self) -> None:
        if self.disk_is_small:
            await asyncio.to_thread(subprocess.run, ["umount", "-l", str(self.settings.outbox)], check=False)

    async def _connected(self) -> Client:
        while True:
            try:
                return await Client.connect(self.address, data_converter=converter(self.settings))
            except RuntimeError:
                await asyncio.sleep(0.05)
