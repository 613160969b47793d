"""Old runs never break: every golden history replays with what the worker runs today, and a break would be seen."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.common import RawValue
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner

from workflows.initiative import InitiativeWorkflow
from workflows.plugin import CONVERTER, INTERCEPTORS, WORKFLOWS, runner

HISTORIES = sorted(Path(__file__).parent.glob("*.json.gz"))
WHOLE = [file for file in HISTORIES if file.name.endswith("whole-life.json.gz")]


def history(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(file.name, gzip.decompress(file.read_bytes()).decode())


def replayer(workflows: list[type] = WORKFLOWS, run_in: WorkflowRunner | None = None) -> Replayer:
    return Replayer(
        workflows=workflows,
        data_converter=CONVERTER,
        interceptors=INTERCEPTORS,
        workflow_runner=run_in or runner(),
    )


def test_there_are_histories_of_an_end_and_of_a_run_still_open() -> None:
    ends = {event.event_type for file in HISTORIES for event in history(file).events[-1:]}
    endings = {2, 21}  # completed, cancelled

    assert len(HISTORIES) >= 3
    assert ends & endings
    assert ends - endings


@pytest.mark.parametrize("file", HISTORIES, ids=lambda file: file.name)
async def test_every_golden_history_replays(file: Path) -> None:
    await replayer().replay_workflow(history(file))


@workflow.defn(name="Initiative", sandboxed=False)
class ForgetsToRecord(InitiativeWorkflow):
    """A break planted here: a batch is not recorded but a notice sent."""

    @workflow.run
    async def run(self, given: RawValue = None) -> None:  # type: ignore[assignment]
        await super().run(given)

    async def _record(self) -> None:
        self._journal.take()
        await self._deliver()


@workflow.defn(name="Initiative", sandboxed=False)
class ShowsTwice(InitiativeWorkflow):
    """Another one: one command more than before."""

    @workflow.run
    async def run(self, given: RawValue = None) -> None:  # type: ignore[assignment]
        await super().run(given)

    def _show_and_arm(self) -> None:
        self._shown = (object(),) * 4
        super()._show_and_arm()


@workflow.defn(name="Initiative", sandboxed=False)
class Rests(InitiativeWorkflow):
    """And one that never gets past the middle of its life, where all that is different is the end."""

    @workflow.run
    async def run(self, given: RawValue = None) -> None:  # type: ignore[assignment]
        await super().run(given)

    def _has_work(self) -> bool:
        return super()._has_work() and self._journal.now.closed_at is None


@pytest.mark.parametrize("broken", [ForgetsToRecord, ShowsTwice, Rests])
@pytest.mark.parametrize("file", WHOLE, ids=lambda file: file.name)
async def test_a_planted_break_is_seen(file: Path, broken: type[Any]) -> None:
    with pytest.raises(workflow.NondeterminismError):
        await replayer([broken], UnsandboxedWorkflowRunner()).replay_workflow(history(file))
