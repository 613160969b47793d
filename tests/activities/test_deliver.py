"""Delivery: each message once, whatever breaks; nobody who must not be written to; nothing that names anybody."""

import asyncio
import logging
import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from temporalio.exceptions import ApplicationError

from channels.message import Contact, Delivery, Message
from storage import erasure, notices, roster
from storage.database import migrate, open_database
from storage.roster_input import read_person

sys.path.insert(0, str(Path(__file__).parent))  # delivery_house.py is shared by the tests of this room
from delivery_house import NOW, ORDER, DyingOutbox, House, Killed, Spy, a_notice

CANARIES = ("Canary", "کەناری", "canary.example")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("database") / "jisr.db"
    migrate(f"sqlite:///{file}")
    return file.read_bytes()


@pytest.fixture
def house(tmp_path: Path, template: bytes) -> Iterator[House]:
    (tmp_path / "jisr.db").write_bytes(template)
    database = open_database(f"sqlite:///{tmp_path / 'jisr.db'}")
    yield House(database, tmp_path / "outbox")
    database.close()


# --- once ---------------------------------------------------------------------------------------------------


async def test_what_waits_is_sent_and_told(house: House) -> None:
    house.wait("p-41", "p-42")
    receipts = await house.deliver()
    assert [(one.recipient, one.channel, one.status) for one in receipts] == [
        ("p-41", "outbox", "sent"),
        ("p-42", "outbox", "sent"),
    ]
    assert len(house.files) == 2
    assert {one.message for one in receipts} == {f"{a_notice(p).id()}@jisr.invalid" for p in ("p-41", "p-42")}


async def test_a_round_that_takes_long_says_that_it_is_alive(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Spy):
        async def send(self, contact: Contact, message: Message) -> Delivery:
            while house.beats < 2:  # noqa: ASYNC110  what beats has no event
                await asyncio.sleep(0)
            return await super().send(contact, message)

    monkeypatch.setattr("activities.deliver.HEARTBEAT_SECONDS", 0)
    house.person("p-41", email="p-41@canary.example")
    house.wait("p-41")
    assert [one.status for one in await house.deliver(Slow())] == ["sent"]


async def test_a_second_delivery_finds_nothing_more_to_say(house: House) -> None:
    house.wait("p-41")
    await house.deliver()
    assert await house.deliver(order=ORDER.but(now=NOW + timedelta(days=1))) == []
    assert len(house.files) == 1


async def test_an_answer_that_was_lost_is_given_again_and_nothing_is_sent_again(house: House) -> None:
    spy = Spy()
    house.person("p-41", email="p-41@canary.example")
    house.wait("p-41", "p-42")
    first = await house.deliver(spy)
    assert await house.deliver(spy, attempt=2) == first
    assert (len(spy.given), len(house.files)) == (1, 1)


async def test_a_worker_killed_after_sending_leaves_one_message_in_the_outbox(house: House) -> None:
    house.wait("p-41")
    with pytest.raises(Killed):
        await house.deliver(DyingOutbox(house.folder))
    assert house.states == {"p-41": "claimed"}
    [receipt] = await house.deliver(attempt=2)
    assert (receipt.status, len(house.files)) == ("sent", 1)


async def test_a_worker_killed_after_mailing_leaves_a_doubt_and_mails_no_second_time(house: House) -> None:
    house.person("p-41", email="p-41@canary.example")
    house.person("p-42", email="p-42@canary.example")
    house.wait("p-41", "p-42")
    spy = Spy(lambda person: "killed")
    with pytest.raises(Killed):
        await house.deliver(spy)
    spy.answer = lambda person: "sent"
    receipts = await house.deliver(spy, attempt=2)
    assert {one.recipient: (one.channel, one.status) for one in receipts} == {
        "p-41": ("email", "unknown"),
        "p-42": ("email", "sent"),
    }
    assert [person for person, _ in spy.given] == ["p-41", "p-42"]
    [doubt] = notices.unknown(house.database)
    assert doubt.detail == "interrupted"


async def test_each_rung_is_a_message_of_its_own_and_told_twice_is_one(house: House) -> None:
    for rung in (0, 1, 1):
        house.wait("p-41", rung=rung)
    assert sorted(one.rung for one in await house.deliver()) == [0, 1]
    assert len(house.files) == 2


# --- what has to wait -----------------------------------------------------------------------------------------


async def test_one_message_put_off_keeps_nobody_else_waiting(house: House) -> None:
    for id in ("p-41", "p-42"):
        house.person(id, email=f"{id}@canary.example")
    house.wait("p-41", "p-42", "p-43")
    spy = Spy(lambda person: "later" if person == "p-41" else "sent")
    with pytest.raises(ApplicationError, match=r"1 message\(s\) of ini-7f3a still wait\. .*451") as caught:
        await house.deliver(spy)
    assert not caught.value.non_retryable
    assert house.states == {"p-41": "waiting", "p-42": "sent", "p-43": "sent"}
    spy.answer = lambda person: "sent"
    receipts = await house.deliver(spy, attempt=2)
    assert sorted(one.recipient for one in receipts) == ["p-41", "p-42", "p-43"]
    assert [person for person, _ in spy.given] == ["p-41", "p-42", "p-41"]


async def test_a_channel_that_is_away_is_tried_once_and_the_outbox_goes_on(house: House) -> None:
    for id in ("p-41", "p-42"):
        house.person(id, email=f"{id}@canary.example")
    house.wait("p-41", "p-42", "p-43")
    spy = Spy(lambda person: "away")
    with pytest.raises(ApplicationError, match=r"2 message\(s\)"):
        await house.deliver(spy)
    assert len(spy.given) == 1
    assert house.states == {"p-41": "waiting", "p-42": "waiting", "p-43": "sent"}


async def test_a_folder_that_cannot_be_written_makes_the_engine_try_again(house: House) -> None:
    house.folder.write_text("in the way")
    house.wait("p-41")
    with pytest.raises(ApplicationError, match="The outbox folder"):
        await house.deliver()
    house.folder.unlink()
    assert [one.status for one in await house.deliver(attempt=2)] == ["sent"]


async def test_a_worker_that_is_being_stopped_takes_no_further_message(house: House) -> None:
    house.wait("p-41")
    environment = house.environment()
    environment.worker_shutdown()
    with pytest.raises(ApplicationError, match="being stopped"):
        await environment.run(house.activities().deliver, ORDER)
    assert house.states == {"p-41": "waiting"}


async def test_a_channel_that_falls_silent_leaves_one_doubt_and_not_one_for_everybody(house: House) -> None:
    for id in ("p-41", "p-42"):
        house.person(id, email=f"{id}@canary.example")
    house.wait("p-41", "p-42")
    spy = Spy(lambda person: "silent")
    with pytest.raises(ApplicationError, match="silent"):
        await house.deliver(spy)
    assert house.states == {"p-41": "unknown", "p-42": "waiting"}


async def test_a_doubt_is_written_down_as_it_is_and_goes_no_other_way(house: House) -> None:
    house.person("p-41", email="p-41@canary.example")
    house.wait("p-41")
    [receipt] = await house.deliver(Spy(lambda person: "unknown"))
    assert (receipt.status, receipt.channel, receipt.tried) == ("unknown", "email", None)
    assert (house.states, house.files) == ({"p-41": "unknown"}, [])


# --- to whom, and how --------------------------------------------------------------------------------------------


async def test_whoever_must_not_be_written_to_is_not_and_that_is_told(house: House) -> None:
    for id in ("p-41", "p-42", "p-43"):
        house.person(id, email=f"{id}@canary.example")
    roster.mark_deceased(house.database, "p-41", date(2026, 3, 1))
    erasure.erase(house.database, "p-42", NOW)
    roster.stop(house.database, "p-43", NOW)
    house.wait("p-41", "p-42", "p-43")
    spy = Spy()
    receipts = await house.deliver(spy)
    assert {one.status for one in receipts} == {"suppressed"}
    assert (spy.given, house.files) == ([], [])
    every = notices.of_initiative(house.database, ORDER.initiative)
    assert [one.detail for one in every] == ["died", "erased", "do_not_contact"]


async def test_somebody_is_looked_up_afresh_for_each_message(house: House) -> None:
    house.person("p-41", email="old@canary.example")
    house.wait("p-41")
    roster.add_person(house.database, read_person({"id": "p-41", "email": "new@canary.example"}), NOW, update=True)
    spy = Spy()
    await house.deliver(spy)
    assert spy.given == [("p-41", "new@canary.example")]


async def test_an_answer_goes_to_the_manager_as_the_roster_knows_them_now(house: House) -> None:
    for id in ("p-01", "p-02", "p-41", "p-42", "p-43", "p-44"):
        house.person(id, email=f"{id}@canary.example")
    roster.mark_deceased(house.database, "p-02", date(2026, 3, 1))
    for reader, manager in (("p-41", "p-01"), ("p-42", "p-02"), ("p-43", "p-99"), ("p-44", "p-44")):
        house.wait(reader, about={"manager": manager})
    spy = Spy()
    await house.deliver(spy)
    assert spy.answers_to == {"p-41": "p-01@canary.example", "p-42": "", "p-43": "", "p-44": ""}


@pytest.mark.parametrize(
    ("ways", "says"),
    [
        ([{"kind": "via_partner", "via": "P2"}], "Please ask P2 to pass this on"),
        ([{"kind": "phone", "address": "+9647700000000"}], "Please pass this on by word of mouth"),
        ([{"kind": "email", "address": "p-41@canary.example", "never_write": True}], "Please pass this on"),
    ],
)
async def test_who_is_only_called_becomes_a_task_for_the_team(
    house: House, ways: list[dict[str, Any]], says: str
) -> None:
    house.person("p-41", channels=ways)
    house.wait("p-41")
    spy = Spy()
    [receipt] = await house.deliver(spy)
    assert (receipt.recipient, receipt.channel, receipt.status) == ("p-41", "task", "sent")
    [file] = house.files
    text = file.read_text(encoding="utf-8")
    assert "-tasks-sign_mou-" in file.name
    assert text.startswith("To: tasks\n")
    assert f"Please do not write to p-41. {says}" in text
    assert "+964" not in text
    assert spy.given == []


async def test_everybody_is_written_to_in_their_language_and_at_their_time(house: House) -> None:
    house.person("p-41", languages=["ckb", "en"])
    house.person("p-42", languages=["tr", "ar"], zone="Europe/Istanbul")
    house.wait("p-41", "p-42", "p-99")
    await house.deliver()
    texts = {file.name.split("-sign_mou")[0]: file.read_text(encoding="utf-8") for file in house.files}
    assert set(texts) == {"2026-03-15T0900-p-41", "2026-03-15T0901-p-42", "2026-03-15T0602-p-99"}
    assert "Subject: نامەیەک بۆ ئێوە" in texts["2026-03-15T0900-p-41"]
    assert "Subject: رسالة إليكم" in texts["2026-03-15T0901-p-42"]
    assert "Subject: A message for you" in texts["2026-03-15T0602-p-99"]


# --- what is never said -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sensitivity", ["open", "discreet", "restricted", "quiet"])
async def test_nothing_of_the_roster_is_in_a_file_a_log_a_receipt_or_an_error(
    house: House, sensitivity: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    house.person("p-40", channels=[{"kind": "via_partner", "via": "P2", "address": "Canary street"}])
    house.person("p-41", languages=["ar"])
    house.person("p-42", email="p-42@canary.example")
    house.wait("p-40", "p-41", "p-42", sensitivity=sensitivity)
    with capture_logs() as logs, pytest.raises(ApplicationError) as caught:
        await house.deliver(Spy(lambda person: "later"))
    with capture_logs() as more:
        receipts = await house.deliver(Spy(), attempt=2)
    files = [f"{file.name}\n{file.read_text(encoding='utf-8')}" for file in house.files]
    said = "\n".join([*files, str(logs), str(more), str(receipts), repr(caught.value), caplog.text])
    assert (len(files), len(receipts)) == (2, 3)
    assert not [canary for canary in CANARIES if canary in said]


def test_a_contact_does_not_show_its_address_by_accident() -> None:
    assert "canary" not in repr(Contact(person="p-41", address="p-41@canary.example"))


# --- the link to answer by --------------------------------------------------------------------------------------
async def test_a_message_tried_again_carries_the_same_link(house: House) -> None:
    house.link_to("https://answers.example.org/a")
    house.wait("p-41", "p-42")
    with pytest.raises(Killed):
        await house.deliver(DyingOutbox(house.folder))
    first = house.files[0].read_text()
    house.files[0].unlink()
    await house.deliver(attempt=2)

    links = [re.search(r"https://answers\.example\.org/a/\w{52}", file.read_text()) for file in house.files]
    assert len({found[0] for found in links if found}) == 2
    assert house.files[0].read_text() == first


async def test_without_a_page_to_answer_on_there_is_no_link_and_none_for_a_task(house: House) -> None:
    house.wait("p-41")
    await house.deliver()
    house.link_to("https://answers.example.org/a")
    house.person("p-42", channels=[{"kind": "phone", "address": "+9647700000000"}])
    house.wait("p-42", rung=1)
    await house.deliver()

    assert len(house.files) == 2
    assert not any("https://" in file.read_text() for file in house.files)
