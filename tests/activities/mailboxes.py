"""A real SMTP server inside the test: it refuses whom it is told to, and keeps what it takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailboxes:
    """What was taken for whom. `refused`: addresses nobody has; `dropped`: where the line breaks after the text."""

    def __init__(self, *refused: str, dropped: tuple[str, ...] = ()) -> None:
        self.refused, self.dropped = set(refused), set(dropped)
        self.taken: list[tuple[str, EmailMessage]] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        [to] = envelope.rcpt_tos
        if to in self.dropped:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "250 never heard"
        made: Any = message_from_bytes(envelope.original_content or b"", policy=default)
        self.taken.append((to, made))
        return "250 taken"

    def of(self, address: str) -> list[EmailMessage]:
        return [mail for to, mail in self.taken if to == address]


@asynccontextmanager
async def serving(boxes: Mailboxes) -> AsyncIterator[Mailboxes]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(boxes, hostname="mail.test", loop=loop), "127.0.0.1", 0)
    boxes.port = server.sockets[0].getsockname()[1]
    try:
        yield boxes
    finally:
        server.close()
        await server.wait_closed()
