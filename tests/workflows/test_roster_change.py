"""A change about one person reaches every live initiative that knows them, once, and nobody else."""

from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError

from activities.messages import ROSTER_WRONG
from client import Jisr, utc_now
from errors import InvalidInput, RefusedByRule
from storage import erasure, holds, ledger, roster
from storage.roster_input import read_person
from tests.conftest import House
from tests.workflows.watching import MANAGER, REASON, caught_up, charter, handle_of, kinds, until

CHANGED = "do_not_contact_asked"


async def knows(jisr: Jisr, person: str, **changes: Any) -> str:
    """Open an initiative in which this person holds a role; return its id."""
    given = charter(**changes)
    given["roles"] = {**given["roles"], "facilitator": person}
    id = (await jisr.open(given)).initiative
    await caught_up(jisr, id)
    return id


def somebody() -> str:
    return f"p-{uuid4().hex[:8]}"


async def heard(house: House, id: str) -> int:
    """Wait until the initiative has heard of the change; return how often."""

    async def found() -> int:
        return kinds(house.database, id).count(CHANGED)

    return await until(found)


async def test_a_change_reaches_every_live_initiative_of_a_person_once(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        person = somebody()
        known = {await knows(jisr, person), await knows(jisr, person)}
        stranger = await knows(jisr, somebody())
        report = {"kind": CHANGED, "person": person, "by": MANAGER, "reason": REASON}
        change = f"change-{person}"

        reached = await jisr.roster_change(change, person, report)
        assert set(reached["reached"]) == known
        assert reached["gone"] == []
        assert [await heard(house, id) for id in known] == [1, 1]

        assert await jisr.roster_change(change, person, report) == reached
        for id in known:
            await caught_up(jisr, id)
            assert kinds(house.database, id).count(CHANGED) == 1
        await caught_up(jisr, stranger)
        assert CHANGED not in kinds(house.database, stranger)


async def test_a_missing_initiative_does_not_keep_the_others_from_hearing(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        person = somebody()
        gone, there = await knows(jisr, person), await knows(jisr, person)
        await handle_of(house.engine, gone).terminate("an operator's mistake")
        report = {"kind": CHANGED, "person": person, "by": MANAGER, "reason": REASON}

        reached = await jisr.roster_change(f"change-{person}", person, report)

        assert reached == {"reached": [there], "gone": [gone]}
        assert await heard(house, there) == 1


async def test_a_closed_initiative_is_not_told(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        person = somebody()
        id = await knows(jisr, person)
        closed = await jisr.report(id, "initiative_closed", outcome="cancelled", by=MANAGER, reason=REASON)
        assert closed.status == "accepted", closed
        await caught_up(jisr, id)

        report = {"kind": CHANGED, "person": person, "by": MANAGER, "reason": REASON}
        assert (await jisr.roster_change(f"change-{person}", person, report))["reached"] == []


async def test_a_change_that_the_roster_cannot_take_is_refused_before_anybody_hears_of_it(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        person = somebody()
        id = await knows(jisr, person)
        roster.add_person(house.database, read_person({"id": person, "name_latin": "Sara"}))
        report = {"kind": "person_card_changed", "person": person, "country": "ZZ", "by": MANAGER}

        with pytest.raises(InvalidInput, match="is no country"):
            await jisr.roster_change(f"change-{person}", person, report)

        await caught_up(jisr, id)
        assert "person_card_changed" not in kinds(house.database, id)


async def test_a_change_from_elsewhere_that_the_roster_cannot_take_ends_with_what_is_wrong(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        person = somebody()
        id = await knows(jisr, person)
        roster.add_person(house.database, read_person({"id": person, "name_latin": "Sara"}))
        report = {
            "kind": "capacity_changed",
            "person": person,
            "capacity": "king",
            "since": "2026-01-01",
            "by": MANAGER,
        }
        change = {"id": f"change-{person}", "person": person, "report": report}

        with pytest.raises(WorkflowFailureError) as failed:  # as `temporal workflow start` would: nobody looked before
            await house.engine.execute_workflow(
                "RosterChange", change, id=f"roster-change/change-{person}", task_queue=house.queue
            )

        assert isinstance(failed.value.cause, ActivityError)
        assert isinstance(failed.value.cause.cause, ApplicationError)
        assert failed.value.cause.cause.type == ROSTER_WRONG
        assert "king" not in str(failed.value.cause.cause)
        await caught_up(jisr, id)
        assert "capacity_changed" not in kinds(house.database, id)


async def test_somebody_is_erased_while_initiatives_run_on_or_rest_and_their_records_verify(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        person = somebody()
        roster.add_person(house.database, read_person({"id": person, "name_latin": "Layla Albasri"}))
        running, resting = await knows(jisr, person), await knows(jisr, person)
        await jisr.report(resting, "stall_declared", by=MANAGER, reason="The road is closed.")
        folder = house.settings.outbox / "2026-01"
        folder.mkdir(parents=True)
        theirs, other = folder / f"2026-01-05T0900-{person}-x-1.txt", folder / f"2026-01-05T0900-{person}-2-x-1.txt"
        theirs.write_text(f"To: {person}\n\nDear Layla")
        other.write_text(f"To: {person}-2\n\nDear Sara")

        report = {"kind": "person_erased", "person": person, "by": MANAGER}
        reached = await jisr.roster_change(f"erase-{person}", person, report)
        assert set(reached["reached"]) == {running, resting}

        for id in (running, resting):

            async def heard_there(id: str = id) -> int:
                return kinds(house.database, id).count("person_erased")

            assert await until(heard_there) == 1
            assert ledger.verify(house.database, id).ok
        made = erasure.certificate(house.database, person)
        assert made is not None
        assert made["initiatives"] == sorted((running, resting))
        assert made["erased"]["messages_in_the_outbox"] == 1
        assert (theirs.exists(), other.exists()) == (False, True)


async def test_a_hold_that_comes_in_between_keeps_somebody_from_being_erased(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        person, today = somebody(), utc_now()
        roster.add_person(house.database, read_person({"id": person, "name_latin": "Layla Albasri"}))
        holds.hold(house.database, person, today.date(), "court order 12", MANAGER, today)
        report = {"kind": "person_erased", "person": person, "by": MANAGER, "at": today.isoformat()}
        with pytest.raises(RefusedByRule, match="legal hold") as failed:
            await jisr.roster_change(f"erase-{person}", person, report)
        assert "court order" not in str(failed.value)
        assert erasure.certificate(house.database, person) is None
