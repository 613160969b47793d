"""The record and the engine's history hold the same, run by run; what was lost of the record comes back from there."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from temporalio.client import WorkflowHistory

from domain.record import Entry
from engine_record import batches, compare, entries_of
from storage import ledger, notices
from tests.conftest import House
from tests.workflows.test_held_up import has_something_to_say
from tests.workflows.watching import MANAGER, TICKED, caught_up, recorded


async def remembered(house: House, found: Iterable[WorkflowHistory]) -> list[Entry]:
    return entries_of(await batches(found, house.engine.data_converter))


def lose(home: Path, where: str) -> None:
    with closing(sqlite3.connect(home / "jisr.db", isolation_level=None)) as database:
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute(f"DELETE FROM entries WHERE {where}")


async def test_the_history_holds_the_record_word_for_word(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = await has_something_to_say(jisr)
        await jisr.report(id, TICKED, item="exit_criteria", by=MANAGER)
        entries = await caught_up(jisr, id)
        found = await remembered(house, await jisr.histories(id))

    assert compare(found[: len(entries)], entries) is None
    assert len(entries) > 20


async def test_what_was_lost_at_the_end_is_written_anew_and_nothing_is_sent_again(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = await has_something_to_say(jisr)
        entries = await caught_up(jisr, id)
        found = await batches(await jisr.histories(id), house.engine.data_converter)
        sent = [one.id for one in notices.of_initiative(house.database, id)]
    lose(house.settings.home, "seq > 10")

    lost = compare(entries_of(found), recorded(house.database, id))
    assert lost is not None and (lost.seq, lost.what) == (11, "missing")
    for batch in found:
        ledger.append(house.database, batch.entries, batch.row, (), (), batch.seats)

    assert recorded(house.database, id)[: len(entries)] == entries
    assert ledger.verify(house.database, id).ok
    assert [one.id for one in notices.of_initiative(house.database, id)] == sent


async def test_a_changed_entry_and_a_made_up_one_are_told_apart(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = await has_something_to_say(jisr)
        entries = await caught_up(jisr, id)
        found = await remembered(house, await jisr.histories(id))

    changed = [entry.but(by="manager:p-09") if entry.seq == 5 else entry for entry in found]
    made_up = [*found, found[-1].but(seq=found[-1].seq + 1)]
    assert entries
    assert compare(found, changed) == (5, "other")
    assert compare(found, made_up) == (found[-1].seq + 1, "unknown")
