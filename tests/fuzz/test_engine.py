"""Whatever comes through Temporal's own client: nothing is stuck, nothing is lost, good reports are still taken.

Stuck is also a workflow task that fails again and again: the engine never gives up on one by itself.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from life import CHARTER, Life
from pydantic import SecretStr
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from client import Jisr, converter
from domain.chain import check_chain
from settings import Settings
from storage import ledger
from storage.database import migrate, open_database
from tests.conftest import House
from tests.fuzz.budget import tries
from tests.fuzz.junk import ELSEWHERE, arguments, raw, spoilt
from tests.workflows.watching import MANAGER, REASON, at_rest, charter, handle_of, recorded, ticked, until
from workflows.chapter import Chapter
from workflows.initiative import TYPE

QUICK = 10.0  # seconds a good report may take, on a machine that does a lot besides
NAMES = st.sampled_from(
    ("report", "report", "report_batch", "calendars_changed", "show", "advance", "run", "", "a" * 99)
)
GOOD = ticked("do_no_harm_screen", reason=REASON)  # without a key: said again, it is an entry again
CHANGE = {"kind": "person_died", "person": "p-20", "by": MANAGER, "at": "2026-03-01T10:00:00+03:00"}


@dataclass
class Open:
    """A house whose worker runs, and one initiative in it that everybody tries to break."""

    house: House
    jisr: Jisr
    id: str
    notes: int = 0

    @property
    def handle(self) -> WorkflowHandle[Any, Any]:
        return handle_of(self.house.engine, self.id)

    async def is_well(self) -> None:
        """See that a good report is taken and written down soon, that no task has failed, and that the chain holds."""
        self.notes += 1
        done = {"kind": "note_added", "note": REASON, "by": MANAGER, "key": f"well-{self.notes}"}
        answer = await asyncio.wait_for(self.handle.execute_update("report", done), QUICK)
        assert answer["status"] == "accepted", answer
        assert await self.jisr.recorded(self.id, patience=QUICK)
        assert "WORKFLOW_TASK_FAILED" not in await at_rest(self.handle)
        head = await self.jisr.head(self.id)
        verdict = check_chain(recorded(self.house.database, self.id))
        assert (verdict.ok, verdict.entries) == (True, head["seq"])


@pytest_asyncio.fixture(params=["off", "on"], scope="module")
async def opened(engine: Client, request: pytest.FixtureRequest, tmp_path_factory: Any) -> AsyncIterator[Open]:
    """One house for all that is tried here: once as it is, once with what the engine keeps encrypted."""
    folder: Path = tmp_path_factory.mktemp("house")
    settings = Settings(
        home=folder,
        database_url=SecretStr(f"sqlite:///{folder / 'jisr.db'}"),
        payload_encryption=request.param,
        temporal_timeout=QUICK,
    )
    migrate(settings.database)
    database = open_database(settings.database, settings.key_file())
    config = engine.config()
    config["data_converter"] = converter(settings)
    house = House(settings, database, Client(**config), f"jisr-{uuid4().hex[:8]}")
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        yield Open(house, jisr, id)
    database.close()


# --- the doors of an initiative that runs ---------------------------------------------------------------------------
@tries(6)
@given(sent=st.lists(st.tuples(NAMES, arguments(GOOD)), min_size=4, max_size=12))
async def test_every_signal_is_an_entry_and_none_stops_the_initiative(opened: Open, sent: Any) -> None:
    before, came = (await opened.jisr.head(opened.id))["seq"], 0
    for name, given_ in sent:
        with suppress(RPCError):  # the engine itself refuses a name that is none
            await opened.handle.signal(name, args=given_)
            came += name != "calendars_changed" or len(given_) > 1
    await opened.is_well()

    assert (await opened.jisr.head(opened.id))["seq"] >= before + came + 1


@tries(6)
@given(sent=st.lists(st.tuples(NAMES, arguments(GOOD)), min_size=3, max_size=8))
async def test_an_update_that_is_no_report_is_refused_and_stops_nobody(opened: Open, sent: Any) -> None:
    before = (await opened.jisr.head(opened.id))["seq"]
    for name, given_ in sent:
        with pytest.raises((WorkflowUpdateFailedError, RPCError)):
            answer = await asyncio.wait_for(opened.handle.execute_update(name, args=given_), QUICK)
            if _may_be_taken(answer):
                before += 1
                raise WorkflowUpdateFailedError(ApplicationError("what was spoilt did not matter"))
    await opened.is_well()

    assert (await opened.jisr.head(opened.id))["seq"] <= before + 2


def _may_be_taken(answer: Any) -> bool:
    """A report may be good after all: spoilt where it does not count, or the same key and words again."""
    return isinstance(answer, dict) and answer["status"] in ("accepted", "duplicate")


@tries(6)
@given(sent=st.lists(st.tuples(NAMES, arguments()), min_size=2, max_size=6))
async def test_a_query_of_any_shape_is_answered_or_refused(opened: Open, sent: Any) -> None:
    for name, given_ in sent:
        with suppress(WorkflowQueryFailedError, RPCError):
            await asyncio.wait_for(opened.handle.query(name, args=given_, result_type=dict), QUICK)
    await opened.is_well()


ELSEWHERE_KEPT = {
    "a reference to another store": raw(
        b'{"driver_name": "x", "driver_claim": {}}', encoding=b"json/external-storage-reference"
    ),
    "a newer reference": raw(b"{}", encoding=b"json/protobuf",
                             messageType=b"temporal.api.sdk.v1.ExternalStorageReference"),
    "a marked reference": raw(b"{}", encoding=b"json/plain", **{ELSEWHERE: b"true"}),
}  # fmt: skip
LOOKS_ENCRYPTED = {
    "a key nobody has": raw(b"x" * 40, encoding=b"binary/encrypted", **{"jisr-key": b"initiative:none"}),
    "no key": raw(b"x" * 40, encoding=b"binary/encrypted"),
    "too short": raw(b"x", encoding=b"binary/encrypted", **{"jisr-key": b"installation:jisr"}),
    "no name of a key": raw(b"x" * 40, encoding=b"binary/encrypted", **{"jisr-key": b"\xff"}),
}


@pytest.mark.parametrize("what", [*ELSEWHERE_KEPT, *LOOKS_ENCRYPTED])
async def test_what_claims_to_be_kept_elsewhere_or_encrypted_stops_no_initiative(opened: Open, what: str) -> None:
    """Found here: one such signal made every workflow task fail from then on."""
    one = {**ELSEWHERE_KEPT, **LOOKS_ENCRYPTED}[what]
    before = (await opened.jisr.head(opened.id))["seq"]
    for given_ in ([one], [one, one]):
        await opened.handle.signal("report", args=given_)
        await opened.handle.signal("advance", args=given_)
        with pytest.raises(WorkflowUpdateFailedError):
            await asyncio.wait_for(opened.handle.execute_update("report", args=given_), QUICK)
        with suppress(WorkflowQueryFailedError):
            await asyncio.wait_for(opened.handle.query("show", args=given_, result_type=dict), QUICK)
    await opened.is_well()

    assert [one.kind for one in recorded(opened.house.database, opened.id)][before:-1] == ["report_unreadable"] * 4


async def test_something_encrypted_under_the_own_key_that_does_not_open_is_an_entry(opened: Open) -> None:
    own = raw(b"x" * 60, encoding=b"binary/encrypted", **{"jisr-key": f"initiative:{opened.id}".encode()})
    await opened.handle.signal("report", args=[own])
    await opened.is_well()

    assert recorded(opened.house.database, opened.id)[-2].kind == "report_unreadable"


def written(value: Any) -> RawValue:
    """Return a value as JSON that no converter has looked at: NaN and half a character travel, too."""
    return raw(json.dumps(value).encode(), encoding=b"json/plain")


# --- starts ---------------------------------------------------------------------------------------------------------
async def _ends(opened: Open, type_: str, id: str, given_: list[Any], *signals: list[Any]) -> WorkflowExecutionStatus:
    """Start a run, wait until it has ended or rests, see that no task failed; return how it stands."""
    engine = opened.house.engine
    with_signal = {"start_signal": "report", "start_signal_args": signals[0]} if signals else {}
    handle = await engine.start_workflow(type_, args=given_, id=id, task_queue=opened.house.queue, **with_signal)
    assert "WORKFLOW_TASK_FAILED" not in await at_rest(handle)
    status = (await handle.describe()).status
    assert status is not None
    if status is WorkflowExecutionStatus.RUNNING:
        assert (await asyncio.wait_for(handle.query("show", result_type=dict), QUICK))["id"]
        await handle.terminate()
    return status


@tries(6)
@given(start=arguments(), signal=arguments())
async def test_a_start_that_cannot_be_read_ends_at_once(opened: Open, start: Any, signal: Any) -> None:
    status = await _ends(opened, TYPE, f"initiative/ini-{uuid4().hex[:10]}", start, signal)

    assert status is WorkflowExecutionStatus.FAILED


@tries(6)
@given(start=spoilt({"by": MANAGER, "shift": 0, "rulebook": 1, "charter": CHARTER}), named=st.booleans())
async def test_an_opening_that_is_spoilt_lives_or_ends_at_once(opened: Open, start: Any, named: bool) -> None:
    id = f"ini-{uuid4().hex[:10]}"
    if named and isinstance(start, dict) and isinstance(start.get("charter"), dict):
        start["charter"]["id"] = id
    await _ends(opened, TYPE, f"initiative/{id}", [written(start)])


def _page() -> dict[str, Any]:
    """Return what one run hands to the next, of a life with something of everything that is quick to tell."""
    life = Life(id=f"ini-{uuid4().hex[:10]}")
    life.report("checklist_item_done", item="do_no_harm_screen").report("do_not_contact_asked", person="p-41")
    life.report("stall_declared", reason=True).pass_days(40)
    journal = life.journal
    chapter = Chapter(state=life.now, seq=journal.seq, head=journal.head, unrecorded=tuple(life.entries))
    return chapter.model_dump(mode="json")


PAGE = _page()


@tries(14)
@given(start=spoilt(PAGE))
async def test_a_page_of_nonsense_lives_or_ends_at_once(opened: Open, start: Any) -> None:
    await _ends(opened, TYPE, f"initiative/{PAGE['state']['id']}", [written(start)])


NO_START: dict[str, list[Any]] = {
    "nothing": [],
    "a word": ["hello"],
    "two arguments": [{}, {}],
    "an empty chapter": [{}],
    "two that cannot be read": [raw(b"x", encoding=b"binary/whatever")] * 2,
    "a charter of another id": [{"charter": CHARTER}],
    "a state that is none": [{"state": {"id": "ini-x"}}],
}


@pytest.mark.parametrize("what", NO_START)
async def test_who_starts_one_with_nonsense_and_a_signal_gets_no_run_that_hangs(opened: Open, what: str) -> None:
    """Found here: the signal met a run without a state, and each task failed."""
    id = f"initiative/ini-{uuid4().hex[:10]}"

    assert await _ends(opened, TYPE, id, NO_START[what], [{}]) is WorkflowExecutionStatus.FAILED


@pytest.mark.parametrize("field", [{"shift": 1e300}, {"by": "Somebody Somewhere"}, {"shift": 1e12}])
async def test_an_opening_under_no_name_or_on_no_date_ends_at_once(opened: Open, field: dict[str, Any]) -> None:
    id = f"ini-{uuid4().hex[:10]}"
    handle = await opened.house.engine.start_workflow(
        TYPE, {"charter": charter(id=id), **field}, id=f"initiative/{id}", task_queue=opened.house.queue
    )
    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(handle.result(), QUICK)

    assert "Somebody" not in repr(failed.value.cause)
    assert ledger.initiative_row(opened.house.database, id) is None


async def test_a_memo_nobody_can_read_travels_from_page_to_page(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found here: such a run could never continue as new, and stopped after some thousand events."""
    monkeypatch.setattr("workflows.steps.HISTORY_MAX", 30)
    own = replace(opened.house, queue=f"jisr-{uuid4().hex[:8]}")
    id = f"ini-{uuid4().hex[:10]}"
    async with own.worker(sandbox=False), own.client() as jisr:
        handle = await own.engine.start_workflow(
            TYPE, {"charter": charter(id=id), "by": MANAGER}, id=f"initiative/{id}", task_queue=own.queue,
            memo={"odd": raw(b"x", encoding=b"binary/whatever")},
        )  # fmt: skip
        first = (await handle.describe()).run_id

        async def on_another_page() -> bool:
            await jisr.report(id, "note_added", note=REASON, by=MANAGER)
            return (await handle.describe()).run_id != first

        await until(on_another_page)
        assert (await handle.describe()).raw_description.workflow_execution_info.memo.fields["odd"]


# --- what concerns one person, and all ------------------------------------------------------------------------------
@tries(6)
@given(start=arguments({"id": "c-1", "person": "p-20", "report": CHANGE}), signals=st.lists(arguments(), max_size=2))
async def test_a_change_of_any_shape_about_a_person_ends(opened: Open, start: Any, signals: Any) -> None:
    id = f"roster-change/{uuid4().hex[:10]}"
    assert await _ends(opened, "RosterChange", id, start, *signals) is not WorkflowExecutionStatus.RUNNING


@tries(6)
@given(start=spoilt({"id": "c-1", "person": "p-20", "report": CHANGE}))
async def test_a_spoilt_change_about_a_person_is_tried_once_and_ends(opened: Open, start: Any) -> None:
    """Found here: a report without a moment in its `at` was tried again for ever."""
    id = f"roster-change/{uuid4().hex[:10]}"
    assert await _ends(opened, "RosterChange", id, [written(start)]) is not WorkflowExecutionStatus.RUNNING


@tries(4)
@given(start=arguments())
async def test_a_checkpoint_started_with_anything_ends(opened: Open, start: Any) -> None:
    assert await _ends(opened, "Checkpoint", f"checkpoint-{uuid4().hex[:10]}", start) in (
        WorkflowExecutionStatus.COMPLETED,
        WorkflowExecutionStatus.FAILED,
    )


async def test_a_change_reaches_everybody_though_its_run_is_signalled_before_it_begins(opened: Open) -> None:
    own = replace(opened.house, queue=f"jisr-{uuid4().hex[:8]}")
    change = {"id": f"c-{uuid4().hex[:6]}", "person": "p-20", "report": CHANGE}
    handle: WorkflowHandle[Any, Any] = await own.engine.start_workflow(
        "RosterChange", change, id=f"roster-change/{change['id']}", task_queue=own.queue
    )
    for one in (*ELSEWHERE_KEPT.values(), *LOOKS_ENCRYPTED.values()):
        await handle.signal("anything", args=[one])
    async with own.worker():
        reached = await asyncio.wait_for(handle.result(), QUICK)

    assert set(reached) == {"reached", "gone"}
    assert "WORKFLOW_TASK_FAILED" not in await at_rest(handle)
