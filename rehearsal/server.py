"""A time-skipping Temporal server for as long as a rehearsal lasts: real, in memory, on this machine only."""

import asyncio
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from temporalio.client import Client
from temporalio.service import GrpcCompression

from errors import Unavailable
from workflows.plugin import ATTRIBUTES, CONVERTER

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


@asynccontextmanager
async def time_skipping_engine() -> AsyncIterator[Client]:
    """Run the server and yield a connected client; the server ends with the block, or with this process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [_program(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)]
    command += ["--log-level", "error"]
    for name, value in {**UNHURRIED, **SKIPPING}.items():
        command += ["--dynamic-config-value", f"{name}={value}"]
    for attribute in ATTRIBUTES:
        command += ["--search-attribute", attribute]
    server = subprocess.Popen(  # noqa: ASYNC220  a start takes milliseconds
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509  one system call
        env={**os.environ, "GOGC": "400", "GOMAXPROCS": "1"},  # memory for speed; we wait for each other anyway
    )
    try:
        yield await _connected(server, f"127.0.0.1:{port}")
    finally:
        server.kill()  # it keeps nothing, and takes a second to say goodbye
        server.wait()


async def _connected(server: "subprocess.Popen[bytes]", address: str) -> Client:
    while server.poll() is None:
        try:
            return await Client.connect(
                address, data_converter=CONVERTER, identity="jisr-rehearsal", grpc_compression=GrpcCompression.NONE
            )
        except RuntimeError:
            await asyncio.sleep(0.05)
    raise Unavailable(f"The time-skipping server ended at once (code {server.returncode}). See `jisr doctor`.")


def _program() -> str:
    found = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    if found is None:
        raise Unavailable("The program `temporal` is missing. Set up again with `make demo`, which installs it.")
    return found


def _die_with_parent() -> None:
    """Ask the kernel to end the server when we end in whatever way."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
