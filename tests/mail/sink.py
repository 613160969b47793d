"""A mail server that takes everything and writes down the id of each mail: `python sink.py FILE`; prints its port."""

import asyncio
import re
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

ID = re.compile(rb"^Message-ID: <([^>]+)>\r?$", re.MULTILINE | re.IGNORECASE)


class Sink:
    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        ids = ID.findall(envelope.original_content or b"")
        self._file.write(" ".join(one.decode() for one in ids) + "\n")
        return "250 taken"


async def main(file: Path) -> None:
    loop = asyncio.get_running_loop()
    sink = Sink(file)
    server = await loop.create_server(lambda: SMTP(sink, hostname="mail.test", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
