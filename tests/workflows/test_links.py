"""Initiatives tell each other: links are mutual, recommendations carry their lineage, a missing one is an entry."""

import dataclasses
from typing import Any

import pytest
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.messages import Order
from activities.relay import RelayActivities
from client import Jisr, utc_now
from domain.outgoing import Errand
from domain.record import Entry
from storage.tables import ErrandRow
from tests.conftest import House
from tests.workflows.story import SMALL, recommendations, seated
from tests.workflows.watching import MANAGER, REASON, caught_up, charter, until


async def entry_of(jisr: Jisr, id: str, kind: str) -> Entry:
    """Wait for an entry of this kind in the record of one initiative."""

    async def found() -> Entry | None:
        return next((e for e in reversed(await caught_up(jisr, id)) if e.kind == kind), None)

    entry = await until(found)
    assert entry is not None
    return entry


async def report(jisr: Jisr, id: str, kind: str, **fields: Any) -> None:
    answer = await jisr.report(id, kind, **{"by": MANAGER, **fields})
    assert answer.status == "accepted", answer


async def test_the_links_of_a_charter_are_made_mutual(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        there = (await jisr.open(charter())).initiative
        here = (await jisr.open(charter(links=[{"initiative": there, "relation": "target"}]))).initiative

        linked = await entry_of(jisr, there, "initiative_linked")
        assert linked.fields == {"initiative": here, "relation": "feeder"}
        assert linked.by == "engine:jisr"
        told = await entry_of(jisr, here, "initiative_told")
        assert (told.fields["initiative"], told.fields["told_kind"]) == (there, "initiative_linked")
        assert told.fields["delivered"] is True


async def test_a_recommendation_passed_on_is_taken_over_with_its_lineage(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        there = (await jisr.open(charter())).initiative
        here = (await jisr.open(charter(**SMALL))).initiative
        for id, stage in ((here, "vetting"), (here, "recommendations"), (there, "recommendations")):
            await report(jisr, id, "stage_begun_early", of=stage, reason=REASON)
        await report(jisr, here, "initiative_linked", initiative=there, relation="target")
        await entry_of(jisr, there, "initiative_linked")
        lines = [*seated("p-20", "IQ"), *recommendations("R1", "p-20")]
        passed = {"kind": "recommendation_passed_on", "recommendation": "R1", "to_initiative": there, "by": MANAGER}
        answers = await jisr.report_many(here, [*lines, passed])
        assert {one.status for one in answers} == {"accepted"}, answers

        taken = await entry_of(jisr, there, "recommendation_taken_over")
        assert (taken.fields["from_initiative"], taken.fields["original"]) == (here, "R1")
        state = (await jisr.state(there))["state"]
        assert state["recommendations"][taken.fields["recommendation"]]["came_from"] == [f"{here}/R1"]


async def test_a_link_to_an_initiative_that_is_not_there_is_an_entry(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        here = (await jisr.open(charter(links=[{"initiative": "ini-nowhere", "relation": "target"}]))).initiative

        told = await entry_of(jisr, here, "initiative_told")
        assert told.fields["initiative"] == "ini-nowhere"
        assert told.fields["delivered"] is False
        assert (await jisr.report(here, "checklist_item_done", item="do_no_harm_screen", by=MANAGER)).seq


async def test_one_that_cannot_be_told_now_does_not_keep_the_others_from_hearing(house: House) -> None:
    """What an attempt has told and settled is in the answer of the attempt that comes after it."""
    hears, deaf = Errand(**about("ini-hears")), Errand(**about("ini-deaf"))
    told: list[str] = []

    class Relay(RelayActivities):
        async def _tell(self, initiative: str, report: dict[str, object]) -> bool:
            if initiative == "ini-deaf" and not told:
                told.append(initiative)
                raise RPCError("too much at once", RPCStatusCode.RESOURCE_EXHAUSTED, b"")
            return True

    with house.database.session() as session:
        for one in (deaf, hears):
            row = {"from_initiative": one.initiative, "to_initiative": one.to, "key": one.key, "report": one.report}
            session.add(ErrandRow(**row, made_at=utc_now(), status="waiting", detail=""))
    relay, order = Relay(house.database, house.engine), Order(initiative="ini-tells", now=utc_now())

    first = ActivityEnvironment()
    with pytest.raises(RPCError):
        await first.run(relay.relay, order)
    second = ActivityEnvironment()
    second.info = dataclasses.replace(second.info, attempt=2)
    done = await second.run(relay.relay, order)

    assert [(one.initiative, one.delivered) for one in done] == [("ini-hears", True), ("ini-deaf", True)]


def about(to: str) -> dict[str, Any]:
    return {"initiative": "ini-tells", "to": to, "key": f"k/{to}", "report": {"kind": "initiative_linked"}}
