"""What a milestone costs on the history: few events, so that a run of years stays short and replays fast."""

from collections import Counter
from types import SimpleNamespace

import pytest
from life import Life

from domain.record import Entry
from tests.conftest import House
from tests.workflows.watching import REASON, at_rest, caught_up, charter, handle_of, ticked
from workflows.steps import RECORD_MAX, Steps

ALONE = 11  # update 2, its task 3, record 3, the record's task 3
WITH_TIMER = ALONE + 3  # and the lists, the old timer, the new timer


async def test_a_milestone_alone_costs_at_most_eleven_events(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        handle = handle_of(house.engine, id)
        await caught_up(jisr, id)
        before = await at_rest(handle)
        assert (await jisr.report(id, "checklist_item_done", item="do_no_harm_screen", by="manager:p-01")).seq
        await caught_up(jisr, id)
        after = await at_rest(handle)

        cost = len(after) - len(before)
        with capsys.disabled():
            print(f"\n  opened: {len(before)} events; one milestone alone, recorded: {cost}")
        assert cost <= ALONE, Counter(after[len(before) :])


async def test_a_milestone_that_moves_the_stage_and_the_timer_costs_three_more(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        handle = handle_of(house.engine, id)
        await caught_up(jisr, id)
        before = await at_rest(handle)
        stalled = await jisr.report(id, "stall_declared", reason=REASON, by="manager:p-01")
        assert stalled.status == "accepted", stalled
        await caught_up(jisr, id)
        moved = await at_rest(handle)

        cost = Counter(moved[len(before) :])
        with capsys.disabled():
            print(f"\n  a milestone that moves the nearest due moment: {cost.total()}")
        assert cost["TIMER_STARTED"] == cost["UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"] == 1
        assert cost.total() <= WITH_TIMER, cost


async def test_a_hundred_milestones_in_one_batch_cost_at_most_one_event_each(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter(checklists={"concept": [f"extra-{n}" for n in range(100)]}))).initiative
        handle = handle_of(house.engine, id)
        await caught_up(jisr, id)
        before = await at_rest(handle)
        answers = await jisr.report_many(id, [ticked(f"extra-{n}") for n in range(100)])
        assert [one.status for one in answers] == ["accepted"] * 100
        await caught_up(jisr, id)
        after = await at_rest(handle)

        cost = len(after) - len(before)
        with capsys.disabled():
            print(f"\n  100 milestones in one batch, recorded: {cost} events")
        assert cost <= 100
        assert cost <= WITH_TIMER, Counter(after[len(before) :])  # indeed a batch costs what one milestone does


def test_what_is_written_down_at_once_fits_into_one_message() -> None:
    written = Life().entries[0]
    long = [written.but(fields={"note": "x" * 300_000})] * 5
    many = [written] * (RECORD_MAX + 1)

    def batch(entries: list[Entry]) -> int:
        waits = SimpleNamespace(_journal=SimpleNamespace(unrecorded=entries))
        return len(Steps._next_batch(waits))  # type: ignore[arg-type]

    assert batch(long) == 2
    assert batch(many) <= RECORD_MAX
    assert batch([written.but(fields={"note": "x" * 900_000})]) == 1  # alone, however long
