"""Email by SMTP, step by step, so that we know how far each message came and what the server said."""

import re
from email.errors import MessageError

import aiosmtplib

from channels.letter import letter
from channels.line import Line, Lines, Server, away
from channels.message import SILENT, Contact, Delivery, Message, NotNow

RETRY_LATER = range(400, 500)
CLOSING = 421
LOGIN_FIRST = 530
RELAY = re.compile(r"\brelay", re.IGNORECASE)  # what every server says to whom it will not send for
__all__ = ["EmailChannel", "Server"]


class LineLost(Exception):
    """A line that was kept broke before the text was handed over: the same message goes over a new one."""


class EmailChannel:
    """Sends email. Before the text is handed over a failure means "not sent"; after that, "unknown"."""

    name = "email"
    repeatable = False

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lines = Lines(server)

    async def send(self, contact: Contact, message: Message) -> Delivery:
        server = self._server
        try:
            mail = letter(contact, message, server.sender, server.domain or "", server.reply_to or "")
        except (MessageError, ValueError, IndexError):
            return self._said("rejected", "bad-address")
        try:
            return await self._over(contact.address, mail)
        except LineLost:
            return await self._over(contact.address, mail, new=True)

    def hang_up(self) -> None:
        """Close what lines are kept."""
        self._lines.hang_up()

    async def _over(self, address: str, mail: bytes, new: bool = False) -> Delivery:
        """Send one mail over one line. Raises: NotNow, LineLost."""
        async with self._lines.line(new) as line:
            try:
                await self._sender(line)
                refused = await self._recipient(line, address)
            except (aiosmtplib.SMTPException, OSError) as error:
                raise self._lost(line, error) from None
            return refused or await self._hand_over(line, mail)

    async def _sender(self, line: Line) -> None:
        """Say who sends. Raises: NotNow."""
        server = self._server
        options = ["RET=HDRS"] if line.smtp.supports_extension("dsn") else []  # a bounce returns no text
        try:
            await line.smtp.mail(server.sender, options=options)
        except aiosmtplib.SMTPResponseException as error:
            if error.code == CLOSING and not line.fresh:
                raise LineLost from None
            if error.code in RETRY_LATER:
                raise self._later(error.code, whole=True) from None
            if error.code == LOGIN_FIRST:
                raise NotNow(
                    f"{server.place} wants a login first ({error.code}). "
                    "Write username and password into `email` of the channel file; the messages wait."
                ) from None
            raise NotNow(
                f"{server.place} does not take mail from our sender ({error.code}). "
                "Correct `email.from` in the channel file; the messages wait."
            ) from None

    async def _recipient(self, line: Line, address: str) -> Delivery | None:
        """Say who receives; return a refusal. Raises: NotNow."""
        try:
            await line.smtp.rcpt(address)
        except aiosmtplib.SMTPResponseException as error:
            if error.code in RETRY_LATER:
                raise self._later(error.code, whole=error.code == CLOSING) from None
            if RELAY.search(error.message):  # that is about us, not about the address
                raise NotNow(
                    f"{self._server.place} sends no mail on for us ({error.code}). "
                    "Correct `email` in the channel file: host, port or login; the messages wait."
                ) from None
            await line.forget()  # a server that hangs up instead is as clear
            return self._said("rejected", str(error.code))
        return None

    async def _hand_over(self, line: Line, mail: bytes) -> Delivery:
        """Hand the text over. From here on only the server's own answer is certain. Raises: NotNow."""
        try:
            response = await line.smtp.data(mail)
        except aiosmtplib.SMTPResponseException as error:
            if error.code in RETRY_LATER:
                raise self._later(error.code, whole=error.code == CLOSING) from None
            return self._said("rejected", str(error.code))
        except aiosmtplib.SMTPTimeoutError:
            return self._doubt(line, SILENT)
        except aiosmtplib.SMTPServerDisconnected:
            return self._doubt(line, "dropped")
        except (aiosmtplib.SMTPException, OSError):
            return self._doubt(line, "broken")
        return self._said("sent", str(response.code))

    def _doubt(self, line: Line, code: str) -> Delivery:
        line.drop()
        return self._said("unknown", code)

    def _said(self, status: str, code: str) -> Delivery:
        return Delivery.model_validate({"status": status, "channel": self.name, "code": code})

    def _lost(self, line: Line, error: Exception) -> Exception:
        """Return what to raise for a line that broke before the text: a kept one may simply have grown old."""
        old = isinstance(error, aiosmtplib.SMTPServerDisconnected) and not line.fresh
        return LineLost() if old else away(self._server, error)

    def _later(self, code: int, whole: bool = False) -> NotNow:
        return NotNow(f"The mail server put a message off ({code}); it is tried again by itself.", whole=whole)
