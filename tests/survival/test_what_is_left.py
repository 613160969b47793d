"""Of database, engine and keys one is lost: what the other two still hold, as docs/runbook.md tells it."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from client import Jisr, utc_now
from domain.chain import Head
from domain.record import Entry
from engine_record import batches, compare, entries_of
from errors import NotFound
from rehearsal.server import UNHURRIED
from storage import checkpoints, ledger, notices, roster, texts
from storage.database import migrate, open_database
from storage.keys import KeysAway
from storage.roster_input import read_person
from storage.signing import load_signer
from tests.conftest import ATTRIBUTES, House, dynamic, temporal_program
from tests.workflows.test_held_up import has_something_to_say
from tests.workflows.watching import caught_up, charter, recorded, ticked, until
from verify_export import check_checkpoints
from workflows.plugin import CONVERTER

WHO, NAME, WORDS = "p-77", "Invented Somebody", "what they said in confidence"


async def lived(house: House, jisr: Jisr) -> tuple[str, str, list[Entry]]:
    """Live until two messages are sent; return the initiative, the reference of a text, and the record."""
    roster.add_person(house.database, read_person({"id": WHO, "name_latin": NAME, "country": "IQ"}), utc_now())
    id = await has_something_to_say(jisr)
    reference = texts.put(house.database, id, WORDS)

    async def sent() -> bool:
        return sum(one.status == "sent" for one in notices.of_initiative(house.database, id)) >= 2

    await until(sent)
    return id, reference, await caught_up(jisr, id)


def moved(house: House) -> list[Path]:
    return sorted(house.settings.outbox.rglob("*.txt"))


async def accepted(jisr: Jisr, id: str) -> bool:
    [answer] = await jisr.report_many(id, [ticked("exit_criteria")])
    return answer.status == "accepted"


async def test_database_and_keys_without_the_engine_keep_record_people_and_words(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id, reference, entries = await lived(house, jisr)
        head = await jisr.head(id)
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(),
        data_converter=CONVERTER,
        search_attributes=ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=dynamic(UNHURRIED),
    ) as empty:
        house.engine = empty.client
        async with house.worker(), house.client() as jisr:
            with pytest.raises(NotFound):
                await accepted(jisr, id)
            assert recorded(house.database, id)[: len(entries)] == entries
            assert ledger.verify(house.database, id, Head(head["seq"], head["hash"])).ok
            known = roster.person(house.database, WHO)
            assert known is not None and known.name_latin == NAME
            assert texts.get(house.database, [reference]) == {reference: WORDS}
            anew = (await jisr.open(charter())).initiative
            assert await accepted(jisr, anew), "it can be opened anew, under another id"
            await caught_up(jisr, anew)


async def test_engine_and_keys_without_the_database_keep_the_milestones_and_send_nothing_twice(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id, reference, entries = await lived(house, jisr)
    messages = moved(house)
    house.database.close()
    for file in house.settings.home.glob("jisr.db*"):
        file.unlink()
    migrate(house.settings.database)
    house.database = open_database(house.settings.database)

    async with house.client() as jisr:
        found = await batches(await jisr.histories(id), house.engine.data_converter)
    assert compare(entries_of(found), []) is not None
    for batch in found:  # as `jisr audit rebuild` does
        ledger.append(house.database, batch.entries, batch.row, (), (), batch.seats)
    assert recorded(house.database, id)[: len(entries)] == entries
    assert roster.person(house.database, WHO) is None
    assert texts.get(house.database, [reference]) == {}
    assert notices.of_initiative(house.database, id) == []

    async with house.worker(), house.client() as jisr:
        assert await accepted(jisr, id)
        await caught_up(jisr, id)
        head = await jisr.head(id)
    assert ledger.verify(house.database, id, Head(head["seq"], head["hash"])).ok
    assert moved(house) == messages


async def test_database_and_engine_without_keys_keep_a_record_that_verifies_and_nothing_readable(house: House) -> None:
    keys = (house.settings.key_file(), house.settings.signing_key_file())
    signer = load_signer(keys[1])
    assert signer is not None
    async with house.worker(), house.client() as jisr:
        id, reference, entries = await lived(house, jisr)
        checkpoints.make(house.database, signer, utc_now())
    house.database.close()
    for file in keys:
        file.unlink()

    async with AsyncExitStack() as stack:
        house.database = open_database(house.settings.database, house.settings.key_file())
        await stack.enter_async_context(house.worker())
        jisr = await stack.enter_async_context(house.client())
        assert await accepted(jisr, id), "milestones are heard as before"
        assert (await caught_up(jisr, id))[: len(entries)] == entries
        head = await jisr.head(id)
    assert ledger.verify(house.database, id, Head(head["seq"], head["hash"])).ok
    kept = [one.document() for one in checkpoints.kept(house.database)]
    assert check_checkpoints(kept, signer.public) == ""
    with pytest.raises(KeysAway):
        roster.person(house.database, WHO)
    with pytest.raises(KeysAway):
        texts.get(house.database, [reference])
