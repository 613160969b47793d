"""One guard before every handler: nothing misshapen from outside may wedge or end a run of years.

A wrong number of arguments raises TypeError inside the engine and is retried for ever; an ApplicationError out of
a signal handler ends the run. So the call is tried for shape first, and what does not fit becomes an entry.
"""

import inspect
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class GuardHandlers(Interceptor):
    """Put the guard before the handlers of every workflow of this worker."""

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        return _Guard


class _Guard(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:
        if len(input.args) > 1:  # each takes one or none; the engine would try this again for ever
            raise ApplicationError("A run takes one argument.", type="report.invalid", non_retryable=True)
        return await super().execute_workflow(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        if (why := _not_begun()) is not None:
            raise why
        return await super().handle_query(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:
        if _not_begun() is not None:
            return  # the run ends in this very step, with the reason
        if _fits("signal", input.signal, input.args):
            await super().handle_signal(input)
        else:
            workflow.instance().misshapen("signal", list(input.args))

    def handle_update_validator(self, input: HandleUpdateInput) -> None:
        if (why := _not_begun()) is not None:
            raise why
        if not _fits("update", input.update, input.args):
            raise ApplicationError(
                "An update takes exactly one JSON object.", type="report.invalid", non_retryable=True
            )
        super().handle_update_validator(input)


def _not_begun() -> ApplicationError | None:
    """Return why the start of this run leads nowhere, if it does."""
    why: ApplicationError | None = getattr(workflow.instance(), "not_begun", None)
    return why


def _fits(door: str, name: str, args: Any) -> bool:
    """Return whether the handler of this name can be called with these arguments."""
    handlers = {
        "signal": workflow.get_signal_handler,
        "update": workflow.get_update_handler,
    }
    handler = handlers[door](name)
    if handler is None:
        return True  # the dynamic handler takes anything
    try:
        inspect.signature(handler).bind(*args)
    except TypeError:
        return False
    return True
