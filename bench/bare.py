"""Bare Temporal, the least a durable initiative could be: an update, a list, one activity per drained batch.

No rules, no agenda, no chain. As a program it is the worker: `python -m bench.bare ADDRESS [RECORD.db]`; with a
file the activity writes every report into it, in one durable transaction, as a record of any kind would.
"""

import asyncio
import json
import os
import signal
import sqlite3
import sys
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

QUEUE, STORING_QUEUE = "bench-bare", "bench-bare-storing"
WAIT = timedelta(seconds=10)


@workflow.defn(name="BenchBare")
class BareWorkflow:
    """Take reports, remember that there were so many, hand each drained batch to one activity."""

    @workflow.init
    def __init__(self) -> None:
        self.taken = 0
        self.recorded = 0
        self._waiting: list[dict[str, Any]] = []

    @workflow.run
    async def run(self) -> None:
        while True:
            await workflow.wait_condition(lambda: bool(self._waiting))
            batch, self._waiting = self._waiting, []
            await workflow.execute_activity("bench_record", batch, start_to_close_timeout=WAIT)
            self.recorded += len(batch)

    @workflow.update
    def report(self, report: dict[str, Any]) -> int:
        return self._take(report)

    @report.validator
    def check(self, report: dict[str, Any]) -> None:
        if "kind" not in report:
            raise ValueError("a report has a kind")

    @workflow.update
    def report_batch(self, reports: list[dict[str, Any]]) -> list[int]:
        return [self._take(report) for report in reports]

    @workflow.query
    def done(self) -> int:
        return self.recorded

    def _take(self, report: dict[str, Any]) -> int:
        self.taken += 1
        self._waiting.append(report)
        return self.taken


@activity.defn(name="bench_record")
async def forget(batch: list[dict[str, Any]]) -> None:
    """Do nothing: the cheapest activity there is."""


class Record:
    """One table; every batch is durable before the activity ends."""

    def __init__(self, file: str) -> None:
        self._lines = sqlite3.connect(file, check_same_thread=False)
        self._lines.execute("PRAGMA journal_mode=WAL")
        self._lines.execute("PRAGMA synchronous=FULL")
        self._lines.execute("CREATE TABLE IF NOT EXISTS lines (body TEXT)")

    @activity.defn(name="bench_record")
    async def record(self, batch: list[dict[str, Any]]) -> None:
        await asyncio.to_thread(self._write, batch)

    def _write(self, batch: list[dict[str, Any]]) -> None:
        with self._lines:
            self._lines.executemany("INSERT INTO lines VALUES (?)", [(json.dumps(one),) for one in batch])


async def main(address: str, file: str | None) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await Client.connect(address)
    async with Worker(
        client,
        task_queue=STORING_QUEUE if file else QUEUE,
        workflows=[BareWorkflow],
        activities=[Record(file).record if file else forget],
        build_id="bench",
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),  # as Jisr's, so that recoveries compare
    ):
        print("worker ready", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
    os._exit(0)
