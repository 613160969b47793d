"""Nobody was there: a worker that was away for a day or a year catches up without a flood."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.client import WorkflowHandle
from temporalio.testing import TimeSkipper

from client import Jisr, utc_now
from domain.initiative import Initiative
from domain.record import Entry
from domain.working_days import Calendar
from rehearsal.play import STANDING_STILL
from rehearsal.server import time_skipping_engine
from settings import Settings
from storage import notices
from storage.database import migrate, open_database
from tests.conftest import House
from tests.workflows.watching import MANAGER, REASON, at_rest, caught_up, charter, events, handle_of, until
from workflows.chapter import Chapter
from workflows.initiative import TYPE


async def back_to_rest(jisr: Jisr, id: str) -> list[Entry]:
    """Wait until nothing is overdue and every message is settled; return the record."""

    async def caught() -> bool:
        shown = await jisr.show(id)
        ledgered = notices.of_initiative(jisr.desk.database, id)
        overdue = shown["next_due"] and datetime.fromisoformat(shown["next_due"]) <= datetime.fromisoformat(
            shown["as_of"]
        )
        return not overdue and await jisr.recorded(id) and all(one.settled_at for one in ledgered)

    await until(caught)
    await at_rest(handle_of(jisr.engine, id))
    return await caught_up(jisr, id)


def reached(entries: list[Entry]) -> Counter[str]:
    return Counter(e.fields["obligation"] for e in entries if e.kind == "rung_reached")


@pytest.mark.parametrize("away", [1, 45, 365, 1500])
async def test_after_days_or_years_each_obligation_is_said_once(house: House, away: int) -> None:
    """A year of absence is a clock that shows a year more: the state is handed to a run on later dates."""
    async with house.client() as jisr:
        async with house.worker():
            id = (await jisr.open(charter())).initiative
            assert (await jisr.report(id, "stall_declared", reason=REASON, by=MANAGER)).status == "accepted"
            before = len(await back_to_rest(jisr, id))
            left = await jisr.state(id)
            head = await jisr.head(id)
        await handle_of(house.engine, id).terminate()
        sent_before = {one.id for one in notices.of_initiative(house.database, id)}
        later = Chapter(
            state=Initiative.model_validate(left["state"]),
            seq=head["seq"],
            head=head["hash"],
            calendars={country: Calendar.model_validate(one) for country, one in left["calendars"].items()},
            shift=timedelta(days=away).total_seconds(),
        )
        await house.engine.start_workflow(TYPE, later, id=f"initiative/{id}", task_queue=house.queue)

        async with house.worker():
            entries = (await back_to_rest(jisr, id))[before:]

        said = reached(entries)
        assert not [obligation for obligation, times in said.items() if times > 1]
        assert bool(said) == (away > 30)  # the first rung of a stall is a month away, or the working day after
        passed_over = sum(e.fields["collapsed"] for e in entries if e.kind == "rung_reached")
        assert (passed_over > 10) == (away > 360)  # and it is written down that it was
        sent = [one for one in notices.of_initiative(house.database, id) if one.id not in sent_before]
        assert Counter(one.notice.obligation for one in sent) == said
        assert {one.status for one in sent} <= {"sent"}


async def test_what_came_due_while_the_worker_was_away_is_said_when_it_is_back(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url=SecretStr(f"sqlite:///{tmp_path / 'jisr.db'}"), temporal_timeout=30)
    migrate(settings.database)
    async with time_skipping_engine() as engine:
        house = House(settings, open_database(settings.database), engine, "jisr-absence")
        skipper = TimeSkipper(engine, config=STANDING_STILL)
        async with house.client() as jisr:
            async with house.worker():
                id = (await jisr.open(charter())).initiative
                before = len(await back_to_rest(jisr, id))
                due = datetime.fromisoformat((await jisr.show(id))["next_due"])
            handle = handle_of(engine, id)
            # Passing on to just behind the due moment: the timer fires, and there is nobody to hear it.
            passing = asyncio.create_task(skipper.fast_forward(handle, due - utc_now() + timedelta(hours=1)))
            await until(lambda: fired(handle))

            async with house.worker():
                await passing
                entries = (await back_to_rest(jisr, id))[before:]

            assert set(reached(entries).values()) == {1}
            assert {e.heard_at >= due for e in entries if e.kind == "rung_reached"} == {True}
            assert Counter(one.notice.obligation for one in notices.of_initiative(house.database, id)) == reached(
                entries
            )
        house.database.close()


async def fired(handle: WorkflowHandle[Any, Any]) -> bool:
    return "TIMER_FIRED" in await events(handle)
