"""`jisr up`: everything on this machine, durable. Stopped and started again, it goes on where it was."""

from __future__ import annotations

import asyncio
import fcntl
import json as jsons
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output, server
from errors import Unavailable

if TYPE_CHECKING:
    from temporalio.client import Client

    from settings import Settings

RETENTION = timedelta(days=3650)  # the engine forgets what ended after this; the record does not
STARTS_IN = 60.0
INTERRUPTED = 130


def up(
    home: Annotated[Path | None, typer.Option(metavar="DIR", help="Where all state is kept; default ./.jisr.")] = None,
    temporal_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Default 7233.")] = None,
    ui_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Temporal's own page; default 8233.")] = None,
    web_port: Annotated[int | None, typer.Option(min=1, max=65535, help="The web console's port.")] = None,
    no_web: Annotated[bool, typer.Option("--no-web", help="Without the web console.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Run everything on this machine: engine, worker, database, outbox. Ctrl-C stops it."""
    if web_port is not None and not no_web:
        output.say("The web console is not part of this version; everything else starts.")
    own = doors.settings(**({"home": home} if home is not None else {}))
    os.umask(0o077)  # what is written here is for its owner only
    from cli.setup import make_home

    make_home(own)
    with only_one(own.home):
        if server.replace_orphan(own.home):
            output.say("A server that an earlier `jisr up` of this home left behind was ended.")
        namespace = os.environ.get("TEMPORAL_NAMESPACE") or "default"
        engine = server.Server(own.home.resolve(), server.choose_ports(temporal_port, ui_port), namespace)
        own_address = os.environ.get("TEMPORAL_ADDRESS")
        if own_address not in (None, engine.address):
            output.say(f"TEMPORAL_ADDRESS is set to {own_address}: other commands will go there, not here.")
        try:
            return asyncio.run(_run(own, engine, namespace, json))
        finally:
            engine.stop()


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold this home's lock: the file says who has it. Raises: Unavailable."""
    with (home / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            pid = lock.read().strip() or "unknown"
            raise Unavailable(
                f"`jisr up` runs for {home} already (process {pid}). Use that one, or choose another --home."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


async def _run(own: Settings, engine: server.Server, namespace: str, json: bool) -> int:
    """Run until a signal comes or the engine ends."""
    stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def stop_with(code: int) -> None:
        if stop.done():
            os._exit(code)  # asked twice: leave at once; the server ends with us
        stop.set_result(code)

    for name, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, 0)):
        asyncio.get_running_loop().add_signal_handler(name, stop_with, code)
    engine.start()
    work = asyncio.create_task(_serve(own, engine, namespace, json, stop))
    watch = asyncio.create_task(_ended(engine))
    every: set[asyncio.Future[Any]] = {stop, work, watch}
    done, _ = await asyncio.wait(every, return_when=asyncio.FIRST_COMPLETED)
    if stop in done and stop.result() == INTERRUPTED:
        output.say("Stopping ...")
    if watch in done and work not in done:
        work.cancel()
        raise Unavailable(f"The engine ended by itself (exit code {engine.exit_code}). See {engine.log}.")
    if work not in done:
        await asyncio.wait({work}, timeout=None if stop.done() else 0)
    watch.cancel()
    if not work.cancelled() and work.exception() is not None:
        raise work.exception() or AssertionError
    return stop.result()


async def _serve(own: Settings, engine: server.Server, namespace: str, json: bool, stop: asyncio.Future[int]) -> None:
    """Connect, make the engine remember for years, run the worker, say `ready`, wait."""
    client = await _connected(own, engine, namespace, stop)
    if client is None:
        return
    await keep_for_years(client, namespace)
    from worker import keep_announcing, running_worker, set_schedules

    async with running_worker(own, client):
        await set_schedules(client)
        _write_address(own.home, engine, namespace)
        addresses = {
            "engine": engine.address,
            "engine_page": f"http://{server.LOOPBACK}:{engine.ports.ui}",
            "metrics": f"http://{server.LOOPBACK}:{engine.ports.metrics}/metrics",
            "home": str(own.home.resolve()),
        }
        if json:
            output.line({**addresses, "ready": True})
        else:
            for name, value in addresses.items():
                output.text(f"{name.replace('_', ' '):<12} {value}")
            print("ready", flush=True)
        announcing = asyncio.create_task(keep_announcing(own, client))
        await asyncio.wait({stop})
        announcing.cancel()


async def _connected(own: Settings, engine: server.Server, namespace: str, stop: asyncio.Future[int]) -> Client | None:
    """Return a client as soon as the server answers; None when asked to stop before. Raises: Unavailable."""
    from temporalio.client import Client
    from temporalio.service import RPCError

    from client import converter

    deadline = time.monotonic() + STARTS_IN
    while not stop.done():
        try:
            client = await Client.connect(
                engine.address, namespace=namespace, data_converter=converter(own), identity="jisr"
            )
            if await client.service_client.check_health():
                return client
        except (RuntimeError, RPCError):  # nobody answers yet
            pass
        if time.monotonic() > deadline:
            raise Unavailable(f"The engine did not start within {STARTS_IN:.0f} s. See {engine.log}.")
        await asyncio.wait({stop}, timeout=0.1)
    return None


async def keep_for_years(client: Client, namespace: str) -> None:
    """Set how long the engine keeps what has ended: its default would be a day."""
    from google.protobuf.duration_pb2 import Duration
    from temporalio.api.namespace.v1 import NamespaceConfig
    from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest

    kept = Duration()
    kept.FromTimedelta(RETENTION)
    config = NamespaceConfig(workflow_execution_retention_ttl=kept)
    await client.workflow_service.update_namespace(UpdateNamespaceRequest(namespace=namespace, config=config))


async def _ended(engine: server.Server) -> None:
    """Return when the server has ended."""
    while engine.exit_code is None:  # noqa: ASYNC110  a process has no event to wait for
        await asyncio.sleep(0.25)


def _write_address(home: Path, engine: server.Server, namespace: str) -> None:
    """Write down where the engine is, for the other commands of this home."""
    told = {"address": engine.address, "namespace": namespace, "http_port": engine.ports.http, "pid": os.getpid()}
    new = home / "engine.json.new"
    new.write_text(jsons.dumps(told))
    new.replace(home / "engine.json")


def add_to(app: typer.Typer) -> None:
    app.command()(up)
