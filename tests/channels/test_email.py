"""Email against a real SMTP server that says yes, no, later, nothing, or hangs up."""

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels import line
from channels.email import EmailChannel, Server
from channels.message import Contact, Message, NotNow
from channels.wording import render
from domain.outgoing import Notice

sys.path.insert(0, str(Path(__file__).parent))
from authority import Authority

READER = Contact(person="p-41", kind="email", address="reader@example.org", language="ar", zone="Asia/Baghdad")
Answer = Callable[[SMTP], Awaitable[str]]


class Post:
    """What the server does with mail, and what it was given."""

    def __init__(self, recipient: str = "250 OK", answer: str | Answer = "250 taken", sender: str = "250 OK") -> None:
        self.recipient, self.answer, self.sender = recipient, answer, sender
        self.taken: list[EmailMessage] = []
        self.encrypted: list[bool] = []
        self.left = 0
        self.transports: list[asyncio.BaseTransport] = []

    @property
    def lines(self) -> int:
        """Return how many conversations there were."""
        return len(self.transports)

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        return AuthResult(success=given == LoginPassword(b"us", b"right"), handled=False)

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.left += 1
        return "221 Bye"

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender.startswith("250"):
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        made: Any = message_from_bytes(envelope.original_content or b"", policy=default)
        self.taken.append(made)
        self.encrypted.append(session.ssl is not None)
        return self.answer if isinstance(self.answer, str) else await self.answer(server)


class Conversation(SMTP):
    """One conversation; it greets when it pleases."""

    def __init__(self, post: Post, greets_after: float, **options: Any) -> None:
        super().__init__(post, hostname="mail.test", authenticator=post.authenticate, **options)
        self.post, self.greets_after = post, greets_after

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self.post.transports or transport.get_extra_info("sslcontext") is None:
            self.post.transports.append(transport)  # the same one shows up again when it is encrypted
        super().connection_made(transport)

    async def _handle_client(self) -> None:
        await asyncio.sleep(self.greets_after)
        await super()._handle_client()


@asynccontextmanager
async def serving(
    post: Post,
    seconds: float = 20,
    greets_after: float = 0,
    tls_context: ssl.SSLContext | None = None,
    **changes: Any,
) -> AsyncIterator[EmailChannel]:
    loop = asyncio.get_running_loop()

    def converse() -> SMTP:
        return Conversation(post, greets_after, loop=loop, tls_context=tls_context)

    server = await loop.create_server(converse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = {"host": "127.0.0.1", "port": port, "sender": "dialogues@example.org", "starttls": False} | changes
    channel = EmailChannel(Server(**made, seconds=seconds))
    try:
        yield channel
    finally:
        channel.hang_up()
        server.close()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def a_message() -> Message:
    notice = Notice.model_validate(
        {
            "initiative": "ini-7f3a", "obligation": "sign_mou:P1", "ask": "sign_mou", "act": "remind", "rung": 0,
            "recipient": "p-41", "due_at": "2026-03-31T06:00:00Z", "sensitivity": "open", "about": {"partner": "P1"},
        }
    )  # fmt: skip
    return render(notice, "ar", "Asia/Baghdad")


def a_date() -> Message:
    notice = Notice.model_validate(
        {
            "initiative": "ini-7f3a", "obligation": "note_date:S1:p-41", "ask": "note_date", "act": "tell", "rung": 0,
            "recipient": "p-41", "due_at": "2026-03-31T06:00:00Z", "sensitivity": "restricted",
            "about": {"session": "S1", "starts": "2026-06-01T10:00", "zone": "Asia/Baghdad", "moves": "0", "days": "2"},
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
    assert mail["Content-Language"] == "ar"
    assert mail["To"] == "reader@example.org"
    assert mail["Date"] == "Tue, 31 Mar 2026 09:00:00 +0300"
    assert mail["Reply-To"] == "manager@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, page = mail.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert "\u2066ini-7f3a / P1\u2069" in text.get_content()
    assert '<html lang="ar" dir="rtl">' in page.get_content()


async def test_answers_go_to_the_manager_and_so_does_the_wish_to_leave() -> None:
    post = Post()
    async with serving(post, reply_to="office@example.org") as channel:
        await channel.send(READER.but(answers_to="manager@example.org"), a_message())
        await channel.send(READER, a_message())
        await channel.send(READER.but(answers_to="manager@\r\nBcc: all@example.org"), a_message())
    assert [mail["Reply-To"] for mail in post.taken] == ["manager@example.org", *2 * ["office@example.org"]]
    assert post.taken[0]["List-Unsubscribe"] == "<mailto:manager@example.org?subject=unsubscribe>"
    assert {(mail["List-Unsubscribe-Post"], mail["Bcc"]) for mail in post.taken} == {(None, None)}


async def test_without_a_manager_the_wish_to_leave_goes_to_the_sender() -> None:
    post = Post()
    async with serving(post) as channel:
        await channel.send(READER, a_message())
    assert post.taken[0]["Reply-To"] is None
    assert post.taken[0]["List-Unsubscribe"] == "<mailto:dialogues@example.org?subject=unsubscribe>"


async def test_only_a_secure_link_may_be_left_by_with_one_click() -> None:
    post = Post()
    link = a_message().but(headers={"List-Unsubscribe": "<https://example.org/leave/x>, <mailto:us@example.org>"})
    async with serving(post) as channel:
        await channel.send(READER, link)
    assert post.taken[0].get_all("List-Unsubscribe") == ["<https://example.org/leave/x>, <mailto:us@example.org>"]
    assert post.taken[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_a_date_comes_as_an_invitation_and_as_a_file_with_a_neutral_name() -> None:
    post = Post()
    async with serving(post) as channel:
        await channel.send(READER.but(answers_to="manager@example.org"), a_date())
    [mail] = post.taken
    words, file = mail.iter_parts()
    assert [one.get_content_type() for one in words.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    last = list(words.iter_parts())[-1]
    assert (last["Content-Type"].params["method"], last.get_content_charset()) == ("REQUEST", "utf-8")
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invite.ics")
    text = last.get_content()
    assert text.splitlines() == file.get_content().decode().splitlines()
    assert "ORGANIZER:mailto:manager@example.org" in text
    assert text.count("ATTENDEE") == 1


async def test_many_messages_go_over_one_line_each_of_them_once() -> None:
    post = Post()
    async with serving(post) as channel:
        for number in range(5):
            message = a_message().but(message_id=f"{number:032x}@jisr.invalid")
            assert (await channel.send(READER, message)).status == "sent"
    assert post.lines == 1
    assert len({mail["Message-ID"] for mail in post.taken}) == 5


async def test_a_refused_address_does_not_spoil_the_line_for_the_next_one() -> None:
    post = Post(recipient="550 no such user")
    async with serving(post) as channel:
        assert (await channel.send(READER, a_message())).status == "rejected"
        post.recipient = "250 OK"
        assert (await channel.send(READER, a_message())).status == "sent"
    assert (post.lines, len(post.taken)) == (1, 1)


async def test_a_message_put_off_does_not_cost_the_line() -> None:
    post = Post(recipient="451 later")
    async with serving(post) as channel:
        with pytest.raises(NotNow):
            await channel.send(READER, a_message())
        post.recipient = "250 OK"
        assert (await channel.send(READER, a_message())).status == "sent"
    assert (post.lines, len(post.taken)) == (1, 1)


async def test_a_line_nobody_needs_is_taken_leave_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "IDLE_SECONDS", 0.05)
    post = Post()
    async with serving(post) as channel:
        await channel.send(READER, a_message())
        for _ in range(100):
            if post.left:
                break
            await asyncio.sleep(0.02)
    assert post.left == 1


async def test_a_line_carries_so_many_messages_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "MESSAGES", 2)
    post = Post()
    async with serving(post) as channel:
        for _ in range(5):
            await channel.send(READER, a_message())
    assert (post.lines, post.left, len(post.taken)) == (3, 2, 5)


async def test_a_line_the_server_gave_up_meanwhile_is_no_failure() -> None:
    post = Post()
    async with serving(post) as channel:
        await channel.send(READER, a_message())
        for transport in post.transports:
            transport.abort()
        assert (await channel.send(READER, a_message())).status == "sent"
    assert (post.lines, len(post.taken)) == (2, 2)


async def test_a_server_that_closes_for_the_night_is_not_now_for_the_whole_channel() -> None:
    async with serving(Post(recipient="421 closing")) as channel:
        with pytest.raises(NotNow, match="421") as caught:
            await channel.send(READER, a_message())
    assert caught.value.whole


async def test_a_server_that_sends_nothing_on_for_us_is_no_fault_of_the_address() -> None:
    async with serving(Post(recipient="554 5.7.1 <reader@example.org>: Relay access denied")) as channel:
        with pytest.raises(NotNow, match="host, port or login") as caught:
            await channel.send(READER, a_message())
    assert caught.value.whole
    assert "reader" not in str(caught.value)


async def test_a_slow_greeting_is_waited_for() -> None:
    post = Post()
    async with serving(post, greets_after=0.5) as channel:
        assert (await channel.send(READER, a_message())).status == "sent"
    assert len(post.taken) == 1


# --- a closed line ----------------------------------------------------------------------------------------------


async def test_a_certificate_of_an_authority_we_were_given_is_trusted(authority: Authority) -> None:
    post = Post()
    async with serving(post, tls_context=authority.context("localhost"), **authority.known) as channel:
        assert (await channel.send(READER, a_message())).status == "sent"
    assert post.encrypted == [True]


@pytest.mark.parametrize(
    ("names", "known", "why"),
    [(("localhost",), False, "self-signed|local issuer"), (("mail.example.com",), True, "match|mismatch")],
)
async def test_a_certificate_nobody_vouches_for_or_for_another_name_is_refused_in_one_sentence(
    authority: Authority, names: tuple[str, ...], known: bool, why: str
) -> None:
    post = Post()
    trusted = authority.known if known else {**authority.known, "ca_file": None}
    async with serving(post, tls_context=authority.context(*names), **trusted) as channel:
        with pytest.raises(NotNow, match=why) as caught:
            await channel.send(READER, a_message())
    sentence = str(caught.value)
    assert caught.value.whole
    assert "shows a certificate that is not trusted here" in sentence
    assert "`ca_file`" in sentence
    assert post.taken == []


async def test_a_certificate_that_has_run_out_is_refused(authority: Authority) -> None:
    async with serving(Post(), tls_context=authority.context("localhost", days=-1), **authority.known) as channel:
        with pytest.raises(NotNow, match="expired"):
            await channel.send(READER, a_message())


@pytest.mark.parametrize(("password", "sent"), [("right", True), ("wrong", False)])
async def test_a_login_is_taken_or_refused_in_one_sentence_without_the_password(
    authority: Authority, password: str, sent: bool
) -> None:
    post = Post()
    login = {"username": "us", "password": password}
    async with serving(post, tls_context=authority.context("localhost"), **authority.known, **login) as channel:
        if sent:
            assert (await channel.send(READER, a_message())).status == "sent"
            return
        with pytest.raises(NotNow, match="refused our user name or password \\(535\\)") as caught:
            await channel.send(READER, a_message())
    assert caught.value.whole
    assert "wrong" not in str(caught.value)
    assert post.taken == []


async def test_a_server_that_wants_a_login_first_says_so() -> None:
    async with serving(Post(sender="530 5.7.0 Authentication required")) as channel:
        with pytest.raises(NotNow, match="Write username and password"):
            await channel.send(READER, a_message())


@pytest.mark.parametrize(("answer", "says"), [("451 busy", "tried again by itself"), ("550 not you", "email.from")])
async def test_a_sender_that_is_put_off_or_refused_keeps_everybody_waiting(answer: str, says: str) -> None:
    async with serving(Post(sender=answer)) as channel:
        with pytest.raises(NotNow, match=says) as caught:
            await channel.send(READER, a_message())
    assert caught.value.whole


# --- what goes wrong --------------------------------------------------------------------------------------------


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
