"""What concerns all initiatives at once runs on Temporal's Schedules: the signed checkpoint of every night."""

from datetime import timedelta

from temporalio import workflow
from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.common import RawValue, RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.messages import MAKE_CHECKPOINT, CheckpointMade

CHECKPOINTS = "jisr-checkpoints"  # the schedule's id
AT = "17 2 * * *"  # every night, UTC
PATIENT = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))


@workflow.defn(name="Checkpoint")
class CheckpointWorkflow:
    """Sign where every record ends. A database that is away is waited for, for a day: then the next one takes over."""

    @workflow.run
    async def run(self, _given: RawValue = None) -> CheckpointMade:  # type: ignore[assignment]  # whatever is given
        made: CheckpointMade = await workflow.execute_activity(
            MAKE_CHECKPOINT,
            result_type=CheckpointMade,
            start_to_close_timeout=timedelta(minutes=10),
            schedule_to_close_timeout=timedelta(hours=23),
            retry_policy=PATIENT,
            summary="sign where every record ends",
        )
        return made


def daily_checkpoint(task_queue: str) -> Schedule:
    """Return the schedule. Nights the engine was away are made up for by one checkpoint, not by many."""
    return Schedule(
        action=ScheduleActionStartWorkflow(CheckpointWorkflow.run, id="checkpoint", task_queue=task_queue),
        spec=ScheduleSpec(cron_expressions=[AT]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(days=1)),
    )
