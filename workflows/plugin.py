"""One place for what client, worker and replay must agree on: the converter, the guard, the sandbox.

Kept together so that they cannot drift: a history written by one is read by the other years later.
"""

from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workflows.converter import CONVERTER
from workflows.guard import GuardHandlers
from workflows.initiative import InitiativeWorkflow
from workflows.portfolio import CheckpointWorkflow
from workflows.roster_change import RosterChangeWorkflow

WORKFLOWS = [InitiativeWorkflow, RosterChangeWorkflow, CheckpointWorkflow]
INTERCEPTORS = [GuardHandlers()]

# `domain` and pydantic are passed through: re-imported for every run they would cost megabytes and seconds.
# What is passed through is not checked for clocks and chance any more; tests/domain/test_purity.py does that.
PASSED_THROUGH = ("domain", "pydantic", "annotated_types", "activities.messages")


__all__ = ["CONVERTER", "INTERCEPTORS", "WORKFLOWS", "runner"]


def runner() -> WorkflowRunner:
    """Return the sandboxed runner all workflows run in."""
    return SandboxedWorkflowRunner(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
