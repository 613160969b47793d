"""The line between the second worker and the engine: a network namespace where that is allowed, else a relay."""

import asyncio
import os
import shutil
import subprocess
from contextlib import AsyncExitStack, suppress
from typing import Protocol


class Line(Protocol):
    """A line that can be cut: nothing comes through and nobody is told."""

    kind: str
    prefix: list[str]  # what a program behind the line is started with
    here: str  # this machine's address, seen from behind it

    async def lay(self, port: int) -> str: ...  # returns the engine's address, seen from behind
    async def cut(self) -> None: ...
    async def mend(self) -> None: ...
    async def remove(self) -> None: ...


class Relay:
    """A relay on this machine; the cut stops it from passing anything on."""

    kind = "a relay"

    def __init__(self, here: str = "127.0.0.1") -> None:
        self.prefix: list[str] = []
        self.here = here
        self._open = asyncio.Event()
        self._open.set()
        self._server: asyncio.Server | None = None
        self._pairs: set[asyncio.Task[None]] = set()

    async def lay(self, port: int) -> str:
        async def pair(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            joined = asyncio.ensure_future(self._join(port, reader, writer))
            self._pairs.add(joined)
            joined.add_done_callback(self._pairs.discard)

        self._server = await asyncio.start_server(pair, self.here, 0)
        return f"{self.here}:{self._server.sockets[0].getsockname()[1]}"

    async def _join(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with AsyncExitStack() as open_ends:
            open_ends.push_async_callback(_closed, writer)
            with suppress(OSError):
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
                open_ends.push_async_callback(_closed, far_writer)
                await asyncio.gather(self._pass_on(reader, far_writer), self._pass_on(far_reader, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()
        writer.close()  # the other end hears at once that this one is gone

    async def cut(self) -> None:
        self._open.clear()

    async def mend(self) -> None:
        self._open.set()

    async def remove(self) -> None:
        if self._server is not None:
            self._server.close()
        for pair in self._pairs:
            pair.cancel()
        await asyncio.gather(*self._pairs, return_exceptions=True)


class Namespace:
    """A pair of virtual network cards; the cut takes one of them down."""

    kind = "a network namespace"

    def __init__(self, name: str) -> None:
        self._name, self._near, self._far = name, f"{name}a", f"{name}b"
        self.prefix = ["ip", "netns", "exec", name]
        self.here, self._there = "10.213.77.1", "10.213.77.2"
        self._relay = Relay(self.here)  # the dev server listens to this machine alone

    async def lay(self, port: int) -> str:
        for command in (
            f"ip netns add {self._name}",
            f"ip link add {self._near} type veth peer name {self._far}",
            f"ip link set {self._far} netns {self._name}",
            f"ip addr add {self.here}/30 dev {self._near}",
            f"ip link set {self._near} up",
            f"ip netns exec {self._name} ip addr add {self._there}/30 dev {self._far}",
            f"ip netns exec {self._name} ip link set {self._far} up",
            f"ip netns exec {self._name} ip link set lo up",
        ):
            await _run(command)
        return await self._relay.lay(port)

    async def cut(self) -> None:
        await _run(f"ip netns exec {self._name} ip link set {self._far} down")

    async def mend(self) -> None:
        await _run(f"ip netns exec {self._name} ip link set {self._far} up")

    async def remove(self) -> None:
        await self._relay.remove()
        with suppress(subprocess.CalledProcessError):
            await _run(f"ip netns del {self._name}")


def line() -> Line:
    """Return the best line this machine allows."""
    if os.geteuid() == 0 and shutil.which("ip"):
        name = f"jd{os.getpid() % 100000}"
        tried = (f"ip netns add {name}", f"ip link add {name}a type veth peer name {name}b", f"ip link del {name}a")
        allowed = all(subprocess.run(one.split(), capture_output=True, check=False).returncode == 0 for one in tried)
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        if allowed:
            return Namespace(name)
    return Relay()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()  # not close(): what a cut line still holds will never be taken
    with suppress(OSError):
        await writer.wait_closed()


async def _run(command: str) -> None:
    await asyncio.to_thread(subprocess.run, command.split(), check=True, capture_output=True)
