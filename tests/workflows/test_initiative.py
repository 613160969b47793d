"""The workflow on a real server: heard, decided, recorded; nothing misshapen wedges it; nothing costs too much."""

from datetime import UTC, datetime
from typing import Any

from storage import ledger
from tests.conftest import House
from tests.workflows.watching import charter


async def test_a_milestone_is_heard_decided_and_recorded(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        opened = await jisr.open(charter())
        answer = await jisr.report(
            opened.initiative, "checklist_item_done", item="do_no_harm_screen", by="manager:p-01", key="k-1"
        )

        assert (opened.status, answer.status, answer.seq) == ("accepted", "accepted", (2,))
        assert await jisr.recorded(opened.initiative)
        kinds = [entry.kind for entry in ledger.entries(house.database, opened.initiative)]
        assert kinds == ["initiative_opened", "checklist_item_done"]


async def test_the_same_key_is_a_duplicate_with_the_first_answer(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        at = datetime.now(UTC)
        same: dict[str, Any] = {"item": "do_no_harm_screen", "key": "k-1", "by": "manager:p-01", "at": at}
        first = await jisr.report(id, "checklist_item_done", **same)
        again = await jisr.report(id, "checklist_item_done", **same)
        other = await jisr.report(id, "checklist_item_done", **{**same, "item": "design_argument"})

        assert (again.status, again.seq) == ("duplicate", first.seq)
        assert (other.status, other.rule) == ("refused", "report.key-reused")
