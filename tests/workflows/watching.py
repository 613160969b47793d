"""What the tests of the workflow share: waiting with a deadline, reading histories, the `temporal` program."""

import asyncio
import json
import subprocess
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import uuid4

from life import CHARTER
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from client import Jisr
from domain.record import Entry
from storage import ledger
from storage.database import Database
from tests.conftest import temporal_program

T = TypeVar("T")
TICKED = "checklist_item_done"
MANAGER = "manager:p-01"
REASON = "text:" + "0" * 32


def charter(**changes: Any) -> dict[str, Any]:
    """Return a charter under an id of its own."""
    return {**CHARTER, "id": f"ini-{uuid4().hex[:10]}", **changes}


def ticked(item: str, **more: Any) -> dict[str, Any]:
    """Return a report that the rules accept at any time: a checklist item of the concept was done."""
    return {"kind": TICKED, "item": item, "by": MANAGER, **more}


async def until(found: Callable[[], Awaitable[T]], patience: float = 20) -> T:
    """Ask again and again until there is something to return; fail when it does not come."""
    deadline = time.monotonic() + patience
    while True:
        answer = await found()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {patience} s: {getattr(found, '__name__', found)}"
        await asyncio.sleep(0.01)


def handle_of(engine: Client, initiative: str) -> WorkflowHandle[Any, Any]:
    return engine.get_workflow_handle(f"initiative/{initiative}")


async def events(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """Return the events of the present run by name, without their prefix."""
    found = (await handle.fetch_history()).events
    return [EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in found]


async def at_rest(handle: WorkflowHandle[Any, Any]) -> list[str]:
    """Wait until nothing is under way; return the events."""

    async def still() -> bool:
        raw = (await handle.describe()).raw_description
        return not raw.HasField("pending_workflow_task") and not raw.pending_activities

    await until(still)
    return await events(handle)


def recorded(database: Database, initiative: str) -> list[Entry]:
    return list(ledger.entries(database, initiative))


def kinds(database: Database, initiative: str) -> list[str]:
    return [entry.kind for entry in recorded(database, initiative)]


async def caught_up(jisr: Jisr, initiative: str) -> list[Entry]:
    """Wait until the record holds all that was accepted; return it."""
    assert await jisr.recorded(initiative, patience=20)
    return recorded(jisr.desk.database, initiative)


async def temporal(engine: Client, *words: str) -> tuple[int, str]:
    """Run the `temporal` program against the tests' server; return its exit code and what it said."""
    command = [temporal_program(), *words, "--address", engine.service_client.config.target_host]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
    )
    return done.returncode, done.stdout + done.stderr


def as_input(given: Any) -> tuple[str, str]:
    return ("--input", json.dumps(given))
