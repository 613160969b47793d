"""A time-skipping Temporal server for as long as a rehearsal lasts: real, in memory, on this machine only."""

import asyncio
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from errors import Unavailable
from workflows.attributes import ATTRIBUTES

if TYPE_CHECKING:
    from temporalio.client import Client

# The dev server's own poll limits make every step wait some 30 ms; a rehearsal has thousands of steps.
UNHURRIED = {f"history.{name}ProcessorMaxPollRPS": "10000" for name in ("timer", "transfer", "visibility")}
SKIPPING = {
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "system.workflowTimeSkippingEnabled": "true",  # the same, as newer servers call it
    "history.timerProcessorMaxTimeShift": '"1ms"',
    # Without this a run continued as new waits as many real days as were skipped.
    "history.workflowIdReuseMinimalInterval": '"0s"',
}
PR_SET_PDEATHSIG = 1


class Engine(NamedTuple):
    """A server that has been started."""

    server: "subprocess.Popen[bytes]"
    address: str

    def end(self) -> None:
        """End it at once: it keeps nothing, and takes a second to say goodbye."""
        self.server.kill()
        self.server.wait()


def start_engine() -> Engine:
    """Start the server; it ends with this process at the latest. Raises: Unavailable."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [_program(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)]
    command += ["--log-level", "error"]
    for name, value in {**UNHURRIED, **SKIPPING}.items():
        command += ["--dynamic-config-value", f"{name}={value}"]
    for attribute in ATTRIBUTES:
        command += ["--search-attribute", attribute]
    server = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  one system call
        env={**os.environ, "GOGC": "400", "GOMAXPROCS": "1"},  # memory for speed; we wait for each other anyway
    )
    return Engine(server, f"127.0.0.1:{port}")


@contextmanager
def starting_engine() -> Iterator[Engine]:
    """Start a server, which takes half a second, and go on; it ends with the block."""
    engine = start_engine()
    try:
        yield engine
    finally:
        engine.end()


@asynccontextmanager
async def time_skipping_engine(started: Engine | None = None) -> "AsyncIterator[Client]":
    """Yield a client of the server that was started, or of a new one; it ends with the block."""
    engine = started or start_engine()
    try:
        yield await _connected(engine)
    finally:
        engine.end()


async def _connected(engine: Engine) -> "Client":
    from temporalio.client import Client  # noqa: PLC0415  slow to import: meanwhile the server starts
    from temporalio.service import GrpcCompression  # noqa: PLC0415

    from workflows.converter import CONVERTER  # noqa: PLC0415

    while engine.server.poll() is None:
        try:
            return await Client.connect(
                engine.address, data_converter=CONVERTER, identity="jisr-rehearsal",
                grpc_compression=GrpcCompression.NONE,
            )  # fmt: skip
        except RuntimeError:
            await asyncio.sleep(0.02)
    raise Unavailable(f"The time-skipping server ended at once (code {engine.server.returncode}). See `jisr doctor`.")


def _program() -> str:
    found = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    if found is None:
        raise Unavailable("The program `temporal` is missing. Set up again with `make demo`, which installs it.")
    return found


def _die_with_parent() -> None:
    """Ask the kernel to end the server when we end in whatever way."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
