"""A manager's own words on the real road: handed in, looked at, recorded, previewed, sent, taken back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from activities.routes import words_judged
from cli.preview import preview_of
from cli.standing import read_state
from client import Jisr, utc_now
from domain.agenda import Agenda
from errors import NotFound
from storage import notices, texts
from storage.roster import add_person
from storage.roster_input import read_person
from storage.tables import TextRow
from tests.conftest import House
from tests.workflows.test_preview import on_later_dates
from tests.workflows.watching import MANAGER, caught_up, charter, until

MINE = "Would you kindly write down how change is expected?\n\nThe reference is all we need."
PEOPLE = [
    {"id": "p-01", "name_latin": "Dilan Canary", "languages": ["en"], "country": "IQ", "zone": "Asia/Baghdad"},
    {"id": "p-11", "name_latin": "Rona Kestrel", "languages": ["ar"], "country": "IQ", "zone": "Asia/Baghdad"},
]


async def changed(jisr: Jisr, id: str, text: str = MINE, **more: Any) -> Any:
    given = {"ask": "write_theory", "language": "en", "text": text, **more}
    return await jisr.report(id, "wording_changed", by=MANAGER, **given)


async def opened(jisr: Jisr, **more: Any) -> str:
    id = (await jisr.open(charter(people=PEOPLE, title="Clear Kingfisher", **more))).initiative
    assert await jisr.recorded(id)
    return id


async def first_message(house: House, jisr: Jisr, id: str) -> str:
    """Let the first moment come; return what the manager was written."""
    now, calendars = read_state(await jisr.state(id))
    ahead = Agenda(now, calendars).ahead(utc_now() + timedelta(days=90))
    due = next(one for one in ahead if one.obligation.ask == "write_theory")
    [previewed] = [one.message for one in preview_of(now, [due], [], utc_now())]
    assert previewed is not None
    await on_later_dates(house, jisr, id, due.due_at + timedelta(seconds=1))

    def written() -> list[Path]:
        return sorted(house.settings.outbox.rglob("*p-01-write_theory-*.txt"))

    async def said() -> bool:
        return bool(written()) and all(one.settled_at for one in notices.of_initiative(house.database, id))

    await until(said)
    [file] = written()
    sent = file.read_text(encoding="utf-8")
    assert sent.split("\n\n", 1)[1] == f"{previewed.text}\n"
    return sent


@pytest.fixture(autouse=True)
def _home(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JISR_HOME", str(house.settings.home))


async def test_what_the_manager_wrote_is_previewed_sent_and_in_the_record_as_a_reference(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr)
        assert (await changed(jisr, id)).status == "accepted"
        [entry] = [e for e in await caught_up(jisr, id) if e.kind == "wording_changed"]
        assert entry.fields["ask"] == "write_theory"
        assert texts.get(house.database, [entry.fields["text"]]) == {entry.fields["text"]: MINE}
        assert "kindly" not in entry.model_dump_json()

        sent = await first_message(house, jisr, id)

        assert "Subject: A message for you\n" in sent, "a subject of its own is for open initiatives"
        assert MINE in sent
        assert f"Reference: {id}" in sent


async def test_in_an_open_initiative_the_subject_is_theirs_too(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr, sensitivity="open")
        answer = await changed(jisr, id, subject="Kindly: {task}")
        assert answer.status == "accepted", answer
        assert await jisr.recorded(id)

        assert "Subject: Kindly: Theory of change\n" in await first_message(house, jisr, id)


async def test_words_taken_back_are_not_said(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr)
        await changed(jisr, id)
        gone = await jisr.report(id, "wording_removed", ask="write_theory", language="en", by=MANAGER)
        assert gone.status == "accepted"
        assert await jisr.recorded(id)

        assert "kindly" not in await first_message(house, jisr, id)


async def test_words_that_came_to_name_somebody_are_not_said(house: House) -> None:
    """Rules hold for ever: whoever is named joined after the words were written."""
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr)
        assert (await changed(jisr, id, "Please tell Nightjar how change is expected.")).status == "accepted"
        add_person(house.database, read_person({"id": "p-77", "name_latin": "Avan Nightjar"}))
        handed = await jisr.report(id, "role_handed_over", role="logistics", to="p-77", by=MANAGER)
        assert handed.status == "accepted", handed
        assert await jisr.recorded(id)

        [(_, why)] = words_judged(house.database, id).values()
        assert why is not None
        assert (why.rule.id, "p-77" in why.why) == ("words.discloses", True)
        assert "Nightjar" not in await first_message(house, jisr, id)


REFUSED: list[tuple[str, str, dict[str, str]]] = [
    ("words.discloses", "Dear Dilan, please write it down.", {}),
    ("words.discloses", "Please write down what Kingfisher is for.", {}),
    ("words.discloses", "Please write about money laundering.", {}),
    ("words.discloses", "Please write before we go to Türkiye.", {}),
    ("words.placeholder", "Dear {name}, please.", {}),
    ("words.subject-where-open", MINE, {"subject": "A word"}),
    ("words.plain", "Please\u202e write.", {}),
    ("words.length", "a" * 2_001, {}),
    ("words.script", MINE, {"language": "ar"}),
    ("words.known-ask", MINE, {"ask": "write_poems"}),
]


async def test_words_that_may_not_be_said_are_refused_and_stored_nowhere(house: House) -> None:
    async with house.worker(), house.client() as jisr:
        id = await opened(jisr)
        for rule, text, more in REFUSED:
            answer = await changed(jisr, id, text, **more)
            fields = {"ask": "write_theory", "language": "en", "text": text, **more}
            [again] = await jisr.report_many(id, [{"kind": "wording_changed", "by": MANAGER, **fields}])

            assert [(one.status, one.rule) for one in (answer, again)] == [("refused", rule)] * 2
        assert [entry.kind for entry in await caught_up(jisr, id)] == ["initiative_opened"]
        with house.database.reading() as session:
            refs = session.execute(select(col(TextRow.ref))).scalars().all()
        assert [*texts.get(house.database, refs).values()] == ["Clear Kingfisher"]


async def test_words_for_an_initiative_nobody_knows_are_not_taken(house: House) -> None:
    async with house.client() as jisr:
        with pytest.raises(NotFound):
            await changed(jisr, "ini-nowhere")
