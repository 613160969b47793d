"""An announced move of a feast reaches who runs: what is not yet sent is planned anew, what was sent stays sent."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from client import Jisr, utc_now
from storage import ledger, notices
from tests.conftest import House
from tests.workflows.test_preview import on_later_dates
from tests.workflows.watching import MANAGER, at_rest, charter, events, handle_of, until
from worker import ANNOUNCED, announce_changes
from workflows.steps import NEXT_DUE

OPENED = datetime(2027, 3, 4, 7, 0, tzinfo=UTC)  # in Ramadan; in Iraq's list Eid al-Fitr begins on 9 March
AFTER_EID = datetime(2027, 3, 14, 6, 0, tzinfo=UTC)  # Sunday, nine in Baghdad
STILL_RAMADAN = datetime(2027, 3, 9, 7, 0, tzinfo=UTC)  # ten in Baghdad: short hours
LATER = "IQ:\n  move: [{from: 2027-03-09, to: 2027-03-10}]\n"


@pytest.fixture
def overlay(house: House, tmp_path: Path) -> Path:
    house.settings.calendar = tmp_path / "overlay.yaml"
    house.settings.calendar.write_text("{}\n")
    return house.settings.calendar


def write(overlay: Path, content: str) -> None:
    overlay.write_text(content, encoding="utf-8")


async def opened(jisr: Jisr) -> str:
    opening = await asyncio.to_thread(jisr.desk.opening, charter())
    await jisr.open_prepared(opening, MANAGER, shift=(OPENED - utc_now()).total_seconds())
    assert await jisr.recorded(opening.charter.id)
    return opening.charter.id


async def comes_due(jisr: Jisr, id: str, at: datetime) -> None:
    async def planned() -> bool:
        described = await handle_of(jisr.engine, id).describe()  # what the engine's own lists show: needs no worker
        return described.typed_search_attributes.get(NEXT_DUE) == at

    await until(planned)


async def listed(house: House, id: str, at: datetime) -> None:
    async def shown() -> bool:
        row = ledger.initiative_row(house.database, id)
        return row is not None and row.next_due == at

    await until(shown)


def first_requests(house: House, id: str) -> list[str]:
    every = notices.of_initiative(house.database, id)
    return [one.status for one in every if (one.notice.ask, one.notice.rung) == ("write_theory", 0)]


async def test_e3_31_an_announced_eid_moves_what_is_not_yet_sent_and_nothing_else(house: House, overlay: Path) -> None:
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr)
        await comes_due(jisr, id, AFTER_EID)
        await listed(house, id, AFTER_EID)
        write(overlay, LATER)
        assert await announce_changes(jisr, house.database)
        await comes_due(jisr, id, STILL_RAMADAN)
        await listed(house, id, STILL_RAMADAN)

        await on_later_dates(house, jisr, id, STILL_RAMADAN + timedelta(seconds=1))

        async def sent() -> bool:
            return first_requests(house, id) == ["sent"]

        await until(sent)
        assert await jisr.recorded(id)
        write(overlay, "{}\n")  # taken back: the old day comes again, and the request is not said twice
        assert await announce_changes(jisr, house.database)
        await on_later_dates(house, jisr, id, AFTER_EID + timedelta(seconds=1))
        await at_rest(handle_of(house.engine, id))
        assert first_requests(house, id) == ["sent"]


async def test_what_was_announced_is_announced_once(house: House, overlay: Path) -> None:
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr)
        write(overlay, LATER)

        assert [await announce_changes(jisr, house.database) for _ in range(3)] == [True, False, False]

        seen = await at_rest(handle_of(house.engine, id))
        assert seen.count("WORKFLOW_EXECUTION_SIGNALED") == 1
        assert (house.settings.home / ANNOUNCED).is_file()


async def test_a_change_made_while_no_worker_ran_is_told_at_its_start(house: House, overlay: Path) -> None:
    async with house.client() as jisr:
        async with house.worker():
            id = await opened(jisr)
        write(overlay, LATER)
        assert await announce_changes(jisr, house.database), "the engine keeps it until a worker is there"
        async with house.worker():
            await comes_due(jisr, id, STILL_RAMADAN)


async def test_a_bad_overlay_is_told_to_nobody_and_told_once_it_is_mended(house: House, overlay: Path) -> None:
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr)
        await comes_due(jisr, id, AFTER_EID)  # its calendars have come
        write(overlay, "IQ:\n  move: soon\n")
        with pytest.raises(ValueError, match=r"overlay\.yaml, line"):
            await announce_changes(jisr, house.database)
        await comes_due(jisr, id, AFTER_EID)

        write(overlay, LATER)
        assert await announce_changes(jisr, house.database)
        await comes_due(jisr, id, STILL_RAMADAN)


async def test_whoever_runs_no_more_keeps_nobody_else_from_hearing(house: House, overlay: Path) -> None:
    async with house.worker(), house.client() as jisr:
        gone, id = await opened(jisr), await opened(jisr)
        await handle_of(house.engine, gone).terminate()
        write(overlay, LATER)

        assert await jisr.calendars_changed([gone, id]) == ([id], [gone])

        await comes_due(jisr, id, STILL_RAMADAN)
        assert "WORKFLOW_EXECUTION_SIGNALED" in await events(handle_of(house.engine, id))
