"""Email by SMTP, one message a conversation, so that we know how far it came and what the server said."""

import re
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import NamedTuple

import aiosmtplib

from channels.message import SILENT, Contact, Delivery, Message, NotNow, at_domain

RETRY_LATER = range(400, 500)
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
NOT_PLAIN = re.compile(r"[^\x21-\x7e]")


class Server(NamedTuple):
    """The mail server and who we are to it. `seconds` is the patience with each of its answers."""

    host: str
    port: int
    sender: str
    reply_to: str | None = None
    starttls: bool | None = None  # None: when the server offers it
    tls: bool = False
    username: str | None = None
    password: str | None = None
    domain: str | None = None  # of message ids; the sender's own when not given
    seconds: float = 30.0


class EmailChannel:
    """Sends email. Before the text is handed over a failure means "not sent"; after that, "unknown"."""

    name = "email"
    repeatable = False

    def __init__(self, server: Server) -> None:
        self._server = server

    async def send(self, contact: Contact, message: Message) -> Delivery:
        try:
            mail = self._compose(contact, message).as_bytes()
        except (MessageError, ValueError, IndexError):
            return self._said("rejected", "bad-address")
        smtp = await self._connect()
        try:
            refused = await self._envelope(smtp, contact.address)
            return refused or await self._hand_over(smtp, mail)
        finally:
            smtp.close()

    def _compose(self, contact: Contact, message: Message) -> EmailMessage:
        """Return the mail: plain text first, then the same as a page that knows its direction."""
        server = self._server
        if NOT_PLAIN.search(contact.address):
            raise ValueError("an address that needs SMTPUTF8 or holds a line break")
        to = Address(addr_spec=contact.address)
        sender = Address(addr_spec=server.sender)
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"], mail["To"], mail["Subject"] = sender, to, message.subject
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{at_domain(message.message_id, server.domain or sender.domain)}>"
        mail["Content-Language"] = message.language
        if server.reply_to:
            mail["Reply-To"] = Address(addr_spec=server.reply_to)
        for name, value in {**AUTOMATIC, **message.headers}.items():
            mail[name] = value
        mail.set_content(message.text, cte="quoted-printable")
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
        return mail

    async def _connect(self) -> aiosmtplib.SMTP:
        """Return an open conversation. Raises: NotNow."""
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.seconds,
            use_tls=server.tls,
            start_tls=server.starttls,
            username=server.username,
            password=server.password,
        )
        try:
            await smtp.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            raise NotNow(
                f"The mail server {server.host}:{server.port} refused our user name or password ({error.code}). "
                "Correct `email` in the channel file; the messages wait."
            ) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise self._away(error) from None
        return smtp

    async def _envelope(self, smtp: aiosmtplib.SMTP, address: str) -> Delivery | None:
        """Say who sends and who receives; return a refusal. Raises: NotNow."""
        try:
            await smtp.mail(self._server.sender)
        except aiosmtplib.SMTPResponseException as error:
            raise NotNow(
                f"The mail server {self._server.host}:{self._server.port} does not take mail from our sender "
                f"({error.code}). Correct `email.from` in the channel file; the messages wait."
            ) from None
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._away(error) from None
        try:
            await smtp.rcpt(address)
        except aiosmtplib.SMTPResponseException as error:
            if error.code in RETRY_LATER:
                raise self._later(error.code) from None
            return self._said("rejected", str(error.code))
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._away(error) from None
        return None

    async def _hand_over(self, smtp: aiosmtplib.SMTP, mail: bytes) -> Delivery:
        """Hand the text over. From here on only the server's own answer is certain. Raises: NotNow."""
        try:
            response = await smtp.data(mail)
        except aiosmtplib.SMTPTimeoutError:
            return self._said("unknown", SILENT)
        except aiosmtplib.SMTPServerDisconnected:
            return self._said("unknown", "dropped")
        except aiosmtplib.SMTPResponseException as error:
            if error.code in RETRY_LATER:
                raise self._later(error.code) from None
            return self._said("rejected", str(error.code))
        except (aiosmtplib.SMTPException, OSError):
            return self._said("unknown", "broken")
        with suppress(aiosmtplib.SMTPException, OSError):
            await smtp.quit()  # the message is taken already
        return self._said("sent", str(response.code))

    def _said(self, status: str, code: str) -> Delivery:
        return Delivery.model_validate({"status": status, "channel": self.name, "code": code})

    def _away(self, error: Exception) -> NotNow:
        return NotNow(
            f"The mail server {self._server.host}:{self._server.port} can't be used now ({type(error).__name__}). "
            "Check `email` in the channel file and that the server runs; the messages wait."
        )

    def _later(self, code: int) -> NotNow:
        return NotNow(f"The mail server put a message off ({code}); it is tried again by itself.", whole=False)
