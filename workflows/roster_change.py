"""A change about one person reaches every live initiative, durably: death, office, do-not-contact.

One short run per change. It writes the roster, asks which live initiatives know the person, and signals each.
Workflow id `roster-change/<change id>`; starting the same change again does nothing.
"""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.messages import APPLY_CHANGE, HELD, ROSTER_WRONG, RosterChange, RosterReached
    from workflows.beginning import read

PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30))

__all__ = ["HELD", "ROSTER_WRONG", "RosterChangeWorkflow"]


@workflow.defn(name="RosterChange")
class RosterChangeWorkflow:
    """Write the change, then tell every live initiative that knows the person.

    What the roster cannot take ends the run at once, as `ROSTER_WRONG`: nobody has heard of it then.
    """

    @workflow.run
    async def run(self, given: RawValue = None) -> RosterReached:  # type: ignore[assignment]  # Optional is not understood
        change = read(given, RosterChange)
        initiatives: list[str] = await workflow.execute_activity(
            APPLY_CHANGE,
            change,
            result_type=list[str],
            start_to_close_timeout=timedelta(seconds=60),
            retry_policy=PATIENT,
            summary="write the roster",
        )
        reached: list[str] = []
        gone: list[str] = []
        for initiative in initiatives:
            (reached if await self._tell(initiative, change) else gone).append(initiative)
        return RosterReached(reached=tuple(reached), gone=tuple(gone))

    async def _tell(self, initiative: str, change: RosterChange) -> bool:
        """Signal one initiative; False if its workflow is not there any more."""
        report: dict[str, Any] = {**change.report, "key": f"roster/{change.id}"}
        try:
            await workflow.get_external_workflow_handle(f"initiative/{initiative}").signal("report", report)
        except ApplicationError:
            return False
        return True
