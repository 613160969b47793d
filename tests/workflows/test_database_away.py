"""The database may be away: what is reported is accepted all the same, and the record catches up, in order, once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from domain.chain import check_chain
from errors import Unavailable
from tests.conftest import House
from tests.workflows.watching import MANAGER, TICKED, caught_up, charter, recorded

ITEMS = [f"extra-{n}" for n in range(12)]


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Hold the file so that nobody else can write to it."""
    other = sqlite3.connect(file, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        other.rollback()
        other.close()


async def test_milestones_are_accepted_while_the_database_is_away(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter(checklists={"concept": ITEMS}))).initiative
        before = await caught_up(jisr, id)

        with held(house.settings.home / "jisr.db"):
            for item in ITEMS:
                answer = await jisr.report(id, TICKED, item=item, key=item, by=MANAGER)
                assert answer.status == "accepted"
            assert not await jisr.recorded(id, patience=0.5)
            assert recorded(house.database, id) == before
            assert (await jisr.show(id))["head_seq"] == len(before) + len(ITEMS)

        assert await jisr.recorded(id, patience=30)
        entries = recorded(house.database, id)
        assert [e.fields["item"] for e in entries if e.kind == TICKED] == ITEMS
        assert check_chain(entries).ok
        assert tuple((await jisr.head(id)).values()) == (entries[-1].seq, entries[-1].hash)


async def test_free_text_needs_the_database_and_says_so(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.BUSY_SECONDS", 0)  # for connections made from here on
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter())).initiative
        head = len(await caught_up(jisr, id))

        with held(house.settings.home / "jisr.db"), pytest.raises(Unavailable, match="nothing was sent"):
            await jisr.report(id, "stall_declared", reason="The border is closed.", by=MANAGER)

        assert (await jisr.head(id))["seq"] == head
