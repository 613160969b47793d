"""A life told in a test, taken up by the real workflow: the engine goes on where the test's clock stands."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from life import CHARTER, OPENED, Life
from seated import table

from client import Jisr
from domain import view
from storage import ledger, notices
from tests.conftest import House
from tests.workflows.watching import at_rest, handle_of, until
from workflows.chapter import Chapter
from workflows.initiative import TYPE


def seated_life(**changes: Any) -> Life:
    """Return a life under an id of its own, with four people at the table and every clock at its opening."""
    return table(Life(**{**CHARTER, "id": f"ini-{uuid4().hex[:10]}", **changes}))


async def take_up(house: House, life: Life) -> None:
    """Start the workflow of this life; what it has heard is written down, and its clock goes on from `life.at`.

    Its opening stands in the record before: a start that tells all from the opening on is held against what it tells,
    and who sits at the table was put there by hand.
    """
    opened, *heard = life.entries
    ledger.append(house.database, [opened], view.list_row(life.journal, life.calendars, opened))
    chapter = Chapter(
        state=life.now,
        seq=life.journal.seq,
        head=life.journal.head,
        unrecorded=tuple(heard),
        shift=(life.at - datetime.now(UTC)).total_seconds(),
    )
    await house.engine.start_workflow(TYPE, chapter, id=f"initiative/{life.now.id}", task_queue=house.queue)


async def quiet(jisr: Jisr, id: str) -> None:
    """Wait until all that is due was said and written down, and no message waits."""

    async def still() -> bool:
        await at_rest(handle_of(jisr.engine, id))
        shown = await jisr.show(id)
        due_passed = shown["next_due"] is not None and shown["next_due"] <= shown["as_of"]
        waits = any(one.status in ("waiting", "claimed") for one in notices.of_initiative(jisr.desk.database, id))
        return not due_passed and not waits and await jisr.recorded(id)

    await until(still)


__all__ = ["OPENED", "quiet", "seated_life", "take_up"]
