"""A run continues as new: nothing is lost, nothing is double, and everything outside looks as before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest_asyncio
from pydantic import SecretStr
from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.testing import WorkflowEnvironment

from client import Jisr, utc_now
from domain.initiative import Initiative
from domain.outgoing import Notice
from rehearsal.server import UNHURRIED
from settings import Settings
from storage import ledger, notices
from storage.database import migrate, open_database
from tests.conftest import ATTRIBUTES, House, dynamic, temporal_program
from tests.workflows.watching import (
    MANAGER,
    REASON,
    TICKED,
    at_rest,
    caught_up,
    charter,
    events,
    handle_of,
    ticked,
    until,
)
from workflows.chapter import Chapter
from workflows.initiative import TYPE
from workflows.plugin import CONVERTER
from workflows.steps import NEXT_DUE, STAGE, STALLED, TRACK

EARLY = {"limit.historyCount.suggestContinueAsNew": "40"}  # a page holds some three milestones
SHOWN: tuple[SearchAttributeKey[Any], ...] = (STAGE, TRACK, STALLED, NEXT_DUE)
EXTRA = [f"extra-{n}" for n in range(220)]


@pytest_asyncio.fixture(scope="session")
async def turning_engine() -> AsyncIterator[Client]:
    """A server that asks for a new page very early."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(),
        data_converter=CONVERTER,
        search_attributes=ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=dynamic(UNHURRIED | EARLY),
    ) as environment:
        yield environment.client


@pytest_asyncio.fixture
async def turning(turning_engine: Client, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(home=tmp_path, database_url=SecretStr(f"sqlite:///{tmp_path / 'jisr.db'}"))
    migrate(settings.database)
    database = open_database(settings.database)
    yield House(settings, database, turning_engine, f"jisr-{uuid4().hex[:8]}")
    database.close()


@asynccontextmanager
async def opened(house: House, **changes: Any) -> AsyncIterator[tuple[Jisr, str, WorkflowHandle[Any, Any]]]:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter(checklists={"concept": EXTRA}, **changes))).initiative
        await caught_up(jisr, id)
        yield jisr, id, handle_of(house.engine, id)


def overdue(id: str) -> Notice:
    return Notice(
        initiative=id, obligation="sign_mou:P1", ask="sign_mou", act="remind", rung=0, recipient="p-01",
        due_at=utc_now(), sensitivity="restricted", about={"partner": "P1"},
    )  # fmt: skip


async def run_id(handle: WorkflowHandle[Any, Any]) -> str:
    return (await handle.describe()).run_id


async def turn_the_page(jisr: Jisr, id: str, handle: WorkflowHandle[Any, Any]) -> None:
    """Report until the run has continued as new."""
    first = await run_id(handle)
    for item in EXTRA:
        await jisr.report(id, TICKED, item=item, by=MANAGER)
        await caught_up(jisr, id)
        await at_rest(handle)
        if await run_id(handle) != first:
            return
    raise AssertionError("no page was turned")


async def shows_a_stall(handle: WorkflowHandle[Any, Any]) -> TypedSearchAttributes | None:
    shown = (await handle.describe()).typed_search_attributes
    return shown if shown.get(STALLED) and shown.get(NEXT_DUE) else None


async def test_a_key_is_known_on_every_page(turning: House) -> None:
    async with opened(turning) as (jisr, id, handle):
        same: dict[str, Any] = {"item": "do_no_harm_screen", "key": "k-1", "by": MANAGER, "at": utc_now()}
        first = await jisr.report(id, TICKED, **same)
        await turn_the_page(jisr, id, handle)
        again = await jisr.report(id, TICKED, **same)
        other = await jisr.report(id, TICKED, **{**same, "item": "design_argument"})

        assert (again.status, again.seq) == ("duplicate", first.seq)
        assert (other.status, other.rule) == ("refused", "report.key-reused")


async def test_a_burst_of_signals_while_pages_turn_is_heard_once_each(turning: House) -> None:
    async with opened(turning) as (jisr, id, handle):
        first = await run_id(handle)
        for start in range(0, 200, 10):
            burst = EXTRA[start : start + 10]
            await asyncio.gather(*(handle.signal("report", ticked(item, key=item)) for item in burst))
        entries = await caught_up(jisr, id)

        async def all_heard() -> bool:
            return len([e for e in await caught_up(jisr, id) if e.kind == TICKED]) >= 200

        await until(all_heard)
        entries = [e for e in await caught_up(jisr, id) if e.kind == TICKED]
        assert sorted(e.fields["item"] for e in entries) == sorted(EXTRA[:200])
        assert await run_id(handle) != first, "the burst should have turned a page"
        assert (await asyncio.to_thread(jisr.desk.head, id)) == tuple((await jisr.head(id)).values())


async def test_a_page_that_begins_with_nothing_to_do_sets_its_timer_and_shows_itself(turning: House) -> None:
    async with opened(turning) as (jisr, id, handle):
        stalled = await jisr.report(id, "stall_declared", reason=REASON, by=MANAGER)
        assert stalled.status == "accepted", stalled
        before = await until(lambda: shows_a_stall(handle))
        await turn_the_page(jisr, id, handle)

        async def armed() -> bool:
            return "TIMER_STARTED" in await events(handle)

        await until(armed)
        shown = (await handle.describe()).typed_search_attributes
        assert [shown.get(key) for key in SHOWN] == [before.get(key) for key in SHOWN]
        metadata = await handle.query("__temporal_workflow_metadata")
        assert "concept" in metadata.current_details


async def test_state_calendars_and_shift_are_the_same_on_the_next_page(turning: House) -> None:
    async with turning.worker(), turning.client() as jisr:
        opening = await asyncio.to_thread(jisr.desk.opening, charter(checklists={"concept": EXTRA}))
        years = -3 * 366 * 86_400.0
        await jisr.open_prepared(opening, MANAGER, shift=years)
        id, handle = opening.charter.id, handle_of(turning.engine, opening.charter.id)
        await caught_up(jisr, id)
        await at_rest(handle)
        before = await jisr.state(id)
        await turn_the_page(jisr, id, handle)
        after = await jisr.state(id)

        clocks = {f"zone:{zone}" for zone in ("Asia/Baghdad", "Europe/Istanbul", "Europe/Zurich")}
        assert set(before["calendars"]) == {"IQ", "TR", "CH"} | clocks
        assert after["calendars"] == before["calendars"]
        assert after["state"]["opened_at"] == before["state"]["opened_at"]
        assert (await jisr.report(id, TICKED, item="exit_criteria", by=MANAGER)).status == "accepted"
        last = (await caught_up(jisr, id))[-1]
        assert last.fields["item"] == "exit_criteria"
        assert (utc_now() - last.heard_at).total_seconds() > -years - 3600


async def test_what_is_no_longer_due_is_taken_off_the_lists_by_the_next_page(house: House) -> None:
    """The page was turned before the lists could follow: what they still show is wrong, and is put right."""
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        for kind, fields in (("initiative_closed", {"outcome": "cancelled"}), ("retention_run_done", {})):
            answer = await jisr.report(id, kind, by=MANAGER, reason=REASON, **fields)
            assert answer.status == "accepted", answer
        await caught_up(jisr, id)
        assert (await jisr.show(id))["next_due"] is None
        left, head, handle = await jisr.state(id), await jisr.head(id), handle_of(house.engine, id)
        await handle.terminate()
        page = Chapter(state=Initiative.model_validate(left["state"]), seq=head["seq"], head=head["hash"])
        stale = TypedSearchAttributes([SearchAttributePair(NEXT_DUE, utc_now())])
        await house.engine.start_workflow(TYPE, page, id=handle.id, task_queue=house.queue, search_attributes=stale)

        async def shows_the_end() -> bool:
            shown = (await handle.describe()).typed_search_attributes
            return shown.get(STAGE) == "closed" and shown.get(NEXT_DUE) is None

        await until(shows_the_end)


async def test_what_waits_to_be_sent_is_known_on_the_next_page(house: House) -> None:
    """A run that begins with messages waiting in the database sends them at once, though nobody reports."""
    async with house.client() as jisr:
        async with house.worker():
            id = (await jisr.open(charter())).initiative
            await caught_up(jisr, id)
            left, head = await jisr.state(id), await jisr.head(id)
        await handle_of(house.engine, id).terminate()
        row = ledger.initiative_row(house.database, id)
        assert row is not None
        ledger.append(house.database, (), row, notices=[overdue(id)])
        chapter = Chapter(state=Initiative.model_validate(left["state"]), seq=head["seq"], head=head["hash"], waiting=1)
        await house.engine.start_workflow(TYPE, chapter, id=f"initiative/{id}", task_queue=house.queue)

        async with house.worker():

            async def sent() -> bool:
                return {one.status for one in notices.of_initiative(house.database, id)} == {"sent"}

            await until(sent)
