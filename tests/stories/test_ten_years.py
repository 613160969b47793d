"""Ten years of one initiative: three stalls, pages turned and forgotten, keys changed, clocks moved, two upgrades.

The real workflow on a time-skipping server. Three releases of the worker follow each other as versions of one
deployment; what a later one takes over, it first replays from the engine.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest, SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

import worker
from client import Jisr, utc_now
from domain.chain import Head
from domain.clocks import key
from rehearsal.play import Stage
from rehearsal.server import SKIPPING, UNHURRIED
from settings import Settings
from storage import checkpoints, ledger, notices, rotation, signing_rotation
from storage.database import Database, migrate, open_database
from storage.signing import load_signer
from tests.conftest import ATTRIBUTES, dynamic, temporal_program
from tests.stories.timezones import newer_time_zone_data
from tests.workflows import story
from tests.workflows.watching import at_rest, charter, recorded, until
from verify_export import check_checkpoints
from workflows.plugin import CONVERTER

ID, ZONE, DEPLOYMENT = "ini-decade", "Asia/Baghdad", "jisr"
EARLY = {
    "limit.historyCount.suggestContinueAsNew": "150",
    # A run is deleted as soon as that is asked for; else the engine first waits for a note it makes twice a minute.
    **{f"history.{queue}ProcessorEnsureCloseBeforeDelete": "false" for queue in ("transfer", "visibility")},
    **{f"history.{queue}ProcessorUpdateAckInterval": '"200ms"' for queue in ("transfer", "visibility")},
}
BEGAN = (utc_now() - timedelta(days=11 * 365)).replace(hour=7, minute=0, second=0, microsecond=0)
NINE = time(9)
DUBAI = timedelta(hours=4)


@asynccontextmanager
async def skipping_engine() -> AsyncIterator[Client]:
    """A time-skipping server that asks for a new page early: a decade has many."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(),
        data_converter=CONVERTER,
        search_attributes=ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=dynamic(UNHURRIED | SKIPPING | EARLY),
    ) as environment:
        yield environment.client


class Decade(Stage):
    """The initiative on its stage; `day` counts from the opening."""

    def __init__(self, engine: Client, jisr: Jisr) -> None:
        super().__init__(engine, jisr)
        self.jisr, self.engine = jisr, engine
        self.said = 0
        self.runs: list[str] = []
        self.forgotten: list[str] = []

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return self.engine.get_workflow_handle(f"initiative/{ID}")

    async def open(self) -> None:
        people = [{"id": "p-01", "name_latin": "Invented Manager", "email": "p-01@example.org", "zone": ZONE}]
        opening = await asyncio.to_thread(self.jisr.desk.opening, charter(**story.SMALL, id=ID, people=people))
        await self._open(BEGAN, opening)

    async def on(self, day: int, *reports: dict[str, Any]) -> None:
        """Let the days pass, then report."""
        await self._advance(BEGAN + timedelta(days=day))
        await self.quiet()
        keyed = [{**report, "key": f"said-{self.said + number}"} for number, report in enumerate(reports)]
        self.said += len(keyed)
        for report, answer in zip(keyed, await self.jisr.report_many(ID, keyed), strict=True):
            assert answer.status == "accepted", (day, report, answer)
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until nothing is under way and the record holds everything; note each run that is seen."""
        await self._rested(ID)
        assert await self.jisr.recorded(ID, patience=30)
        run = (await self.handle.describe()).run_id
        if run not in self.runs:
            self.runs.append(run)
            await self.forget_closed_runs()

    async def stalls(self, first: int, last: int) -> int:
        """Rest from a day to another; return how many messages were sent on the day after."""
        await self.on(first, *story.rests())
        await self.on(last)
        before = sent(self.database)
        await self.on(last, story.said("stall_resumed"))
        await self.on(last + 1)
        return sent(self.database) - before

    async def forget_closed_runs(self) -> None:
        """Ask for what the end of the namespace's retention does to runs that have closed; it takes its time."""
        for run in self.runs[:-1]:
            if run not in self.forgotten:
                execution = WorkflowExecution(workflow_id=f"initiative/{ID}", run_id=run)
                request = DeleteWorkflowExecutionRequest(namespace="default", workflow_execution=execution)
                await self.engine.workflow_service.delete_workflow_execution(request)
                self.forgotten.append(run)

    async def remembered(self) -> list[str]:
        """Return which of those runs the engine still knows."""
        found = []
        for run in self.forgotten:
            try:
                await self.engine.get_workflow_handle(f"initiative/{ID}", run_id=run).describe()
            except RPCError:
                continue
            found.append(run)
        return found

    async def release(self) -> str:
        """Return which release made the newest step."""
        found = (await self.handle.describe()).raw_description.workflow_execution_info.versioning_info
        return found.deployment_version.build_id

    async def made_current(self, build: str) -> None:
        request = SetWorkerDeploymentCurrentVersionRequest(
            namespace="default", deployment_name=DEPLOYMENT, build_id=build, identity="operator",
            ignore_missing_task_queues=True,
        )  # fmt: skip

        async def known() -> bool:
            try:
                await self.engine.workflow_service.set_worker_deployment_current_version(request)
            except RPCError:
                return False  # the worker has not been seen yet
            return True

        await until(known)


def sent(database: Database) -> int:
    return sum(one.status == "sent" for one in notices.of_initiative(database, ID))


def vetting() -> list[dict[str, Any]]:
    """Return the vetting of the compact life, on dates of this one."""
    in_office = (BEGAN - timedelta(days=400)).date().isoformat()
    reports = story.vetting((BEGAN + timedelta(days=10)).date().isoformat())
    return [{**one, **({"capacity_since": in_office} if "capacity_since" in one else {})} for one in reports]


@contextmanager
def built_as(build: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(worker, "BUILD", build)
        yield


async def test_ten_years_end_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path / "home", deployment=DEPLOYMENT, temporal_timeout=60.0)
    settings.home.mkdir()
    migrate(settings.database)
    database = open_database(settings.database, settings.key_file())

    @asynccontextmanager
    async def released(build: str, decade: Decade) -> AsyncIterator[None]:
        """Run a worker of a release, the current one, until the block ends; what it takes over it has to replay."""
        with built_as(build, monkeypatch):
            made = worker.build_worker(decade.engine, database, settings, sandbox=False)
        async with made:
            await decade.made_current(build)
            yield

    async with skipping_engine() as engine, Jisr(engine, settings) as jisr:
        decade = Decade(engine, jisr)

        async with released("0.1.0", decade):
            await decade.open()
            await decade.on(1, *story.concept())
            await decade.on(5, *story.partners())
            await decade.on(10, *vetting())
            await decade.on(15, *story.sessions((BEGAN + timedelta(days=45)).strftime("%Y-%m-%dT10:00")))
            await decade.on(46, *story.held())
            await decade.on(60, *story.recommendations(), story.go("recommendations"))
            first = await decade.stalls(90, 400)
            signs = load_signer(settings.signing_key_file())
            assert signs is not None
            checkpoints.make(database, signs, utc_now())
            assert await decade.release() == "0.1.0"

        [old] = rotation.master_keys(database)
        current, wrapped = rotation.rotate(database)
        rotation.drop(database, old.id)
        second_key = signing_rotation.rotate(database, settings.signing_key_file())
        assert wrapped >= 1 and current != old.id
        assert await worker.announce_zones(jisr, database) is False

        async with released("0.2.0", decade):
            second = await decade.stalls(500, 1700)
            assert await decade.release() == "0.2.0"

        with newer_time_zone_data(tmp_path / "zones", ZONE, "Asia/Dubai"):
            async with released("0.3.0", decade):
                assert (await jisr.state(ID))["calendars"][key(ZONE)]["offsets"][-1][1] == 3 * 3600
                assert await worker.announce_zones(jisr, database)
                told_on = BEGAN + timedelta(days=1701)
                await decade.quiet()
                assert (await jisr.state(ID))["calendars"][key(ZONE)]["offsets"][-1][1] == 4 * 3600
                third = await decade.stalls(1800, 3300)

                async def gone() -> bool:
                    return not await decade.remembered()

                await until(gone, patience=60)
                await decade.on(3649, *story.follow_up())
                await decade.quiet()
                assert await decade.release() == "0.3.0"
                shown, head = await jisr.show(ID), await jisr.head(ID)
                await at_rest(decade.handle)

    entries = recorded(database, ID)
    made = notices.of_initiative(database, ID)
    closed = next(one for one in entries if one.kind == "initiative_closed")
    assert (shown["stage"], closed.fields["outcome"], (closed.at - BEGAN).days) == ("closed", "completed", 3649)
    assert len(decade.forgotten) >= 4, "pages were turned, and their histories are gone"

    verdict = ledger.verify(database, ID, Head(head["seq"], head["hash"]))
    assert verdict.ok and verdict.head.seq == head["seq"], verdict
    every = [one.document() for one in checkpoints.kept(database)]
    assert len({one["key"] for one in every}) == 2
    assert check_checkpoints(every, second_key.key) == check_checkpoints(every, signs.public) == ""
    assert ledger.verify(database, ID, *(Head(seq, end) for one in every for _, seq, end in one["heads"])).ok

    kinds = Counter(one.kind for one in entries)
    assert (kinds["stall_declared"], kinds["stall_resumed"], kinds["report_refused"]) == (3, 3, 0)
    told = Counter(one.key for one in entries if one.key)
    assert len(told) == decade.said, "every report is there"
    ledgered = Counter(
        (one.notice.obligation, one.notice.rung, one.notice.recipient, one.notice.due_at) for one in made
    )
    assert set(ledgered.values()) == {1}, "nothing is said twice"
    assert all(one.settled_at for one in made) and not [one for one in made if one.status == "unknown"]
    files = list((settings.outbox).rglob("*.txt"))
    assert len(files) == len({one.message_id for one in made if one.status == "sent"}) > 100
    assert max(first, second, third) <= 12, "no flood after a stall"

    for one in made:
        if one.notice.recipient == "p-01":
            after = one.notice.due_at >= told_on
            local = one.notice.due_at + DUBAI if after else one.notice.due_at.astimezone(ZoneInfo(ZONE))
            assert NINE <= local.time() < time(16), (one.notice.due_at, after)
    database.close()
