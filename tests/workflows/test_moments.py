"""The moment of an entry is the same in every replay, whoever takes the run over, and whenever.

The SDK may lay a workflow task without commands together with the next one when it replays up to the newest task, and
not when it replays later. Whatever was heard in such a task would then have two moments, and the chain two heads.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from temporalio.worker import Worker

from activities.record import RecordActivities
from domain.chain import check_chain
from tests.conftest import House
from tests.workflows.watching import TICKED, caught_up, charter, events, handle_of, ticked, until
from workflows.plugin import INTERCEPTORS, WORKFLOWS, runner


@asynccontextmanager
async def thinker(house: House) -> AsyncIterator[None]:
    """A worker that runs workflows only and remembers none of them: each task replays the whole run."""
    async with Worker(
        house.engine, task_queue=house.queue, workflows=WORKFLOWS, workflow_runner=runner(),
        interceptors=INTERCEPTORS, max_cached_workflows=0,
    ):  # fmt: skip
        yield


@asynccontextmanager
async def writer(house: House) -> AsyncIterator[None]:
    """A worker that writes the record only."""
    record = RecordActivities(house.database, house.settings.calendar)
    async with Worker(house.engine, task_queue=house.queue, activities=[record.record]):
        yield


@pytest.mark.parametrize("unreadable", [False, True])
async def test_what_was_heard_while_the_record_was_away_keeps_its_moment(house: House, unreadable: bool) -> None:
    async with thinker(house), house.client() as jisr:
        id = (await jisr.open(charter(checklists={"concept": ["first", "second", "third", "fourth"]}))).initiative
        run = handle_of(house.engine, id)
        await until(lambda: begun(house, id))
        for number, item in enumerate(("first", "second"), 1):
            await run.signal("nonsense" if unreadable else "report", ticked(item))
            await until(partial(thought_about, house, id, number))

    # Nobody thinks now. A report comes; then the record is written; both wait for one and the same task.
    reported = asyncio.create_task(run.execute_update("report", ticked("third")))
    await until(lambda: waiting_to_think(house, id))
    async with writer(house):
        await until(lambda: written(house, id))
    async with thinker(house):
        assert (await reported)["status"] == "accepted"

    async with house.worker(), house.client() as jisr:
        await jisr.report(id, TICKED, item="fourth", by="manager:p-01")
        entries = await caught_up(jisr, id)
    assert check_chain(entries).ok
    assert silent_in_a_row(await events(handle_of(house.engine, id))) == 1
    assert len([e for e in entries if e.kind in (TICKED, "report_unreadable")]) == 4


async def begun(house: House, id: str) -> bool:
    return "ACTIVITY_TASK_SCHEDULED" in await events(handle_of(house.engine, id))


async def thought_about(house: House, id: str, signals: int) -> bool:
    found = await events(handle_of(house.engine, id))
    heard = [number for number, one in enumerate(found) if "SIGNALED" in one]
    return len(heard) == signals and "WORKFLOW_TASK_COMPLETED" in found[heard[-1] :]


async def waiting_to_think(house: House, id: str) -> bool:
    return (await handle_of(house.engine, id).describe()).raw_description.HasField("pending_workflow_task")


async def written(house: House, id: str) -> bool:
    return not (await handle_of(house.engine, id).describe()).raw_description.pending_activities


def silent_in_a_row(found: list[str]) -> int:
    """Return how many workflow tasks at most followed each other without a command or an answer."""
    tasks = "|".join(found).split("WORKFLOW_TASK_COMPLETED")[1:-1]
    longest = now = 0
    for after in tasks:
        spoke = any(word in after for word in ("UPSERT", "ACTIVITY_TASK_SCHEDULED", "TIMER_STARTED", "UPDATE_ACCEPTED"))
        now = 0 if spoke else now + 1
        longest = max(longest, now)
    return longest
