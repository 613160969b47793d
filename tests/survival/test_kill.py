"""Kill -9 of the worker and of the engine at moments nobody chose: what was accepted is there, once, and sent once."""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import GrpcCompression

from cli.server import free_ports
from client import Jisr, utc_now
from domain.chain import Head
from errors import Unavailable
from rehearsal.server import UNHURRIED
from settings import Settings
from storage import ledger, notices
from tests.conftest import dynamic, temporal_program
from tests.workflows import story
from tests.workflows.watching import MANAGER, at_rest, charter, handle_of, recorded, ticked, until
from workflows.attributes import ATTRIBUTES
from workflows.converter import CONVERTER

ROOT = Path(__file__).parents[2]
MORNING = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)  # a Tuesday: whoever is written to is at work
TAKEN = {"accepted", "duplicate"}
SESSIONS = ("S1", "S2", "S3")
PRAGMAS = ("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL")


class Process:
    """A program that is killed without notice and started again."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        self._command, self._log, self._env = command, log, env
        self._child: subprocess.Popen[bytes] | None = None
        self.killed = 0

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                self._command, stdout=log, stderr=log, cwd=ROOT, env={**os.environ, **(self._env or {})}
            )

    def kill(self) -> None:
        assert self._child is not None, "it was started"
        self._child.kill()
        self._child.wait()
        self.killed += 1


class Installation:
    """An engine with a file, a worker program, one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port, metrics = free_ports(2)
        self.address = f"127.0.0.1:{self.port}"
        command = [temporal_program(), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error"]
        command += ["--port", str(self.port), "--metrics-port", str(metrics), "--db-filename", str(home / "engine.db")]
        command += [word for one in ATTRIBUTES for word in ("--search-attribute", one)]
        self.engine = Process([*command, *PRAGMAS, *dynamic(UNHURRIED)], home / "engine.log")
        there = {"JISR_HOME": str(home), "TEMPORAL_ADDRESS": self.address, "JISR_TEMPORAL_TIMEOUT": "30"}
        self.worker = Process([sys.executable, "worker.py"], home / "worker.log", there)

    @contextmanager
    def running(self) -> Iterator[None]:
        self.engine.start()
        self.worker.start()
        try:
            yield
        finally:
            self.worker.kill()
            self.engine.kill()

    async def connect(self) -> Client:
        async def connected() -> Client | None:
            try:
                return await Client.connect(
                    self.address, data_converter=CONVERTER, grpc_compression=GrpcCompression.NONE
                )
            except RuntimeError:
                return None

        client = await until(connected, 30)
        assert client is not None
        return client


def milestones() -> list[dict[str, Any]]:
    """Return 60 reports, 45 of which tell everybody at the table a new date."""
    moves = [
        story.said(
            "session_postponed", session=session, starts=f"2026-07-{day:02}T10:00", reason=story.REASON
        )
        for day in range(2, 17)
        for session in SESSIONS
    ]  # fmt: skip
    items = [ticked(f"extra-{n}") for n in range(15)]
    mixed = [one for n, move in enumerate(moves) for one in ([move, items[n // 3]] if n % 3 == 0 else [move])]
    return [{**report, "key": f"key-{number}"} for number, report in enumerate(mixed)]


def preparations() -> list[dict[str, Any]]:
    scheduled = [story.said("session_scheduled", session=one, starts="2026-07-01T10:00") for one in SESSIONS]
    begun = [story.said("stage_begun_early", of=stage, reason=story.REASON) for stage in ("vetting", "sessions")]
    return [*begun, *story.seated("p-20", "IQ"), *story.seated("p-21", "TR"), *scheduled]


async def insist(jisr: Jisr, id: str, report: dict[str, Any]) -> str:
    """Report until there is an answer: while the outcome is unknown, the same again."""
    kind = report["kind"]
    fields = {name: value for name, value in report.items() if name != "kind"}

    async def answered() -> str:
        try:
            return str((await jisr.report(id, kind, **fields)).status)
        except Unavailable:
            return ""

    return await until(answered, 40)


async def disturb(installation: Installation, chance: random.Random, progress: list[str], total: int) -> None:
    """Kill and start again, at moments drawn by lot, until the script has come to its end."""
    for number, victim in enumerate((installation.worker, installation.engine) * 2, 1):
        after = int(total * number / 5) + chance.randint(-3, 3)

        async def far_enough(count: int = after) -> bool:
            return len(progress) >= count

        await until(far_enough, 60)
        await asyncio.sleep(chance.random() * 0.05)  # somewhere within a step
        victim.kill()
        victim.start()


@pytest.mark.parametrize("seed", [1])
async def test_nothing_accepted_is_lost_and_nothing_is_double(tmp_path: Path, seed: int) -> None:
    installation = Installation(tmp_path)
    settings = Settings(home=tmp_path, temporal_timeout=3.0)
    reports, progress = milestones(), list[str]()
    with installation.running():
        async with Jisr(await installation.connect(), settings) as jisr:
            given = charter(
                **story.SMALL, checklists={"concept": [f"extra-{n}" for n in range(15)]}, patience={"postponements": 20}
            )
            opening = await asyncio.to_thread(jisr.desk.opening, given)
            id = opening.charter.id
            await jisr.open_prepared(opening, MANAGER, shift=(MORNING - utc_now()).total_seconds())
            for number, report in enumerate(preparations()):
                assert await insist(jisr, id, {**report, "key": f"before-{number}"}) in TAKEN
            await until(lambda: jisr.recorded(id), 40)

            killing = asyncio.create_task(disturb(installation, random.Random(seed), progress, len(reports)))
            for report in reports:
                progress.append(await insist(jisr, id, report))
                with suppress(Unavailable):
                    await jisr.recorded(id, patience=0.2)  # a moment in which messages go out
            await killing
            assert set(progress) <= TAKEN

            await at_peace(jisr, id)
            await at_rest(handle_of(jisr.engine, id))  # good news of messages rides with the next report
            assert await insist(jisr, id, ticked("exit_criteria", key="the-last")) in TAKEN
            await until(lambda: jisr.recorded(id), 40)
            entries = recorded(jisr.desk.database, id)
            kept = Counter(entry.key for entry in entries if entry.key and not entry.by.startswith("engine:"))
            assert {key: kept[key] for key in kept if key.startswith("key-")} == {one["key"]: 1 for one in reports}

            witness = await jisr.head(id)
            verdict = ledger.verify(jisr.desk.database, id, Head(witness["seq"], witness["hash"]))
            assert verdict.ok, verdict
            sent_once(jisr, id, tmp_path / "outbox")
    assert (installation.worker.killed, installation.engine.killed) == (3, 3)


async def at_peace(jisr: Jisr, id: str) -> None:
    """Wait until all is recorded and every message is settled: what a dead worker had begun takes half a minute."""

    async def settled() -> bool:
        due = (await jisr.show(id))["next_due"]
        if not await jisr.recorded(id) or (due and datetime.fromisoformat(due) < MORNING + timedelta(hours=3)):
            return False
        ledgered = await asyncio.to_thread(notices.of_initiative, jisr.desk.database, id)
        return bool(ledgered) and all(one.settled_at for one in ledgered)

    await until(settled, 60)


def sent_once(jisr: Jisr, id: str, outbox: Path) -> None:
    """See that every message is one line of the ledger, one receipt, one file."""
    ledgered = notices.of_initiative(jisr.desk.database, id)
    files = Counter(
        next(line for line in file.read_text().splitlines() if line.startswith("Message-ID:"))
        for file in outbox.rglob("*.txt")
    )
    receipts = Counter(
        (e.fields["obligation"], e.fields["rung"], e.fields["recipient"])
        for e in recorded(jisr.desk.database, id)
        if e.kind == "notice_delivered"
    )
    assert len(ledgered) > 20, "the script should have had something to say"
    assert {one.status for one in ledgered} == {"sent"}
    assert files == {f"Message-ID: <{one.message_id}>": 1 for one in ledgered}
    assert receipts == {(one.notice.obligation, one.notice.rung, one.notice.recipient): 1 for one in ledgered}
