"""A release that breaks what runs was shipped all the same: what docs/runbook.md says to type brings all of it back."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr
from temporalio import workflow
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.testing import WorkflowEnvironment

import worker
from client import Jisr
from rehearsal.server import UNHURRIED
from settings import Settings
from storage import ledger
from storage.database import Database, migrate, open_database
from tests.conftest import ATTRIBUTES, House, dynamic, temporal_program
from tests.workflows.watching import at_rest, caught_up, charter, handle_of, temporal, ticked, until
from workflows.initiative import InitiativeWorkflow
from workflows.plugin import CONVERTER, WORKFLOWS

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
REPORTED = {
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": "1"
}  # `jisr up` waits for a second failure


@workflow.defn(name="Initiative", sandboxed=False)
class OneCommandMore(InitiativeWorkflow):
    """A break: what it opens it can carry on, what the release before opened it cannot."""

    @workflow.run
    async def run(self, given: RawValue = None) -> None:  # type: ignore[assignment]
        await workflow.sleep(0.01)
        await super().run(given)


@workflow.defn(name="Initiative", sandboxed=False)
class GoesBothWays(InitiativeWorkflow):
    """The corrected release: it makes the steps of the broken one where that one made them."""

    @workflow.run
    async def run(self, given: RawValue = None) -> None:  # type: ignore[assignment]
        made_by = workflow.info().get_current_deployment_version()
        if made_by is not None and made_by.build_id == "0.2.0":
            await workflow.sleep(0.01)
        await super().run(given)


def typed(heading: str) -> list[str]:
    """Return the `temporal` commands of a section of the runbook, in order."""
    section = RUNBOOK.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


async def run(engine: Client, command: str, **names: str) -> str:
    """Type one of them, with the names of this test for those in capitals."""
    for name, value in names.items():
        command = command.replace(name, value)
    words = [word.strip('"') for word in re.findall(r'"[^"]*"|\S+', command)]
    assert words[0] == "temporal"

    async def done() -> str | None:
        code, said = await temporal(engine, *words[1:])
        return said or "done" if code == 0 else None

    return await until(done, patience=30)


@pytest_asyncio.fixture
async def deployed(tmp_path: Path) -> AsyncIterator[House]:
    """A house whose workers are releases of a deployment, on a server that notes runs that cannot go on."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(),
        data_converter=CONVERTER,
        search_attributes=ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=dynamic(UNHURRIED | REPORTED),
    ) as environment:
        url = SecretStr(f"sqlite:///{tmp_path / 'jisr.db'}")
        settings = Settings(home=tmp_path, database_url=url, deployment="jisr")
        migrate(settings.database)
        database = open_database(settings.database)
        yield House(settings, database, environment.client, f"jisr-{uuid4().hex[:8]}")
        database.close()


@contextmanager
def built_as(build: str, workflows: list[type], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(worker, "BUILD", build)
        patch.setattr(worker, "WORKFLOWS", workflows)
        yield


async def listed(engine: Client, command: str, initiative: str) -> None:
    """Wait until a command that lists runs shows this one."""

    async def found() -> bool:
        return f"initiative/{initiative}" in await run(engine, command)

    await until(found, patience=30)


async def test_after_a_breaking_release_the_runbook_brings_every_run_back(
    deployed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    [current] = [one for one in typed("Several workers, one release after the other") if "set-current" in one]
    find, keep, back, let_go = typed("A release that breaks what runs")
    engine, database = deployed.engine, deployed.database

    @asynccontextmanager
    async def release(build: str, made_of: type[InitiativeWorkflow]) -> AsyncIterator[None]:
        workflows = [made_of if one is InitiativeWorkflow else one for one in WORKFLOWS]
        with built_as(build, workflows, monkeypatch):
            made = worker.build_worker(engine, database, deployed.settings, task_queue=deployed.queue, sandbox=False)
        async with made:
            yield

    async with deployed.client() as jisr, release("0.1.0", InitiativeWorkflow):
        await run(engine, current, NEW="0.1.0")
        old = (await jisr.open(charter())).initiative
        assert await accepted(jisr, old, "exit_criteria")
        await caught_up(jisr, old)

        async with release("0.2.0", OneCommandMore):
            await run(engine, current, NEW="0.2.0")
            young = (await jisr.open(charter())).initiative  # goes well, in its own way
            assert await accepted(jisr, young, "exit_criteria")
            await caught_up(jisr, young)
            await handle_of(engine, old).signal("report", ticked("budget_envelope", key="while-broken"))
            await listed(engine, find, old)
            described = await handle_of(engine, old).describe()
            assert described.status is not None and described.status.name == "RUNNING", "it waits, and has not failed"

            await listed(engine, find_of(keep), young)
            await run(engine, keep, BROKEN="0.2.0")
            await until(lambda: pinned(engine, young))
            await run(engine, back, OLD="0.1.0")
            await until(lambda: heard(database, old, "while-broken"), patience=60)
            for one in (old, young):
                assert await accepted(jisr, one, "prior_efforts")

            async with release("0.3.0", GoesBothWays):
                await run(engine, current, NEW="0.3.0")
                await run(engine, let_go, BROKEN="0.2.0")
                await until(lambda: not_pinned(engine, young))
                for one in (old, young):
                    assert await accepted(jisr, one, "stakeholder_map")
                    entries = await caught_up(jisr, one)
                    told = Counter(entry.kind for entry in entries)
                    assert told["checklist_item_done"] == (4 if one == old else 3)
                    assert ledger.verify(database, one).ok
                    await until(partial(goes_on_with, engine, one, "0.3.0"), patience=60)


def find_of(command: str) -> str:
    """Return the question a command asks about whom it changes, as one that only lists them."""
    [query] = re.findall(r'--query ("[^"]*")', command)
    return f"temporal workflow list --query {query}".replace("BROKEN", "0.2.0")


async def versioning(engine: Client, initiative: str) -> Any:
    return (await handle_of(engine, initiative).describe()).raw_description.workflow_execution_info.versioning_info


async def made_by(engine: Client, initiative: str) -> str:
    return str((await versioning(engine, initiative)).deployment_version.build_id)


async def goes_on_with(engine: Client, initiative: str, build: str) -> bool:
    """Give the run something to think about; return whether that release did. The engine's queues hear of it late."""
    handle = handle_of(engine, initiative)
    await handle.signal("report", ticked("stakeholder_map", key="again"))
    await at_rest(handle)
    return await made_by(engine, initiative) == build


async def pinned(engine: Client, initiative: str) -> bool:
    return bool((await versioning(engine, initiative)).HasField("versioning_override"))


async def not_pinned(engine: Client, initiative: str) -> bool:
    return not await pinned(engine, initiative)


async def accepted(jisr: Jisr, initiative: str, item: str) -> bool:
    [answer] = await jisr.report_many(initiative, [ticked(item)])
    return answer.status == "accepted"


async def heard(database: Database, initiative: str, key: str) -> list[Any]:
    entries = list(ledger.entries(database, initiative))
    return entries if any(one.key == key for one in entries) else []
