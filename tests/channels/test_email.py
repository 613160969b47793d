"""Email against a real SMTP server that says yes, no, later, nothing, or hangs up."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.email import EmailChannel, Server
from channels.message import Contact, Message, NotNow
from channels.wording import render
from domain.outgoing import Notice

READER = Contact(person="p-41", kind="email", address="reader@example.org", language="ar", zone="Asia/Baghdad")
Answer = Callable[[SMTP], Awaitable[str]]


class Post:
    """What the server does with mail, and what it was given."""

    def __init__(self, recipient: str = "250 OK", answer: str | Answer = "250 taken") -> None:
        self.recipient, self.answer = recipient, answer
        self.taken: list[EmailMessage] = []

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        made: Any = message_from_bytes(envelope.original_content or b"", policy=default)
        self.taken.append(made)
        return self.answer if isinstance(self.answer, str) else await self.answer(server)


@asynccontextmanager
async def serving(post: Post, seconds: float = 20, **changes: Any) -> AsyncIterator[EmailChannel]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(post, hostname="mail.test", loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = {"host": "127.0.0.1", "port": port, "sender": "dialogues@example.org", "starttls": False} | changes
    try:
        yield EmailChannel(Server(**made, seconds=seconds))
    finally:
        server.close()


def a_message() -> Message:
    notice = Notice.model_validate(
        {
            "initiative": "ini-7f3a", "obligation": "sign_mou:P1", "ask": "sign_mou", "act": "remind", "rung": 0,
            "recipient": "p-41", "due_at": "2026-03-31T06:00:00Z", "sensitivity": "open", "about": {"partner": "P1"},
        }
    )  # fmt: skip
    return render(notice, "ar", "Asia/Baghdad")


async def test_mail_arrives_as_text_and_page_with_one_message_id_and_its_direction() -> None:
    post = Post()
    async with serving(post, reply_to="manager@example.org") as channel:
        delivery = await channel.send(READER, a_message())
    assert (delivery.status, delivery.code, delivery.channel) == ("sent", "250", "email")
    [mail] = post.taken
    assert mail.get_all("Message-ID") == [f"<{a_message().message_id.partition('@')[0]}@example.org>"]
    assert mail["Subject"] == "طلب: مذكرة تفاهم"
    assert mail["To"] == "reader@example.org"
    assert mail["Date"] == "Tue, 31 Mar 2026 09:00:00 +0300"
    assert mail["Reply-To"] == "manager@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert "\u2066ini-7f3a / P1\u2069" in text.get_content()
    assert '<html lang="ar" dir="rtl">' in page.get_content()


async def test_an_address_the_server_does_not_know_is_rejected() -> None:
    async with serving(Post(recipient="550 no such user")) as channel:
        delivery = await channel.send(READER, a_message())
    assert (delivery.status, delivery.code) == ("rejected", "550")


async def test_a_text_the_server_refuses_is_rejected() -> None:
    async with serving(Post(answer="554 looks like spam")) as channel:
        delivery = await channel.send(READER, a_message())
    assert (delivery.status, delivery.code) == ("rejected", "554")


@pytest.mark.parametrize("post", [Post(recipient="451 try later"), Post(answer="451 try later")], ids=["rcpt", "data"])
async def test_later_is_not_now_and_says_nothing_of_the_address(post: Post) -> None:
    async with serving(post) as channel:
        with pytest.raises(NotNow, match="451") as caught:
            await channel.send(READER, a_message())
    assert not caught.value.whole
    assert "reader" not in str(caught.value)


async def test_a_connection_lost_after_the_text_is_unknown() -> None:
    async def hang_up(server: SMTP) -> str:
        server.transport.close()
        return "250 never said"

    async with serving(Post(answer=hang_up)) as channel:
        delivery = await channel.send(READER, a_message())
    assert (delivery.status, delivery.code) == ("unknown", "dropped")


async def test_a_server_silent_after_the_text_is_unknown() -> None:
    heard = asyncio.Event()

    async def silence(server: SMTP) -> str:
        await heard.wait()
        return "250 too late"

    async with serving(Post(answer=silence), seconds=1) as channel:
        delivery = await channel.send(READER, a_message())
        heard.set()
    assert (delivery.status, delivery.code) == ("unknown", "timeout")


async def test_a_server_that_is_not_there_is_not_now_for_the_whole_channel() -> None:
    with socket.socket() as closed:  # bound, but nobody listens
        closed.bind(("127.0.0.1", 0))
        channel = EmailChannel(Server("127.0.0.1", closed.getsockname()[1], "dialogues@example.org"))
        with pytest.raises(NotNow, match="can't be used now") as caught:
            await channel.send(READER, a_message())
    assert caught.value.whole


async def test_a_server_that_never_greets_is_not_now() -> None:
    with socket.socket() as mute:  # the system takes the connection, nobody speaks
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        channel = EmailChannel(Server("127.0.0.1", mute.getsockname()[1], "dialogues@example.org", seconds=0.2))
        with pytest.raises(NotNow, match="the messages wait"):
            await channel.send(READER, a_message())


async def test_a_server_without_starttls_gets_nothing_when_we_insist_on_it() -> None:
    post = Post()
    async with serving(post, starttls=True) as channel:
        with pytest.raises(NotNow):
            await channel.send(READER, a_message())
    assert post.taken == []


@pytest.mark.parametrize("address", ["", "no-at-sign", "a@b\r\nBcc: all@example.org", "a@b, c@d", "ali@مثال.example"])
async def test_an_address_that_is_none_is_rejected_before_anything_is_sent(address: str) -> None:
    post = Post()
    async with serving(post) as channel:
        delivery = await channel.send(READER.but(address=address), a_message())
    assert (delivery.status, delivery.code) == ("rejected", "bad-address")
    assert post.taken == []
