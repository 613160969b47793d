"""New time zone data: what runs replays as before, and goes over to the new hours when it is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.common import RawValue
from temporalio.worker import UnsandboxedWorkflowRunner

from domain.clocks import key
from storage import ledger, notices
from tests.conftest import House
from tests.histories.test_replay import replayer
from tests.stories.timezones import newer_time_zone_data
from tests.workflows.test_calendars_announced import comes_due, opened
from tests.workflows.test_preview import on_later_dates
from tests.workflows.watching import MANAGER, TICKED, at_rest, caught_up, handle_of, until
from worker import ZONES_ANNOUNCED, announce_zones
from workflows.initiative import InitiativeWorkflow

ZONE = "Asia/Baghdad"
NINE_IN_BAGHDAD = datetime(2027, 3, 14, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER, EARLIER = "Africa/Johannesburg", "Asia/Dubai"  # places two and four hours east of UTC all year; Baghdad: three


@workflow.defn(name="Initiative", sandboxed=False)
class AsksTheMachine(InitiativeWorkflow):
    """A break planted here: the clocks that are carried are not looked at."""

    @workflow.run
    async def run(self, given: RawValue = None) -> None:  # type: ignore[assignment]  # as the one it breaks
        await super().run(given)

    def _show_and_arm(self) -> None:
        self._calendars = {name: one for name, one in self._calendars.items() if not one.offsets}
        super()._show_and_arm()


@pytest.fixture(params=[LATER, EARLIER])
def newer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    yield lambda: newer_time_zone_data(tmp_path / "zones", ZONE, request.param)


async def lived(house: House) -> WorkflowHistory:
    """Return the history of a run that was reminded at nine, with reports before and after."""
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr)
        await comes_due(jisr, id, NINE_IN_BAGHDAD)
        await jisr.report(id, TICKED, item="exit_criteria", by=MANAGER)
        await caught_up(jisr, id)
        await on_later_dates(house, jisr, id, NINE_IN_BAGHDAD + timedelta(seconds=1))

        async def said() -> bool:
            return any(one.status == "sent" for one in notices.of_initiative(house.database, id))

        await until(said)
        await jisr.report(id, TICKED, item="prior_efforts", by=MANAGER)
        await caught_up(jisr, id)
        await at_rest(handle_of(house.engine, id))
        return await handle_of(house.engine, id).fetch_history()


async def test_a_history_replays_under_other_time_zone_data(house: House, newer: Any) -> None:
    history = await lived(house)
    with newer():
        await replayer().replay_workflow(history)


async def test_without_the_carried_clocks_the_replay_would_break(house: House, tmp_path: Path) -> None:
    history = await lived(house)
    await replayer([AsksTheMachine], UnsandboxedWorkflowRunner()).replay_workflow(history)
    with newer_time_zone_data(tmp_path / "zones", ZONE, LATER), pytest.raises(workflow.NondeterminismError):
        await replayer([AsksTheMachine], UnsandboxedWorkflowRunner()).replay_workflow(history)


async def test_once_told_nine_on_the_wall_is_nine_by_the_new_data(house: House, tmp_path: Path) -> None:
    async with house.client() as jisr:
        async with house.worker():
            id = await opened(jisr)
            await comes_due(jisr, id, NINE_IN_BAGHDAD)
            assert not await announce_zones(jisr, house.database), "a new home has nothing to tell"
        with newer_time_zone_data(tmp_path / "zones", ZONE, EARLIER):
            async with house.worker(cache=0):
                before = await jisr.head(id)
                assert (await jisr.state(id))["calendars"][key(ZONE)]["offsets"][-1][1] == 3 * 3600, "not told yet"
                assert await announce_zones(jisr, house.database)
                await comes_due(jisr, id, NINE_IN_BAGHDAD - HOUR)
                assert not await announce_zones(jisr, house.database), "told once"
                assert await jisr.head(id) == before, "nothing happened in the initiative"
                row = ledger.initiative_row(house.database, id)
                assert row is not None and row.next_due == NINE_IN_BAGHDAD - HOUR
    assert (house.settings.home / ZONES_ANNOUNCED).is_file()
