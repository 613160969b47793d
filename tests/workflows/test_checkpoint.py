"""The engine makes a checkpoint every night by itself."""

from uuid import uuid4

from storage import checkpoints
from tests.conftest import House
from tests.workflows.watching import charter
from verify_export import check_checkpoints, read_checkpoints
from worker import set_schedules
from workflows.portfolio import AT, CHECKPOINTS, CheckpointWorkflow


async def test_a_checkpoint_is_made_by_the_engine_and_lies_in_the_folder(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        assert await jisr.recorded(id)
        made = await house.engine.execute_workflow(
            CheckpointWorkflow.run, id=f"checkpoint-{uuid4().hex}", task_queue=house.queue
        )

    files = read_checkpoints(house.settings.checkpoint_folder())
    assert (made.number, made.initiatives, made.damaged) == (1, 1, ())
    assert check_checkpoints(files, None) == ""
    assert [one.document() for one in checkpoints.kept(house.database)] == files


async def test_the_nightly_schedule_is_set_once_and_stays_as_the_operator_has_it(house: House) -> None:
    handle = house.engine.get_schedule_handle(CHECKPOINTS)
    await set_schedules(house.engine, house.queue)
    try:
        await handle.pause(note="by the operator")
        await set_schedules(house.engine, house.queue)
        found = await handle.describe()
        assert found.schedule.state.paused
        assert len(found.info.next_action_times) > 1, AT
        between = found.info.next_action_times[1] - found.info.next_action_times[0]
        assert between.total_seconds() == 24 * 3600
    finally:
        await handle.delete()
