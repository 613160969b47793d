"""Workflows run in a sandbox: a look at the machine's clock is refused, the domain is not read anew for each run."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.client import WorkflowFailureError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import RestrictedWorkflowAccessError, SandboxedWorkflowRunner

from tests.conftest import House
from workflows.plugin import PASSED_THROUGH, runner


@workflow.defn(failure_exception_types=[RestrictedWorkflowAccessError])
class LooksAtTheClock:
    @workflow.run
    async def run(self) -> float:
        return time.time()


async def test_a_look_at_the_machines_clock_is_refused(house: House) -> None:
    passing = runner()
    assert isinstance(passing, SandboxedWorkflowRunner)
    async with Worker(
        house.engine, task_queue=house.queue, workflows=[LooksAtTheClock], workflow_runner=with_tests(passing)
    ):
        with pytest.raises(WorkflowFailureError) as failed:
            await house.engine.execute_workflow(
                LooksAtTheClock.run,
                id=f"clock-{uuid4().hex}",
                task_queue=house.queue,
                execution_timeout=timedelta(seconds=20),
            )

    assert "time.time" in str(failed.value.cause)


def with_tests(passing: SandboxedWorkflowRunner) -> SandboxedWorkflowRunner:
    """Return the runner with what this file needs passed through, too."""
    return SandboxedWorkflowRunner(
        restrictions=passing.restrictions.with_passthrough_modules("pytest", "_pytest", "tests.conftest", "workflows")
    )


def test_the_domain_and_pydantic_are_passed_through() -> None:
    passing = runner()
    assert isinstance(passing, SandboxedWorkflowRunner)

    assert {"domain", "pydantic"} <= set(PASSED_THROUGH)
    assert set(PASSED_THROUGH) <= passing.restrictions.passthrough_modules
