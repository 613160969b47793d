"""Mail that comes back, through the real workflow: another way is gone, and who has none left is unreachable."""

import sys
from datetime import timedelta
from pathlib import Path

from cli.bounces import taken, told, unreachable
from storage import returned, roster
from tests.conftest import House
from tests.workflows.test_answers import Table, next_morning, table
from tests.workflows.test_messages import MANAGER, READER, delivered, mail_to
from tests.workflows.watching import recorded, until

sys.path.insert(0, str(Path(__file__).parents[1] / "activities"))
sys.path.insert(0, str(Path(__file__).parents[1] / "channels"))
from mailboxes import Mailboxes, serving
from test_bounces import HEADERS_ONLY, ID, recipient, report


async def test_a_mail_that_comes_back_makes_its_reader_unreachable_and_the_manager_passes_it_on(house: House) -> None:
    async with serving(Mailboxes()) as boxes:
        mail_to(house, boxes.port)
        async with table(house, "p-20") as at:
            now = next_morning() + timedelta(seconds=30)
            first = await delivered(at, "sent")
            assert first.fields["channel"] == "email"
            own = str(first.fields["message"]).partition("@")[0]
            back = report(recipient(), HEADERS_ONLY.replace(ID, f"{own}@example.org"))

            read = taken(house.database, "-", back, now)
            assert (read.state, read.initiatives) == ("came back", (at.id,))
            lost = unreachable(house.database, set(read.recipients))
            await told(at.jisr, lost, read.initiatives, "manager:p-01", now)

            async def unreachable_now() -> bool:
                return any(one.kind == "person_unreachable" for one in recorded(house.database, at.id))

            await until(unreachable_now)
            task = await until_task(at)

    assert lost == ["p-20"]
    assert task == ["email 5.1.1"]
    assert len(boxes.of(READER)) == 1
    assert any(f"<{own}.1@example.org>" == mail["Message-ID"] for mail in boxes.of(MANAGER))
    known = roster.person(house.database, "p-20")
    assert known is not None
    assert known.unreachable_since == now
    assert returned.listed(house.database, at.id) == []


async def until_task(at: Table) -> list[str]:
    """Wait until the record says that the manager was asked; return which ways had failed."""

    async def found() -> list[str]:
        entry = await delivered(at, "sent")
        return list(entry.fields.get("tried", ())) if entry.fields["channel"] == "task" else []

    return await until(found)
