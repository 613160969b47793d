"""What goes through the engine: INIT-20 one by one and in tens, memory, replay, recovery after a kill."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError
from temporalio.worker import Replayer

from bench import bare, job
from bench.house import House, Program, Spent, load, median, quantile
from bench.tables import Table
from workflows.plugin import CONVERTER, INTERCEPTORS, WORKFLOWS, runner

TEN = 10
SETTLE = 0.4  # seconds after the last report, for what still runs
KIB = 1024


class Run:
    """What one INIT-20 cost."""

    def __init__(self, spent: Spent, sends: list[float], events: int, workflow: str) -> None:
        self.spent, self.sends, self.events, self.workflow = spent, sends, events, workflow


async def init20(house: House, size: int = 1) -> Run:
    """Send INIT-20 through the client people use, `size` reports at a time."""
    id, jisr = f"bench-{uuid4().hex[:8]}", house.jisr
    read = house.meter(house.jisr_worker)
    await jisr.open(job.charter(id), by=job.MANAGER)
    every, sends = job.reports(), []
    for start in range(0, len(every), size):
        began = time.perf_counter()
        if size == 1:
            report = dict(every[start])
            answers = [await jisr.report(id, report.pop("kind"), **report)]
        else:
            answers = await jisr.report_many(id, every[start : start + size])
        sends.append(time.perf_counter() - began)
        refused = [one for one in answers if one.status != "accepted"]
        assert not refused, refused
    assert await jisr.recorded(id, patience=30)
    await asyncio.sleep(SETTLE)
    workflow = f"initiative/{id}"
    return Run(read(), sends, await house.events(workflow), workflow)


async def init20_bare(house: House, size: int = 1, storing: bool = False) -> Run:
    """Send the same reports to a bare workflow."""
    worker = house.storing_worker if storing else house.bare_worker
    workflow = f"bare/{uuid4().hex[:8]}"
    read = house.meter(worker)
    handle = await house.engine.start_workflow(
        "BenchBare", id=workflow, task_queue=bare.STORING_QUEUE if storing else bare.QUEUE
    )
    every, sends = job.reports(), []
    for start in range(0, len(every), size):
        began = time.perf_counter()
        if size == 1:
            await handle.execute_update("report", every[start], id=uuid4().hex)
        else:
            await handle.execute_update("report_batch", every[start : start + size], id=uuid4().hex)
        sends.append(time.perf_counter() - began)
    while await handle.query("done") < len(every):  # noqa: ASYNC110  another process
        await asyncio.sleep(0.02)
    await asyncio.sleep(SETTLE)
    return Run(read(), sends, await house.events(workflow), workflow)


async def reference_job(house: House, rounds: int, size: int) -> tuple[Table, str, str]:
    """Measure INIT-20 in turn: Jisr, bare, bare that keeps a record; return the table and two workflows to replay."""
    await init20(house, size=TEN)  # both are warm when it begins
    await init20_bare(house, size=TEN)
    await init20_bare(house, size=TEN, storing=True)
    ours, theirs, storing = [], [], []
    before = load()
    for _ in range(rounds):
        ours.append(await init20(house, size))
        theirs.append(await init20_bare(house, size))
        storing.append(await init20_bare(house, size, storing=True))
    how = "one by one" if size == 1 else f"in batches of {size}"
    table = Table(f"INIT-20 {how}, {rounds} rounds in turn, medians", before)
    compare(table, ours, theirs, size)
    for name, part in (("wall", "wall"), ("worker CPU", "worker"), ("server CPU", "server")):
        mine, other = ([getattr(run.spent, part) for run in runs] for runs in (ours, storing))
        table.add(f"{name} against bare with a durable record", median(mine), median(other), "s")
    return table, ours[-1].workflow, theirs[-1].workflow


def compare(table: Table, ours: list[Run], theirs: list[Run], size: int) -> None:
    one_by_one = size == 1

    def both(part: str) -> tuple[float, float]:
        mine, other = ([getattr(run.spent, part) for run in runs] for runs in (ours, theirs))
        return median(mine), median(other)

    table.add("wall", *both("wall"), "s", 1.2 if one_by_one else 1.3)
    table.add("events", median([r.events for r in ours]), median([r.events for r in theirs]), "",
              1.05 if one_by_one else 1.3)  # fmt: skip
    table.add("worker CPU", *both("worker"), "s", 1.3)
    table.add("server CPU", *both("server"), "s", 1.1 if one_by_one else 1.3)
    table.add("client CPU (this process)", *both("client"), "s")
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        mine, other = ([quantile(run.sends, share) * 1000 for run in runs] for runs in (ours, theirs))
        table.add(f"one send {name}", median(mine), median(other), "ms", 1.3 if share > 0.9 and one_by_one else None)


# --- memory ---------------------------------------------------------------------------------------------------------
async def memory(house: House, count: int) -> Table:
    """Measure what a worker keeps for each initiative in its cache, the sandbox on: just opened, and later."""
    some = job.reports()[:40]

    async def opened() -> str:
        id = f"bench-{uuid4().hex[:8]}"
        await house.jisr.open(job.charter(id), by=job.MANAGER)
        return id

    async def reported() -> None:
        await house.jisr.report_many(id := await opened(), some)
        assert await house.jisr.recorded(id, patience=30)

    async def only_opened() -> None:
        assert await house.jisr.recorded(await opened(), patience=30)

    async def started() -> None:
        await house.engine.start_workflow("BenchBare", id=f"bare/{uuid4().hex[:8]}", task_queue=bare.QUEUE)

    async def counted() -> None:
        handle = await house.engine.start_workflow("BenchBare", id=f"bare/{uuid4().hex[:8]}", task_queue=bare.QUEUE)
        await handle.execute_update("report_batch", some)

    before = load()
    table = Table(f"Memory of {count} initiatives, all in the worker's cache", before)
    mine, other = await _grown(house.jisr_worker, only_opened, count), await _grown(house.bare_worker, started, count)
    table.add("RSS for each, just opened", mine / count / KIB, other / count / KIB, "KiB", 200, ratio_is_gated=False)
    mine, other = await _grown(house.jisr_worker, reported, count), await _grown(house.bare_worker, counted, count)
    table.add("RSS for each, 40 reports", mine / count / KIB, other / count / KIB, "KiB")
    table.add("RSS of the worker", house.jisr_worker.rss / KIB / KIB, house.bare_worker.rss / KIB / KIB, "MiB")
    return table


async def _grown(worker: Program, open_one: Callable[[], Awaitable[None]], count: int) -> int:
    """Return how much a worker grew by so many, after a third of that has filled what is filled only once."""

    async def some(many: int) -> None:
        for start in range(0, many, 8):
            await asyncio.gather(*(open_one() for _ in range(min(8, many - start))))
        await asyncio.sleep(2 * SETTLE)

    await some(count // 3)
    before = worker.rss
    await some(count)
    return worker.rss - before


# --- replay ---------------------------------------------------------------------------------------------------------
async def replay(house: House, ours: str, theirs: str, rounds: int) -> Table:
    """Measure how fast a history is read again, as after a restart; sandbox on."""
    before = load()
    mine, mine_events = await _replayed(
        house,
        ours,
        Replayer(workflows=WORKFLOWS, workflow_runner=runner(), data_converter=CONVERTER, interceptors=INTERCEPTORS),
        rounds,
    )
    other, other_events = await _replayed(house, theirs, Replayer(workflows=[bare.BareWorkflow]), rounds)
    table = Table(f"Replay of INIT-20, {rounds} rounds, CPU seconds", before)
    table.add("CPU per event", mine / mine_events * 1e6, other / other_events * 1e6, "us", 1.25)
    table.add("events per CPU second", mine_events / mine, other_events / other)
    table.add("one history", mine, other, "s")
    return table


async def _replayed(house: House, workflow: str, replayer: Replayer, rounds: int) -> tuple[float, int]:
    history = await house.engine.get_workflow_handle(workflow).fetch_history()
    spent = []
    for _ in range(rounds + 1):
        began = time.process_time()
        await replayer.replay_workflow(history)
        spent.append(time.process_time() - began)
    return median(spent[1:]), len(history.events)


# --- recovery -------------------------------------------------------------------------------------------------------
async def recovery(house: House) -> Table:
    """Measure how long the first report waits after the worker, and the server, were killed with kill -9."""
    id = f"bench-{uuid4().hex[:8]}"
    await house.jisr.open(job.charter(id), by=job.MANAGER)
    await house.jisr.report_many(id, job.reports())
    handle = await house.engine.start_workflow("BenchBare", id=f"bare/{uuid4().hex[:8]}", task_queue=bare.QUEUE)
    await handle.execute_update("report_batch", job.reports())

    async def ours() -> None:
        answer = await house.jisr.report(id, "note_added", note=job.WORDS, by=job.MANAGER)
        assert answer.status == "accepted"

    async def theirs() -> None:
        await _until_taken(handle)

    before = load()
    table = Table("First report accepted after kill -9, from the moment the restart begins", before)
    for what, worker, first, at_most in (("worker", house.jisr_worker, ours, 2.0),):
        table.add(f"{what} killed", await _after(worker, first), await _after(house.bare_worker, theirs), "s",
                  at_most, ratio_is_gated=False)  # fmt: skip
    table.add("server killed, workers left up", await _after(house.server, ours), None, "s", 3.5, ratio_is_gated=False)
    table.lines[-1].bare = await _after(house.server, theirs)
    return table


async def _after(program: Program, first: Callable[[], Awaitable[None]]) -> float:
    await first()
    program.kill()
    began = time.perf_counter()
    starting = asyncio.create_task(asyncio.to_thread(program.start))
    await first()
    taken = time.perf_counter() - began
    await starting
    await asyncio.sleep(1)
    return taken


async def _until_taken(handle: Any) -> None:
    while True:
        with suppress(RPCError, WorkflowUpdateRPCTimeoutOrCancelledError):
            await handle.execute_update("report", {"kind": "note_added"})
            return
        await asyncio.sleep(0.2)
