"""What the engine keeps, encrypted: nothing of it can be read without the keys, and everything goes on as before."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import SecretStr
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowHistory
from temporalio.converter import WorkflowSerializationContext
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Replayer

from client import converter, utc_now
from domain.vocabulary import Status
from settings import Settings
from storage.data_keys import destroy
from storage.database import Database, migrate, open_database
from storage.keys import KeysAway
from storage.payload_codec import ENCODING, EncryptedPayloads
from storage.payload_keys import PayloadKeys
from storage.sealing import initiative
from tests.conftest import House
from tests.workflows.watching import MANAGER, REASON, caught_up, charter, handle_of
from workflows.plugin import INTERCEPTORS, WORKFLOWS, runner

PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"barbel"')
WORDS = (b"checklist_item_done", b"do_no_harm_screen", b"preventive", b"p-07", b"Asia/Baghdad")


def settings_of(folder: Path, mode: str) -> Settings:
    return Settings(home=folder, database_url=SecretStr(f"sqlite:///{folder / 'jisr.db'}"), payload_encryption=mode)


def under(engine: Client, settings: Settings) -> Client:
    """Return the same engine, spoken to under other settings."""
    config = engine.config()
    config["data_converter"] = converter(settings)
    return Client(**config)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    migrate(f"sqlite:///{tmp_path / 'jisr.db'}")
    return open_database(f"sqlite:///{tmp_path / 'jisr.db'}")


@pytest_asyncio.fixture
async def sealed(house: House) -> AsyncIterator[House]:
    """A house whose engine keeps nothing that can be read."""
    settings = house.settings.model_copy(update={"payload_encryption": "on"})
    yield replace(house, settings=settings, engine=under(house.engine, settings))


def readable(history: WorkflowHistory) -> set[bytes]:
    """Return which words of the initiative stand readable in a history."""
    raw = b"".join(event.SerializeToString() for event in history.events)
    return {word for word in WORDS if word in raw}


async def test_nothing_said_stands_readable_in_the_history_and_it_replays(house: House, sealed: House) -> None:
    async with sealed.worker(cache=0), sealed.client() as jisr:
        id = (await jisr.open(charter())).initiative
        answer = await jisr.report(id, "checklist_item_done", item="do_no_harm_screen", by=MANAGER, reason=REASON)
        refused = await jisr.report(id, "partner_signed", partner="P1", by=MANAGER)
        await caught_up(jisr, id)
        assert (answer.status, refused.status) == (Status.ACCEPTED, Status.REFUSED)
        assert (await jisr.show(id))["stage"] == "concept"
        history = await handle_of(house.engine, id).fetch_history()
    assert readable(history) == set()
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=runner(),
        data_converter=converter(sealed.settings),
        interceptors=INTERCEPTORS,
    )
    await replayer.replay_workflow(history)


async def test_a_run_of_before_goes_on_after_it_was_switched_on_and_is_read_after_it_was_switched_off(
    house: House, sealed: House
) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        await caught_up(jisr, id)
    async with sealed.worker(cache=0), sealed.client() as jisr:
        first = await jisr.report(id, "checklist_item_done", item="do_no_harm_screen", by=MANAGER, reason=REASON)
        await caught_up(jisr, id)
    settings = house.settings.model_copy(update={"payload_encryption": "read"})
    back = replace(house, settings=settings, engine=under(house.engine, settings))
    async with back.worker(cache=0), back.client() as jisr:
        second = await jisr.report(id, "checklist_item_done", item="exit_criteria", by=MANAGER, reason=REASON)
        await caught_up(jisr, id)
    assert (first.status, second.status) == (Status.ACCEPTED, Status.ACCEPTED)
    assert b"Asia/Baghdad" in readable(await handle_of(house.engine, id).fetch_history())


async def refused_change(house: House) -> tuple[str, bytes]:
    """Start a change that its activity refuses; return why, as its client reads it, and the raw history."""
    report = {"kind": "person_died", "person": "p-20", "by": MANAGER, "at": "yesterday"}
    change = {"id": f"c-{uuid4().hex[:8]}", "person": "p-20", "report": report}
    async with house.worker():
        handle: WorkflowHandle[Any, Any] = await house.engine.start_workflow(
            "RosterChange", change, id=f"roster-change/{change['id']}", task_queue=house.queue
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
    activity = failed.value.cause
    assert isinstance(activity, ActivityError) and isinstance(activity.cause, ApplicationError)
    return activity.cause.message, b"".join(
        event.SerializeToString() for event in (await handle.fetch_history()).events
    )


async def test_a_failure_and_where_it_happened_are_read_with_the_keys_only(house: House, sealed: House) -> None:
    said, clear = await refused_change(house)
    assert said.encode() in clear
    assert b"activities/roster.py" in clear

    same, kept = await refused_change(sealed)
    assert same == said, "with the keys it reads as before"
    assert said.encode() not in kept
    assert b"roster.py" not in kept
    assert b"Encoded failure" in kept


async def test_each_initiative_has_a_key_of_its_own_and_each_payload_a_nonce(database: Database) -> None:
    codec = EncryptedPayloads(PayloadKeys(lambda: database))
    one, other = (codec.with_context(WorkflowSerializationContext("default", f"initiative/{id}")) for id in ("a", "b"))
    [first], [again], [elsewhere] = [await each.encode([PLAIN]) for each in (one, one, other)]
    assert len({first.data, again.data, elsewhere.data}) == 3
    assert (first.metadata["encoding"], first.metadata["jisr-key"]) == (ENCODING, b"initiative:a")
    assert await other.decode([first, again, elsewhere, PLAIN]) == [PLAIN] * 4
    moved = Payload(metadata=elsewhere.metadata, data=first.data)
    with pytest.raises(KeysAway, match="does not open"):
        await codec.decode([moved])
    assert await one.decode([moved]) == [moved], "in a workflow it stays unreadable, and stops nobody"


async def test_a_destroyed_key_reads_as_erased_and_what_still_comes_is_under_another(database: Database) -> None:
    context = WorkflowSerializationContext("default", "initiative/a")
    [before] = await EncryptedPayloads(PayloadKeys(lambda: database)).with_context(context).encode([PLAIN])
    with database.session() as session:
        destroy(session, initiative("a"), utc_now())
    later = EncryptedPayloads(PayloadKeys(lambda: database)).with_context(context)
    [after] = await later.encode([PLAIN])
    assert after.metadata["jisr-key"] == b"installation:jisr"
    assert [one.data for one in await later.decode([before, after])] == [b'{"erased": true}', PLAIN.data]


async def test_reading_makes_no_key(database: Database) -> None:
    codec = EncryptedPayloads(PayloadKeys(lambda: database))
    unknown = Payload(metadata={"encoding": ENCODING, "jisr-key": b"initiative:none"}, data=b"x" * 40)
    for _ in range(2):
        with pytest.raises(KeysAway, match="initiative none is not in the database"):
            await codec.decode([unknown])


async def test_a_database_that_is_away_stops_nobody_who_was_here_before(database: Database, tmp_path: Path) -> None:
    keys = PayloadKeys(lambda: database)
    codec = EncryptedPayloads(keys).with_context(WorkflowSerializationContext("default", "initiative/a"))
    [first] = await codec.encode([PLAIN])
    for owner, (key, _) in list(keys._kept.items()):
        keys._kept[owner] = (key, 0.0)  # long ago
    database.close()
    (tmp_path / "jisr.db").rename(tmp_path / "elsewhere.db")
    [second] = await codec.encode([PLAIN])
    assert await codec.decode([first, second]) == [PLAIN, PLAIN]
