"""Edge cases of people, each by its number, over the real workflow and the real database."""

from datetime import datetime
from pathlib import Path

from domain.chain import Head
from storage import erasure, ledger, roster
from storage.data_keys import reading_keys
from storage.sealing import person
from tests.conftest import House
from tests.workflows import story
from tests.workflows.test_answers import CANARY, Table, table
from tests.workflows.watching import caught_up, handle_of, kinds, recorded, until

ERASED = "p-20"


async def test_e3_10_who_is_erased_in_a_stall_is_gone_and_the_record_still_verifies(house: House) -> None:
    async with table(house, ERASED, "p-21") as at:
        await at.link(ERASED)
        await at.report(story.said("stall_declared", reason=story.REASON))
        asked = len(letters(house, ERASED))
        assert erasure.ask(house.database, ERASED, "manager:p-01", "asked for it", at_now(at)) is None

        report = {"kind": "person_erased", "person": ERASED, "by": "manager:p-01"}
        reached = await at.jisr.roster_change(f"erase-{at.id}", ERASED, report)
        assert reached["reached"] == [at.id]

        async def heard() -> bool:
            return "person_erased" in kinds(house.database, at.id)

        await until(heard)
        shown = await at.jisr.show(at.id)
        assert shown["stalled"], "the initiative goes on waiting"

        await at.report(story.said("stall_resumed", reason=story.REASON))
        entries = await caught_up(at.jisr, at.id)
        engine = await at.jisr.head(at.id)
        history = (await handle_of(house.engine, at.id).fetch_history()).to_json()

    assert ERASED in {one.fields.get("person") for one in entries}, "the pseudonym stays"
    assert CANARY not in history
    assert ledger.verify(house.database, at.id, Head(engine["seq"], engine["hash"])).ok
    gone = roster.person(house.database, ERASED)
    assert gone is not None
    assert (gone.silence, gone.name_latin, gone.channels) == ("erased", "", ())
    with house.database.reading() as session:
        assert reading_keys(session, [person(ERASED)]) == {person(ERASED): None}
    assert len(letters(house, ERASED)) <= asked, "nobody writes to them again, after the resume either"
    said = [one for one in recorded(house.database, at.id) if one.fields.get("recipient") == ERASED]
    erased_at = next(one.seq for one in entries if one.kind == "person_erased")
    assert not [one for one in said if one.seq > erased_at and one.kind == "rung_reached"]


def letters(house: House, id: str) -> list[Path]:
    return [one for one in house.settings.outbox.rglob("*.txt") if f"-{id}-" in one.name]


def at_now(at: Table) -> datetime:
    """Return the moment of the last entry."""
    return recorded(at.house.database, at.id)[-1].heard_at
