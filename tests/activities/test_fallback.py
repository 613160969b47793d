"""A way that fails falls to the person's next one, then to the manager; each step stands in the ledger."""

import sys
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from channels.about_page import as_page, as_text
from storage import notices, returned, roster
from storage.about import about_person
from storage.roster_input import read_person

sys.path.insert(0, str(Path(__file__).parent))  # delivery_house.py is shared by the tests of this room
from delivery_house import NOW, ORDER, House, Killed, Spy
from test_deliver import house, template

__all__ = ["house", "template"]
LATER = ORDER.but(now=NOW + timedelta(hours=1))
MANAGER = {"manager": "p-01"}


def two_ways(house: House, id: str = "p-41") -> None:
    ways = [
        {"kind": "email", "address": f"{id}@canary.example", "preference": 0},
        {"kind": "apprise", "address": "ops://", "preference": 1},
    ]
    house.person(id, channels=ways)


def a_manager(house: House, **fields: object) -> None:
    house.person("p-01", email="p-01@canary.example", languages=["ar"], **fields)


async def test_what_one_way_refuses_goes_by_the_next_as_one_message_in_the_ledger(house: House) -> None:
    two_ways(house)
    house.wait("p-41")
    mail, chat = Spy(lambda person: "rejected"), Spy(name="apprise")
    [receipt] = await house.deliver(mail, chat)

    assert (receipt.status, receipt.channel, receipt.tried) == ("sent", "apprise", ("email 250",))
    [row] = notices.of_initiative(house.database, ORDER.initiative)
    assert (row.status, row.channel, row.way) == ("sent", "apprise", 1)
    [first], [second] = mail.messages, chat.messages
    assert [way.message for way in row.ways] == [first.message_id] == [f"{row.id}@jisr.invalid"]
    assert row.message_id == second.message_id == f"{row.id}.1@jisr.invalid"
    assert house.files == []


async def test_with_no_way_left_the_manager_is_asked_in_their_language_to_pass_it_on(house: House) -> None:
    two_ways(house)
    a_manager(house)
    house.wait("p-41", about=MANAGER)
    mail = Spy(lambda person: "sent" if person == "p-01" else "rejected")
    [receipt] = await house.deliver(mail, Spy(lambda person: "rejected", name="apprise"))

    assert (receipt.status, receipt.channel) == ("sent", "task")
    assert receipt.tried == ("email 250", "apprise 250")
    assert mail.given == [("p-41", "p-41@canary.example"), ("p-01", "p-01@canary.example")]
    task = mail.messages[-1]
    assert (task.person, task.language, task.subject) == ("p-01", "ar", "اتصال مطلوب")
    assert "رسائلنا لا تصل إلى" in task.text
    assert "p-41" in task.text


async def test_where_the_manager_cannot_be_written_to_either_it_is_a_task_for_the_team(house: House) -> None:
    two_ways(house)
    a_manager(house)
    roster.stop(house.database, "p-01", NOW)
    house.wait("p-41", about=MANAGER)
    [receipt] = await house.deliver(Spy(lambda person: "rejected"), Spy(lambda person: "rejected", name="apprise"))

    assert (receipt.status, receipt.channel) == ("sent", "task")
    [file] = house.files
    text = file.read_text(encoding="utf-8")
    assert text.startswith("To: tasks\n")
    assert "Our messages do not reach p-41. Please pass this on in another way:" in text


@pytest.mark.parametrize(
    ("ways", "tried"),
    [
        ([{"kind": "apprise", "address": "ops://"}], ("apprise not-configured",)),
        ([], ("nowhere no-address",)),
    ],
)
async def test_who_has_no_way_that_is_configured_is_a_task_and_the_record_says_why(
    house: House, ways: list[dict[str, str]], tried: tuple[str, ...]
) -> None:
    a_manager(house)
    house.person("p-41", channels=ways)
    house.wait("p-41", about=MANAGER)
    mail = Spy()
    [receipt] = await house.deliver(mail)

    assert (receipt.channel, receipt.tried) == ("task", tried)
    assert [person for person, _ in mail.given] == ["p-01"]


async def test_a_channel_that_is_not_configured_is_passed_over_visibly(house: House) -> None:
    ways = [{"kind": "apprise", "address": "ops://"}, {"kind": "email", "address": "p-41@canary.example"}]
    house.person("p-41", channels=[{**way, "preference": number} for number, way in enumerate(ways)])
    house.wait("p-41")
    [receipt] = await house.deliver(Spy())

    assert (receipt.channel, receipt.tried) == ("email", ("apprise not-configured",))


async def test_with_no_channel_at_all_nothing_leaves_the_machine_and_nothing_failed(house: House) -> None:
    two_ways(house)
    a_manager(house)
    house.wait("p-41", "p-99", about=MANAGER)
    receipts = await house.deliver()

    assert {(one.recipient, one.channel, one.tried) for one in receipts} == {
        ("p-41", "outbox", None),
        ("p-99", "outbox", None),
    }


async def test_a_way_that_failed_is_not_tried_again_though_the_next_one_has_to_wait(house: House) -> None:
    two_ways(house)
    house.wait("p-41")
    mail, chat = Spy(lambda person: "rejected"), Spy(lambda person: "later", name="apprise")
    with pytest.raises(ApplicationError, match="still wait"):
        await house.deliver(mail, chat)
    assert house.states == {"p-41": "waiting"}
    chat.answer = lambda person: "sent"
    [receipt] = await house.deliver(mail, chat, attempt=2)

    assert (receipt.channel, receipt.tried, len(mail.given)) == ("apprise", ("email 250",), 1)


async def test_a_worker_that_dies_on_the_second_way_leaves_a_doubt_about_that_one_only(house: House) -> None:
    two_ways(house)
    house.wait("p-41")
    mail, chat = Spy(lambda person: "rejected"), Spy(lambda person: "killed", name="apprise")
    with pytest.raises(Killed):
        await house.deliver(mail, chat)
    [receipt] = await house.deliver(mail, chat, attempt=2)

    assert (receipt.status, receipt.channel, receipt.tried) == ("unknown", "apprise", ("email 250",))
    assert (len(mail.given), len(chat.given)) == (1, 1)


# --- decided by people ------------------------------------------------------------------------------------------


async def in_doubt(house: House) -> str:
    house.person("p-41", email="p-41@canary.example")
    house.wait("p-41")
    await house.deliver(Spy(lambda person: "unknown"))
    [row] = returned.listed(house.database)
    return row.id


async def test_a_doubt_decided_as_again_goes_once_more_under_the_same_message_id(house: House) -> None:
    id = await in_doubt(house)
    assert returned.decide(house.database, id, "again", NOW)
    mail = Spy()
    [receipt] = await house.deliver(mail, order=LATER)

    assert (receipt.status, receipt.message) == ("sent", f"{id}@jisr.invalid")
    assert not returned.decide(house.database, id, "again", NOW), "what was sent stays sent"


@pytest.mark.parametrize(("decision", "state"), [("sent", "sent"), ("drop", "suppressed")])
async def test_a_doubt_decided_otherwise_is_not_sent(house: House, decision: returned.Decision, state: str) -> None:
    id = await in_doubt(house)
    assert returned.decide(house.database, id, decision, NOW)
    mail = Spy()

    assert await house.deliver(mail, order=LATER) == []
    assert (house.states, mail.given, returned.listed(house.database)) == ({"p-41": state}, [], [])


def test_a_message_is_found_by_what_its_id_begins_with(house: House) -> None:
    house.wait("p-41", "p-42")
    first, _ = notices.of_initiative(house.database, ORDER.initiative)
    assert returned.find(house.database, first.id[:8]).id == first.id
    for wrong in ("", "%", first.id[:3], "f" * 32):
        with pytest.raises(returned.NotOne):
            returned.find(house.database, wrong)


# --- what comes back --------------------------------------------------------------------------------------------


async def test_what_comes_back_hours_later_goes_by_the_next_way(house: House) -> None:
    two_ways(house)
    house.wait("p-41")
    [receipt] = await house.deliver(Spy(), Spy(name="apprise"))
    mail = receipt.message.replace("jisr.invalid", "example.org")

    [back] = returned.came_back(house.database, mail, "5.1.1", NOW, permanent=True)
    assert (back.before, house.states) == (False, {"p-41": "waiting"})
    [again] = returned.came_back(house.database, mail, "5.1.1", NOW, permanent=True)
    assert again.before
    [second] = await house.deliver(Spy(), Spy(name="apprise"), order=LATER)
    assert (second.channel, second.tried) == ("apprise", ("email 5.1.1",))
    [known] = returned.came_back(house.database, mail, "5.1.1", NOW, permanent=True)
    assert (known.before, house.states) == (True, {"p-41": "sent"})


async def test_an_address_mail_came_back_from_is_left_alone_until_the_roster_has_another(house: House) -> None:
    two_ways(house)
    house.wait("p-41")
    [receipt] = await house.deliver(Spy(), Spy(name="apprise"))
    returned.came_back(house.database, receipt.message, "5.1.1", NOW, permanent=True)
    await house.deliver(Spy(), Spy(name="apprise"), order=LATER)

    house.wait("p-41", rung=1)
    [second] = await house.deliver(Spy(), Spy(name="apprise"), order=LATER)
    assert (second.channel, second.tried) == ("apprise", ("email bounced",))
    known = roster.person(house.database, "p-41")
    assert known is not None
    moved = read_person({"id": "p-41", "zone": "Europe/Zurich", "channels": known.channels})
    assert roster.add_person(house.database, moved, NOW, update=True) == "updated"
    house.wait("p-41", rung=3)
    [still] = await house.deliver(Spy(), Spy(name="apprise"), order=LATER)
    assert still.channel == "apprise", "the address is still the same one"
    for language in (as_text, as_page):
        assert "p-41@canary.example" in language(about_person(house.database, "p-41"), NOW.date())
    new = read_person({"id": "p-41", "email": "other@canary.example"})
    roster.add_person(house.database, new, NOW, update=True)
    house.wait("p-41", rung=2)
    [third] = await house.deliver(Spy(), Spy(name="apprise"), order=LATER)
    assert (third.channel, third.tried) == ("email", None)


async def test_a_full_mailbox_costs_this_message_its_way_and_the_next_one_nothing(house: House) -> None:
    two_ways(house)
    house.wait("p-41")
    [receipt] = await house.deliver(Spy(), Spy(name="apprise"))
    returned.came_back(house.database, receipt.message, "4.2.2", NOW, permanent=False)
    house.wait("p-41", rung=1)
    receipts = await house.deliver(Spy(), Spy(name="apprise"), order=LATER)
    assert {one.rung: one.channel for one in receipts} == {0: "apprise", 1: "email"}


def test_a_mail_that_is_not_ours_changes_nothing(house: House) -> None:
    house.wait("p-41")
    for id in ("", "@", "%@%", "someone@example.org"):
        assert returned.came_back(house.database, id, "5.1.1", NOW, permanent=True) == []
    assert house.states == {"p-41": "waiting"}
