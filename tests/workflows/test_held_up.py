"""What takes long must not hold up the record: a channel that is away, an operator who ends a run, a stumbling rule."""

import asyncio
import sqlite3
from datetime import UTC, datetime

from temporalio.client import WorkflowExecutionStatus

from client import Jisr, utc_now
from storage import notices
from tests.conftest import House
from tests.workflows import story
from tests.workflows.watching import (
    MANAGER,
    TICKED,
    at_rest,
    caught_up,
    charter,
    events,
    handle_of,
    kinds,
    recorded,
    temporal,
    ticked,
    until,
)

MORNING = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)  # a Tuesday: whoever is written to is at work


async def has_something_to_say(jisr: Jisr) -> str:
    """Open an initiative on a working day, in which a session was moved: two people are to hear of it at once."""
    opening = await asyncio.to_thread(jisr.desk.opening, charter(**story.SMALL))
    id = opening.charter.id
    await jisr.open_prepared(opening, MANAGER, shift=(MORNING - utc_now()).total_seconds())
    lines = [
        *(story.said("stage_begun_early", of=stage, reason=story.REASON) for stage in ("vetting", "sessions")),
        *story.seated("p-20", "IQ"),
        *story.seated("p-21", "TR"),
        story.said("session_scheduled", session="S1", starts="2026-07-01T10:00"),
        story.said("session_postponed", session="S1", starts="2026-07-02T10:00", reason=story.REASON),
    ]
    answers = await jisr.report_many(id, lines)
    assert {one.status for one in answers} == {"accepted"}, answers
    return id


async def test_a_channel_that_is_away_holds_up_no_record(house: House) -> None:
    house.settings.outbox.touch()  # a file where the folder should be: nothing can be written
    async with house.worker(), house.client() as jisr:
        id = await has_something_to_say(jisr)

        async def tried_in_vain() -> bool:
            raw = (await handle_of(house.engine, id).describe()).raw_description
            return any(one.activity_type.name == "deliver" and one.attempt > 1 for one in raw.pending_activities)

        await until(tried_in_vain)
        assert (await jisr.report(id, TICKED, item="exit_criteria", by=MANAGER)).status == "accepted"
        assert await jisr.recorded(id, patience=10)
        assert kinds(house.database, id)[-1] == TICKED
        assert {one.status for one in notices.of_initiative(house.database, id)} <= {"waiting", "claimed"}

        house.settings.outbox.unlink()

        async def sent() -> bool:
            return {one.status for one in notices.of_initiative(house.database, id)} == {"sent"}

        await until(sent, 60)
        assert len(list(house.settings.outbox.rglob("*.txt"))) == 2


async def test_what_was_accepted_is_written_down_before_an_operators_end(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        await caught_up(jisr, id)
        other = sqlite3.connect(house.settings.home / "jisr.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        assert (await jisr.report(id, TICKED, item="exit_criteria", by=MANAGER)).status == "accepted"
        code, said = await temporal(house.engine, "workflow", "cancel", "-w", f"initiative/{id}")
        assert code == 0, said
        other.rollback()
        other.close()

        async def ended() -> bool:
            return (await handle_of(house.engine, id).describe()).status is WorkflowExecutionStatus.CANCELED

        await until(ended)
        assert kinds(house.database, id) == ["initiative_opened", TICKED]


async def test_signals_that_wait_before_the_first_worker_comes_are_heard_in_order(house: House) -> None:
    async with house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        handle = handle_of(house.engine, id)
        items = ["do_no_harm_screen", "design_argument", "exit_criteria"]
        for item in items:
            await handle.signal("report", ticked(item))
        async with house.worker():
            entries = await caught_up(jisr, id)

    assert [e.fields["item"] for e in entries if e.kind == TICKED] == items


async def test_a_run_replayed_at_every_step_says_the_same(house: House) -> None:
    """Without a cache the worker replays the whole history for every task: what is not deterministic shows."""
    async with house.worker(cache=0), house.client() as jisr:
        id = await has_something_to_say(jisr)

        async def said() -> bool:
            ledgered = notices.of_initiative(house.database, id)
            return bool(ledgered) and {one.status for one in ledgered} == {"sent"}

        await until(said, 40)
        await at_rest(handle_of(house.engine, id))  # good news of messages rides with the next report
        assert (await jisr.report(id, TICKED, item="exit_criteria", by=MANAGER)).status == "accepted"
        await caught_up(jisr, id)
        assert "WORKFLOW_TASK_FAILED" not in await events(handle_of(house.engine, id))
        receipts = [e for e in recorded(house.database, id) if e.kind == "notice_delivered"]
        assert len(receipts) == 2
