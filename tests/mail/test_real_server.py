"""Email through a real mail server on this machine: what a channel file says, up to what lies in the mailbox."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import pytest_asyncio

from channels.bounces import read_bounce
from channels.catalogue import LANGUAGES
from channels.config import open_channels
from channels.email import EmailChannel
from channels.message import Contact, Message, NotNow
from channels.wording import render
from domain.outgoing import Notice

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "channels"))
from authority import Authority
from post_office import PASSWORD, SENDER, USER, PostOffice, missing

pytestmark = [pytest.mark.mail, pytest.mark.xdist_group("mail"), pytest.mark.skipif(bool(missing()), reason=missing())]

DUE = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def office(authority: Authority) -> Iterator[PostOffice]:
    made = PostOffice(*authority.certificate("localhost"))
    made.start()
    yield made
    made.remove()


@pytest.fixture
def given(office: PostOffice, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a channel file says of this server."""
    office.clear()
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    return {
        "host": "localhost",
        "port": office.port,
        "from": SENDER,
        "username": USER,
        "password": "{env: SMTP_PASSWORD}",
        "ca_file": authority.file,
        "seconds": 20,
    }


@pytest_asyncio.fixture
async def channel(given: dict[str, Any], tmp_path: Path) -> AsyncIterator[EmailChannel]:
    made = opened(given, tmp_path)
    yield made
    made.hang_up()
    await asyncio.sleep(0)  # lets the loop close the sockets


def opened(given: dict[str, Any], folder: Path) -> EmailChannel:
    file = folder / "channels.yaml"
    file.write_text("email:\n" + "".join(f"  {name}: {value}\n" for name, value in given.items()))
    made = open_channels(file, folder)["email"]
    assert isinstance(made, EmailChannel)
    return made


def to(address: str, **changes: str) -> Contact:
    return Contact(person="p-41", kind="email", address=address, answers_to="manager@example.org").but(**changes)


def a_date(language: str = "en", number: int = 0) -> Message:
    about = {"session": f"S{number}", "starts": "2026-06-01T10:00", "zone": "Asia/Baghdad", "moves": "0", "days": "1"}
    notice = Notice(
        initiative="ini-7f3a", obligation=f"note_date:S{number}:p-41", ask="note_date", act="tell", rung=0,
        recipient=f"p-{language}", due_at=DUE + timedelta(minutes=number), sensitivity="discreet", about=about,
    )  # fmt: skip
    return render(notice, language, "Asia/Baghdad")


async def test_a_message_in_each_language_arrives_whole_over_a_closed_line(
    office: PostOffice, channel: EmailChannel
) -> None:
    messages = {language: a_date(language) for language in LANGUAGES}
    for language, message in messages.items():
        assert (await channel.send(to(f"{language}@example.net"), message)).status == "sent"
    for mail in office.wait_for(len(LANGUAGES)):
        message = messages[mail["Content-Language"]]
        assert mail["Received"].count("with esmtpsa") == 1  # encrypted, and with a login
        assert mail.get_all("Message-ID") == [f"<{message.message_id.partition('@')[0]}@example.org>"]
        assert mail["Subject"] == message.subject
        assert (mail["Reply-To"], mail["To"]) == ("manager@example.org", f"{message.language}@example.net")
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["List-Unsubscribe"] == "<mailto:manager@example.org?subject=unsubscribe>"
        text, page, calendar = next(mail.iter_parts()).iter_parts()
        assert text.get_content().splitlines() == message.text.splitlines()
        assert page.get_content().splitlines() == message.html.splitlines()
        [event] = icalendar.Calendar.from_ical(calendar.get_content()).walk("VEVENT")
        assert event["DTSTART"].dt.isoformat() == "2026-06-01T10:00:00+03:00"
        assert event["ATTENDEE"] == f"mailto:{message.language}@example.net"


async def test_a_hundred_and_twenty_messages_are_a_hundred_and_twenty_mails(
    office: PostOffice, channel: EmailChannel
) -> None:
    for number in range(120):
        assert (await channel.send(to("reader@example.net"), a_date(number=number))).status == "sent"
    mails = office.wait_for(120, seconds=90)
    assert len({mail["Message-ID"] for mail in mails}) == 120


async def test_an_address_nobody_has_is_rejected_and_one_that_is_busy_waits(
    office: PostOffice, channel: EmailChannel
) -> None:
    refused = await channel.send(to("nobody@example.net"), a_date())
    assert (refused.status, refused.code) == ("rejected", "550")
    with pytest.raises(NotNow, match="451") as caught:
        await channel.send(to("later@example.net"), a_date())
    assert not caught.value.whole
    assert (await channel.send(to("reader@example.net"), a_date())).status == "sent"
    office.wait_for(1)


async def test_a_server_that_sends_nothing_on_is_about_us_and_not_about_the_address(channel: EmailChannel) -> None:
    with pytest.raises(NotNow, match="sends no mail on for us") as caught:
        await channel.send(to("reader@elsewhere.example"), a_date())
    assert caught.value.whole


async def test_a_wrong_password_is_one_sentence(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "battery staple")
    with pytest.raises(NotNow, match=r"refused our user name or password \(535\)") as caught:
        await opened(given, tmp_path).send(to("reader@example.net"), a_date())
    assert "staple" not in str(caught.value)


@pytest.mark.parametrize("change", ["unknown authority", "other name"])
async def test_a_server_that_is_not_the_one_it_says_gets_neither_password_nor_message(
    office: PostOffice, given: dict[str, Any], tmp_path: Path, change: str
) -> None:
    wrong = {name: value for name, value in given.items() if name != "ca_file"}
    if change == "other name":
        wrong = {**given, "host": "127.0.0.1"}  # the certificate is for localhost
    before = office.said().count(USER)
    with pytest.raises(NotNow, match="shows a certificate that is not trusted here"):
        await opened(wrong, tmp_path).send(to("reader@example.net"), a_date())
    assert office.said().count(USER) == before  # it was not even told who we are
    assert office.box == []


async def test_a_mail_that_comes_back_is_read_as_a_bounce_of_that_message(
    office: PostOffice, channel: EmailChannel
) -> None:
    message = a_date(number=7)
    assert (await channel.send(to("gone@example.net"), message)).status == "sent"
    [report] = office.wait_for(1)
    bounce = read_bounce(report.as_bytes())
    assert bounce is not None
    assert bounce.message_id.partition("@")[0] == message.message_id.partition("@")[0]
    assert (bounce.permanent, bounce.code[0]) == (True, "5")
    assert message.text not in report.as_string()  # only its head came back


async def test_a_server_that_is_away_keeps_messages_waiting_and_gets_them_later(
    office: PostOffice, channel: EmailChannel
) -> None:
    office.stop()
    with pytest.raises(NotNow, match="the messages wait") as caught:
        await channel.send(to("reader@example.net"), a_date())
    assert caught.value.whole
    office.start()
    assert (await channel.send(to("reader@example.net"), a_date())).status == "sent"
    office.wait_for(1)
