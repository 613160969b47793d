"""The doors of one initiative: what is well-formed is answered, what is not becomes an entry, nothing wedges."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

from client import Jisr
from errors import InvalidInput
from tests.conftest import House
from tests.workflows.watching import (
    MANAGER,
    as_input,
    at_rest,
    caught_up,
    charter,
    events,
    handle_of,
    kinds,
    temporal,
    ticked,
    until,
)

REFUSED_REPORT = {"kind": "stall_resumed", "by": MANAGER}  # nothing rests, so there is nothing to resume


@dataclass
class Door:
    """One open initiative, as everybody may reach it."""

    id: str
    house: House
    jisr: Jisr
    handle: WorkflowHandle[Any, Any]

    async def entries(self, count: int) -> list[str]:
        """Wait until the record has at least this many entries; return their kinds."""

        async def enough() -> list[str]:
            found = kinds(self.house.database, self.id)
            return found if len(found) >= count else []

        return await until(enough)

    async def rejected(self, name: str, *given: Any) -> ApplicationError:
        """Send an update that is rejected; return why, having seen that it left nothing behind."""
        before = await at_rest(self.handle)
        with pytest.raises(WorkflowUpdateFailedError) as failed:
            await self.handle.execute_update(name, args=list(given))
        assert await at_rest(self.handle) == before
        assert isinstance(failed.value.cause, ApplicationError)
        return failed.value.cause

    async def still_answers(self) -> None:
        """See that queries and updates are answered: whatever came before has wedged nothing."""
        assert (await self.handle.query("show"))["stage"] == "concept"
        answer = await self.handle.execute_update("report", ticked("do_no_harm_screen"))
        assert answer["status"] == "accepted"


@asynccontextmanager
async def opened(house: House) -> AsyncIterator[Door]:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        await caught_up(jisr, id)
        yield Door(id, house, jisr, handle_of(house.engine, id))


async def test_a_signal_is_heard(house: House) -> None:
    async with opened(house) as door:
        await door.handle.signal("report", ticked("do_no_harm_screen"))

        assert await door.entries(2) == ["initiative_opened", "checklist_item_done"]


async def test_a_signal_that_a_rule_refuses_is_an_entry_and_changes_nothing(house: House) -> None:
    async with opened(house) as door:
        before = (await door.handle.query("state"))["state"]
        await door.handle.signal("report", REFUSED_REPORT)
        await door.entries(2)

        last = (await caught_up(door.jisr, door.id))[-1]
        assert last.kind == "report_refused"
        assert (last.fields["refused_kind"], last.fields["rule"]) == ("stall_resumed", "stall.none")
        assert (await door.handle.query("state"))["state"] == before


def raw(data: bytes, **metadata: bytes) -> RawValue:
    return RawValue(Payload(data=data, metadata=metadata))


NO_REPORT: dict[str, list[Any]] = {
    "no argument": [],
    "two arguments": [ticked("do_no_harm_screen"), {}],
    "null": [None],
    "a list": [[1, 2]],
    "a number as kind": [{"kind": 5, "by": MANAGER}],
    "NaN": [raw(b'{"kind": NaN}', encoding=b"json/plain")],
    "infinity": [raw(b'{"kind": "checklist_item_done", "item": 1e999}', encoding=b"json/plain")],
    "broken JSON": [raw(b'{"kind": "x"', encoding=b"json/plain")],
    "half a character": [raw(b'{"kind": "\\ud800"}', encoding=b"json/plain")],
    "a NUL": [raw(b'{"kind": "\\u0000", "by": "manager:p-01"}', encoding=b"json/plain")],
    "300 levels": [raw(b"[" * 300 + b"]" * 300, encoding=b"json/plain")],
    "150 levels": [raw(b"[" * 150 + b"]" * 150, encoding=b"json/plain")],
    "an integer of 4000 digits": [raw(b'{"kind": ' + b"9" * 4000 + b"}", encoding=b"json/plain")],
    "bare bytes": [raw(b"\x00\xff\x01", encoding=b"binary/plain")],
    "an unknown encoding": [raw(b"whatever", encoding=b"binary/whatever")],
    "1.9 MB": [{"kind": "checklist_item_done", "by": MANAGER, "item": "x" * 1_900_000}],
}


async def test_a_signal_that_is_no_report_is_an_entry_and_wedges_nothing(house: House) -> None:
    async with opened(house) as door:
        for number, (what, given) in enumerate(NO_REPORT.items(), 2):
            await door.handle.signal("report", args=given)

            assert (await door.entries(number))[number - 1 :] == ["report_unreadable"], what
            assert (await door.handle.query("head"))["seq"] == number, what
        await door.still_answers()


async def test_a_signal_of_another_name_is_an_entry(house: House) -> None:
    async with opened(house) as door:
        await door.handle.signal("advance", args=[1, 2, 3])
        await door.handle.signal("calendars_changed", args=[1, 2, 3])

        assert await door.entries(3) == ["initiative_opened", *["report_unreadable"] * 2]
        await door.still_answers()


@pytest.mark.parametrize("name", ["report", "report_batch"])
async def test_an_update_that_is_no_report_leaves_no_event(house: House, name: str) -> None:
    async with opened(house) as door:
        for given in NO_REPORT.values():
            await door.rejected(name, *given)
        await door.still_answers()


async def test_a_refused_update_leaves_no_event_and_names_the_rule(house: House) -> None:
    async with opened(house) as door:
        why = await door.rejected("report", REFUSED_REPORT)

        assert why.type == "stall.none"
        assert why.details[0]["rule"] == "stall.none"
        assert why.details[0]["status"] == "refused"
        assert "stall_declared" in why.details[0]["why"]  # what would satisfy the rule


async def test_dates_no_calendar_reaches_are_refused_at_the_door(house: House) -> None:
    async with opened(house) as door:
        begun = {"kind": "stage_begun_early", "of": "sessions", "by": MANAGER, "reason": "text:" + "0" * 32}
        await door.handle.execute_update("report", begun)
        for starts in ("9999-12-31T10:00", "0001-01-01T00:00"):
            far = {"kind": "session_scheduled", "session": "S1", "starts": starts, "by": MANAGER}
            assert (await door.rejected("report", far)).type == "report.invalid"


async def test_a_quiet_span_of_centuries_does_not_stop_the_clock(house: House) -> None:
    always = [{"first": "2020-01-01", "last": "2199-12-31"}]
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter(quiet=always))).initiative
        await caught_up(jisr, id)

        assert "TIMER_STARTED" in await at_rest(handle_of(house.engine, id))


# --- batches ---------------------------------------------------------------------------------------------------
BATCH = [ticked("do_no_harm_screen"), REFUSED_REPORT, [], ticked("design_argument")]


async def test_a_batch_answers_each_line_in_order(house: House) -> None:
    async with opened(house) as door:
        answers = await door.handle.execute_update("report_batch", {"reports": BATCH})

        assert [one["status"] for one in answers] == ["accepted", "refused", "refused", "accepted"]
        assert [one["rule"] for one in answers] == [None, "stall.none", "report.invalid", None]
        assert (await door.entries(5))[1:] == [
            "checklist_item_done",
            "report_refused",
            "report_unreadable",
            "checklist_item_done",
        ]


async def test_a_batch_may_stop_at_the_first_refusal(house: House) -> None:
    async with opened(house) as door:
        answers = await door.handle.execute_update("report_batch", {"reports": BATCH, "stop_on_refusal": True})

        assert [one["status"] for one in answers] == ["accepted", "refused"]


NO_BATCH: dict[str, Any] = {
    "an empty one": {"reports": []},
    "no list": {"reports": {"kind": "x"}},
    "a bare list": [ticked("do_no_harm_screen")],
    "501 reports": {"reports": [{}] * 501},
}


async def test_an_envelope_that_is_no_batch_leaves_no_event(house: House) -> None:
    async with opened(house) as door:
        for what, given in NO_BATCH.items():
            assert (await door.rejected("report_batch", given)).type == "report.invalid", what


async def test_a_batch_larger_than_a_message_is_sent_in_several(house: House) -> None:
    async with opened(house) as door:
        present = [f"p-{'x' * 34}{n:03}" for n in range(700)]  # some 30 kB a report
        bulky = [{"kind": "session_opened", "session": f"S{n}", "present": present, "by": MANAGER} for n in range(120)]
        answers = await door.jisr.report_many(door.id, bulky)

        assert [one.rule for one in answers] == ["stage.not-open"] * 120
        assert (await events(door.handle)).count("WORKFLOW_EXECUTION_UPDATE_ACCEPTED") >= 4  # 3.6 MB in all
        await door.still_answers()


async def test_a_charter_no_message_could_carry_is_not_sent(house: House) -> None:
    crowd = {f"p-{n:05}": {"country": "IQ"} for n in range(20_000)}
    async with house.client() as jisr:
        with pytest.raises(InvalidInput, match="Leave people to the roster"):
            await jisr.open(charter(people=crowd))


# --- the `temporal` program ------------------------------------------------------------------------------------
async def test_operators_report_with_temporals_own_program(house: House) -> None:
    async with opened(house) as door:
        there = ("-w", f"initiative/{door.id}")
        code, said = await temporal(
            house.engine, "workflow", "update", "execute", *there, "--name", "report",
            *as_input(ticked("do_no_harm_screen")), "-o", "json",
        )  # fmt: skip
        assert code == 0, said
        assert json.loads(said)["result"]["status"] == "accepted"

        before = await at_rest(door.handle)
        code, said = await temporal(
            house.engine, "workflow", "update", "execute", *there, "--name", "report", *as_input(REFUSED_REPORT)
        )
        assert code != 0
        assert "no stall" in said
        assert await at_rest(door.handle) == before

        code, said = await temporal(house.engine, "workflow", "signal", *there, "--name", "report")
        assert code == 0, said
        code, said = await temporal(
            house.engine, "workflow", "signal", *there, "--name", "report", *as_input(ticked("design_argument"))
        )
        assert code == 0, said
        assert (await door.entries(4))[1:] == ["checklist_item_done", "report_unreadable", "checklist_item_done"]

        code, said = await temporal(house.engine, "workflow", "query", *there, "--name", "show", "-o", "json")
        assert code == 0, said
        assert json.loads(said)["queryResult"][0]["stage"] == "concept"


async def test_who_starts_one_without_a_charter_gets_no_run_that_hangs(house: House) -> None:
    async with house.worker():
        handle = await house.engine.start_workflow("Initiative", {}, id="initiative/none", task_queue=house.queue)

        async def ended() -> bool:
            return (await handle.describe()).status != 1

        await until(ended)
