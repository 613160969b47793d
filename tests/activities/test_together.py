"""Several requests to one person at one time are one message; each stays a line of its own in the ledger."""

import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from activities.deliver import DeliverActivities
from channels.message import Message
from channels.outbox import OutboxChannel
from channels.wording import render_together
from domain.digest import id_of, together
from domain.outgoing import Notice
from storage import notices, returned, roster

sys.path.insert(0, str(Path(__file__).parent))  # delivery_house.py is shared by the tests of this room
from delivery_house import NOW, ORDER, DyingOutbox, House, Killed, Spy, a_notice
from test_deliver import house, template

__all__ = ["house", "template"]
ASKS = ("sign_mou", "accept_terms", "give_consent")
LINK = re.compile(r"https://answers\.example\.org/a/\w{52}")


def three(house: House, recipient: str = "p-41", sensitivity: str = "restricted", **about: str) -> list[Notice]:
    for ask in ASKS:
        house.wait(recipient, ask=ask, obligation=f"{ask}:{recipient}", sensitivity=sensitivity, about=about)
    return [one.notice for one in notices.of_initiative(house.database, ORDER.initiative)]


async def test_three_requests_go_as_one_message_and_each_is_settled_with_its_id(house: House) -> None:
    house.person("p-41", email="p-41@canary.example")
    every = three(house)
    house.wait("p-42")
    mail = Spy()
    receipts = await house.deliver(mail)

    mine = [one for one in receipts if one.recipient == "p-41"]
    assert {one.obligation for one in mine} == {f"{ask}:p-41" for ask in ASKS}
    assert {one.message for one in mine} == {f"{id_of(every)}@jisr.invalid"}
    [message] = mail.messages
    assert (message.message_id, message.ask) == (mine[0].message, "together")
    assert "This message holds 3 matters for you:" in message.text
    for number in (1, 2, 3):
        assert f"\n\n{number}. " in message.text
    assert message.text.count("Reference:") == 3
    assert len(house.files) == 1, "somebody else's is another message"


async def test_two_requests_are_enough_for_one_message(house: House) -> None:
    for who in ("p-5", "p-6"):
        house.wait("p-41", ask="review_nominee", obligation=f"review_nominee:{who}", about={"person": who})
    receipts = await house.deliver()
    assert (len(receipts), len(house.files)) == (2, 1)


async def test_requests_of_one_kind_stand_side_by_side_in_the_order_of_whom_they_are_about(house: House) -> None:
    for who in ("p-7", "p-5", "p-6"):
        for ask in ("decide_nominee", "assign_vetters"):
            house.wait("p-41", ask=ask, obligation=f"{ask}:{who}", about={"person": who})
    await house.deliver()
    [file] = house.files
    lines = [one for one in file.read_text().split("\n\n") if "Reference" in one]
    assert [one.rpartition(" ")[2] for one in lines] == ["p-5", "p-6", "p-7"] * 2
    assert len({one.partition(". ")[2].partition("\nReference")[0] for one in lines}) == 2


async def test_each_request_keeps_its_own_link(house: House) -> None:
    house.link_to("https://answers.example.org/a")
    three(house)
    await house.deliver()
    [file] = house.files
    text = file.read_text()
    assert len(set(LINK.findall(text))) == 2
    asks = [one.partition("\n")[0] for one in text.split("\n\n") if "Reference" in one]
    linked = [one[:3] for one in text.split("\n\n") if "https://" in one]
    assert [one[:3] for one in asks if "memorandum" not in one] == linked, "nothing is answered there about that one"


async def test_a_list_of_what_is_not_answered_at_a_link_has_one_link_for_language_and_stop(house: House) -> None:
    house.link_to("https://answers.example.org/a")
    for who in ("p-5", "p-6"):
        house.wait("p-41", ask="review_nominee", obligation=f"review_nominee:{who}", about={"person": who})
    await house.deliver()
    [file] = house.files
    assert len(LINK.findall(file.read_text())) == 1


@pytest.mark.parametrize(
    "apart",
    [
        {"act": "escalate"},
        {"act": "expire"},
        {"sensitivity": "open"},
        {"ask": "note_date", "act": "tell"},
        {"about": {"incident": "I1"}},
        {"about": {"alone": "yes"}},
        {"obligation": "sign_mou:p-41", "rung": 1},
        {"recipient": "p-42"},
        {"initiative": "ini-other"},
    ],
    ids=",".join,
)
def test_what_is_urgent_more_open_for_a_calendar_or_of_the_same_thing_goes_by_itself(apart: dict[str, object]) -> None:
    first = a_notice("p-41")
    other = a_notice("p-41", obligation="accept_terms:p-41", ask="accept_terms")
    assert together(first, [first, other], {"note_date"}) == (first, other)
    assert together(first, [first, other.but(**apart)], {"note_date"}) == (first,)


async def test_a_person_may_want_each_by_itself_and_change_their_mind(house: House) -> None:
    for who in ("p-41", "p-42"):
        house.person(who)
        three(house, who)
    roster.want_digests(house.database, "p-41", wanted=False)
    await house.deliver()
    assert sorted(file.read_text().partition("\n")[0] for file in house.files) == ["To: p-41"] * 3 + ["To: p-42"]

    roster.want_digests(house.database, "p-41", wanted=True)
    for ask in ASKS:
        house.wait("p-41", ask=ask, obligation=f"{ask}:p-41", rung=1)
    await house.deliver()
    assert len(house.files) == 5


async def test_an_installation_may_want_each_by_itself(house: House) -> None:
    three(house)
    outbox = {"outbox": OutboxChannel(house.folder)}
    activities = DeliverActivities(house.database, outbox, "worker-1", None, together=False)
    await house.environment().run(activities.deliver, ORDER)
    assert len(house.files) == 3


async def test_a_worker_killed_after_writing_it_leaves_one_file_and_three_lines_sent(house: House) -> None:
    three(house)
    with pytest.raises(Killed):
        await house.deliver(DyingOutbox(house.folder))
    receipts = await house.deliver(attempt=2)
    assert ([one.status for one in receipts], len(house.files)) == (["sent"] * 3, 1)


async def test_a_worker_killed_after_mailing_it_leaves_each_in_doubt_and_mails_nothing_again(house: House) -> None:
    house.person("p-41", email="p-41@canary.example")
    three(house)
    mail = Spy(lambda person: "killed")
    with pytest.raises(Killed):
        await house.deliver(mail)
    mail.answer = lambda person: "sent"
    receipts = await house.deliver(mail, attempt=2)
    assert ([one.status for one in receipts], len(mail.given)) == (["unknown"] * 3, 1)
    assert {one.message for one in receipts} == {mail.messages[0].message_id}


async def test_where_the_address_is_no_good_the_team_gets_each_as_a_task(house: House) -> None:
    house.person("p-41", email="p-41@canary.example")
    three(house)
    receipts = await house.deliver(Spy(lambda person: "rejected"))
    assert {(one.status, one.channel, one.tried) for one in receipts} == {("sent", "task", ("email 250",))}
    assert len(house.files) == 3


async def test_what_comes_back_was_all_of_them(house: House) -> None:
    house.person("p-41", email="p-41@canary.example")
    three(house)
    [receipt, *_] = await house.deliver(Spy())
    back = returned.came_back(house.database, receipt.message, "5.1.1", NOW, permanent=True)
    assert [one.before for one in back] == [False] * 3
    receipts = await house.deliver(Spy(), order=ORDER.but(now=NOW + timedelta(hours=1)))
    assert [one.channel for one in receipts] == ["task"] * 3


# --- how it reads -----------------------------------------------------------------------------------------------


def listing(language: str, number: int, sensitivity: str = "restricted") -> Message:
    asks = ("sign_mou", "accept_terms", "give_consent", "answer_invitation", "send_visa_data", "give_feedback")
    about = {"session": "S1", "starts": "2026-06-01T10:00", "zone": "Asia/Baghdad"}
    made = [
        a_notice("p-41", obligation=f"{n}:p-41", ask=asks[n % len(asks)], about=about, sensitivity=sensitivity)
        for n in range(number)
    ]
    return render_together(made, language, "Asia/Baghdad")


@pytest.mark.parametrize(
    ("language", "number", "says"),
    [
        ("en", 2, "This message holds 2 matters for you:"),
        ("ar", 2, "في هذه الرسالة أمران يخصانكم:"),
        ("ar", 3, "في هذه الرسالة \u20663\u2069 أمور تخصكم:"),
        ("ar", 11, "في هذه الرسالة \u206611\u2069 أمرًا يخصكم:"),
        ("ckb", 2, "لەم نامەیەدا \u20662\u2069 بابەت بۆ ئێوە هەیە:"),
    ],
)
def test_the_number_stands_in_the_form_the_language_has_for_it(language: str, number: int, says: str) -> None:
    message = listing(language, number)
    assert says in message.text
    assert message.direction == ("ltr" if language == "en" else "rtl")
    assert f'dir="{message.direction}"' in message.html


@pytest.mark.parametrize("language", ["en", "ar", "ckb"])
def test_a_subject_says_no_more_than_that_of_one_request(language: str) -> None:
    subjects = {sensitivity: listing(language, 2, sensitivity).subject for sensitivity in ("discreet", "quiet")}
    alone = {s: render_together([a_notice("p-41", sensitivity=s)], language, "UTC").subject for s in subjects}
    assert subjects == alone
    assert "S1" not in listing(language, 2, "quiet").text
