"""What an operator sees in Temporal's own lists and pages: states and dates, never a name, a topic or a word."""

import json

from temporalio.client import Client

from tests.conftest import House
from tests.workflows.watching import (
    MANAGER,
    at_rest,
    caught_up,
    charter,
    events,
    handle_of,
    temporal,
    until,
)
from workflows.steps import NEXT_DUE, STAGE, STALLED, TRACK

CANARY = "Qanari"


async def listed(engine: Client, query: str) -> set[str]:
    return {one.id async for one in engine.list_workflows(query)}


async def test_lists_follow_stage_track_stall_and_the_next_due_moment(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        skipped = await jisr.report(id, "stage_skipped", of="concept", reason="Done before.", by=MANAGER)
        assert skipped.stage == "partners"
        mine = f'WorkflowId = "initiative/{id}" AND WorkflowType = "Initiative"'

        assert await until(lambda: listed(house.engine, f'{mine} AND JisrStage = "partners"'))
        assert await listed(house.engine, f'{mine} AND JisrTrack = "1.5" AND JisrStalled = false')
        assert not await listed(house.engine, f'{mine} AND JisrStage = "concept"')

        described = await handle_of(house.engine, id).describe()
        found = described.typed_search_attributes
        assert (found.get(STAGE), found.get(TRACK), found.get(STALLED)) == ("partners", "1.5", False)
        due = found.get(NEXT_DUE)
        shown = await jisr.show(id)
        assert due is not None
        assert due.isoformat()[:16] == shown["next_due"][:16]

        stalled = await jisr.report(id, "stall_declared", reason="The border is closed.", by=MANAGER)
        assert stalled.status == "accepted"
        assert await until(lambda: listed(house.engine, f"{mine} AND JisrStalled = true"))
        assert described.task_queue == house.queue


async def test_nothing_an_operator_sees_discloses_anything(house: House) -> None:
    people = [
        {"id": "p-20", "name_latin": f"{CANARY} Ahmed", "name_native": CANARY, "country": "IQ", "zone": "Asia/Baghdad"}
    ]
    given = charter(title=f"{CANARY} talks", summary=f"About {CANARY}")
    given["people"] = [*({"id": id, **card} for id, card in given["people"].items()), *people]
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(given)).initiative
        reason = f"{CANARY} was arrested."
        assert (await jisr.report(id, "stall_declared", reason=reason, by=MANAGER)).status == "accepted"
        await jisr.report(id, "stall_declared", reason=reason, by=MANAGER)  # refused: the failure is seen, too
        await caught_up(jisr, id)
        handle = handle_of(house.engine, id)
        await at_rest(handle)

        history = (await handle.fetch_history()).to_json()
        described = str((await handle.describe()).raw_description)
        metadata = await handle.query("__temporal_workflow_metadata")
        assert metadata.current_details.startswith("**concept** · stalled")
        _, page = await temporal(house.engine, "workflow", "describe", "-w", handle.id, "-o", "json")
        assert json.loads(page)["workflowExecutionInfo"]["execution"]["workflowId"] == handle.id
        for seen in (history, described, str(metadata), page):
            assert CANARY.lower() not in seen.lower()
        assert "TIMER_STARTED" in await events(handle)
