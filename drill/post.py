"""A mail server that takes mail, and on demand falls silent, refuses for now, or hangs up after the mail."""

import asyncio
import re
from collections import Counter

from aiosmtpd.smtp import SMTP, Envelope, Session

ID = re.compile(rb"^Message-ID: <([^>]+)>\r?$", re.MULTILINE | re.IGNORECASE)


class Post:
    """`mood` is `well`, `silent` (no answer to a mail), `busy` (451) or `rude` (takes the mail, then hangs up)."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()  # by Message-ID
        self.mood = "well"
        self.port = 0
        self._server: asyncio.Server | None = None
        self._calls: list[SMTP] = []

    async def start(self, host: str) -> None:
        loop = asyncio.get_running_loop()

        def picks_up() -> SMTP:
            self._calls.append(SMTP(self, hostname="mail.test", loop=loop))
            return self._calls[-1]

        self._server = await loop.create_server(picks_up, host, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mood = self.mood
        if mood == "busy":
            return "451 later"
        for id in ID.findall(envelope.original_content or b""):
            self.taken[id.decode()] += 1
        if mood == "silent":
            while self.mood == "silent":  # noqa: ASYNC110  a drill's moods have no event
                await asyncio.sleep(0.05)
        if mood == "rude" and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "250 taken"

    async def close(self) -> None:
        self.mood = "well"
        if self._server is not None:
            self._server.close()
        for call in self._calls:  # who called over a line that is cut never hangs up
            if isinstance(call.transport, asyncio.WriteTransport):
                call.transport.abort()
        await asyncio.sleep(0)  # the loop lets go of them in its next round
