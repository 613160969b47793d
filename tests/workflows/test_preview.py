"""What was previewed is what is sent: the same file, byte for byte, once the day has come."""

from datetime import datetime, timedelta

import pytest

from channels.outbox import as_file
from cli.preview import preview_of
from cli.standing import read_state
from client import Jisr, utc_now
from domain.agenda import Agenda
from domain.initiative import Initiative
from domain.working_days import Calendar
from storage import notices
from tests.conftest import House
from tests.workflows.watching import charter, handle_of, until
from workflows.chapter import Chapter
from workflows.initiative import TYPE

PEOPLE = [
    {"id": "p-01", "name_latin": "Canary One", "languages": ["ckb"], "country": "IQ", "zone": "Asia/Baghdad"},
]


async def on_later_dates(house: House, jisr: Jisr, id: str, at: datetime) -> None:
    """Hand the state to a run whose calendar shows this moment."""
    left, head = await jisr.state(id), await jisr.head(id)
    await handle_of(house.engine, id).terminate()
    later = Chapter(
        state=Initiative.model_validate(left["state"]),
        seq=head["seq"],
        head=head["hash"],
        calendars={country: Calendar.model_validate(one) for country, one in left["calendars"].items()},
        shift=(at - utc_now()).total_seconds(),
    )
    await house.engine.start_workflow(TYPE, later, id=f"initiative/{id}", task_queue=house.queue)


async def test_what_was_previewed_is_found_in_the_outbox(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JISR_HOME", str(house.settings.home))
    async with house.worker(), house.client() as jisr:
        id = (await jisr.open(charter(people=PEOPLE))).initiative
        assert await jisr.recorded(id)
        now, calendars = read_state(await jisr.state(id))
        ahead = Agenda(now, calendars).ahead(utc_now() + timedelta(days=40))
        soon = sorted({due.due_at for due in ahead})[:2]
        previews = preview_of(now, [due for due in ahead if due.due_at in soon], [], utc_now())
        expected = {as_file(one.message) for one in previews if one.message is not None}
        assert {one.message.language for one in previews if one.message is not None} == {"ckb"}
        assert not house.settings.outbox.exists(), "a preview sends nothing"

        for moment in soon:
            await on_later_dates(house, jisr, id, moment + timedelta(seconds=1))

            async def said(moment: datetime = moment) -> bool:
                ledgered = notices.of_initiative(house.database, id)
                there = [one for one in ledgered if one.notice.due_at == moment]
                return bool(there) and all(one.settled_at for one in ledgered) and await jisr.recorded(id)

            await until(said)

        sent = {file.read_text(encoding="utf-8") for file in house.settings.outbox.rglob("*.txt")}
        assert sent == expected
