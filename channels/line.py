"""The line to a mail server: opened when needed, kept for the next message for a moment, given up on any doubt."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import aiosmtplib

from channels.message import NotNow

IDLE_SECONDS = 5.0  # servers hang up on whoever keeps silent, and a line kept is a line less for others
MESSAGES = 100  # on one line; many servers allow no more


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
    ca_file: Path | None = None  # who vouches for the server, if not the authorities this machine knows
    seconds: float = 30.0

    @property
    def place(self) -> str:
        return f"The mail server {self.host}:{self.port}"


class Line:
    """One conversation with the server and how many messages it has carried. `fresh`: none yet."""

    def __init__(self, smtp: aiosmtplib.SMTP) -> None:
        self.smtp = smtp
        self.carried = 0
        self.leave_later: asyncio.TimerHandle | None = None

    @property
    def fresh(self) -> bool:
        return self.carried == 0

    @property
    def good(self) -> bool:
        return self.smtp.is_connected and self.carried < MESSAGES

    def drop(self) -> None:
        """Hang up at once: a plain close would wait half a minute for the server's last encrypted word."""
        if self.leave_later is not None:
            self.leave_later.cancel()
        if isinstance(self.smtp.transport, asyncio.WriteTransport):
            self.smtp.transport.abort()
        self.smtp.close()

    async def leave(self) -> None:
        """Take leave and hang up."""
        with suppress(aiosmtplib.SMTPException, OSError):
            await self.smtp.quit()
        self.drop()

    async def forget(self) -> bool:
        """Let the server forget the message it was told of; return whether the line is still good."""
        with suppress(aiosmtplib.SMTPException, OSError):
            await self.smtp.rset()
        return self.good


class Lines:
    """The lines to one server. Whoever takes one has it alone; one on which anything is in doubt is dropped."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._idle: list[Line] = []
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def line(self, new: bool = False) -> AsyncIterator[Line]:
        """Give a line for one message; it is kept for the next one where that is sure to be safe. Raises: NotNow."""
        line = (None if new else self._kept()) or Line(await self._open())
        try:
            yield line
        except NotNow as why:
            if why.whole or not await line.forget():
                line.drop()
            else:
                await self._give_back(line)
            raise
        except BaseException:
            line.drop()
            raise
        await self._give_back(line)

    def hang_up(self) -> None:
        """Drop what is kept."""
        while self._idle:
            self._idle.pop().drop()

    async def _give_back(self, line: Line) -> None:
        line.carried += 1
        if not line.good:
            await line.leave()
            return
        line.leave_later = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._leave, line)
        self._idle.append(line)

    def _leave(self, line: Line) -> None:
        if line in self._idle:
            self._idle.remove(line)
            task = asyncio.get_running_loop().create_task(line.leave())
            self._leaving.add(task)  # the loop itself keeps no task alive
            task.add_done_callback(self._leaving.discard)

    def _kept(self) -> Line | None:
        loop = asyncio.get_running_loop()
        while self._idle:
            line = self._idle.pop()
            if line.good and line.smtp.loop is loop:
                if line.leave_later is not None:
                    line.leave_later.cancel()
                return line
            line.drop()
        return None

    async def _open(self) -> aiosmtplib.SMTP:
        """Return an open conversation. Raises: NotNow."""
        server = self._server
        smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=server.seconds,
            use_tls=server.tls,
            start_tls=server.starttls,
            cert_bundle=str(server.ca_file) if server.ca_file else None,
        )
        try:
            await smtp.connect()
            if server.username is not None:
                await smtp.login(server.username, server.password or "")
        except aiosmtplib.SMTPAuthenticationError as error:
            Line(smtp).drop()
            raise NotNow(_login_refused(server, error.code)) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            Line(smtp).drop()
            raise away(server, error) from None
        except asyncio.CancelledError:
            Line(smtp).drop()
            raise
        return smtp


def away(server: Server, error: Exception) -> NotNow:
    """Say why nothing can be sent now: a certificate nobody vouches for, or a server that is not there."""
    for one in (error, error.__cause__):
        if isinstance(one, ssl.SSLCertVerificationError):
            why = one.verify_message.strip().rstrip(".") or "no reason given"
            return NotNow(
                f"{server.place} shows a certificate that is not trusted here ({why}). Write in `email` of the "
                "channel file as `host` the name the certificate is for, or as `ca_file` who signed it; "
                "the messages wait."
            )
    return NotNow(
        f"{server.place} can't be used now ({type(error).__name__}). "
        "Check `email` in the channel file and that the server runs; the messages wait."
    )


def _login_refused(server: Server, code: int) -> str:
    if code in range(400, 500):
        return f"{server.place} can't check our user name and password now ({code}); the messages wait."
    return (
        f"{server.place} refused our user name or password ({code}). "
        "Correct `email` in the channel file; the messages wait."
    )
