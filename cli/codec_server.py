"""`jisr codec-server`: lets Temporal's own page, or its command line, show what is kept encrypted. Off by default.

It listens on this machine only and answers nobody without the token, which stands in the address. Every decoding is
written into the list of readings before it is answered.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Annotated

import typer

from cli import doors, output
from errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from temporalio.api.common.v1 import Payload

    from storage.database import Database

LOOPBACK = "127.0.0.1"
MOST = 20_000_000  # bytes of one request
PAGES = ("http://127.0.0.1:8233", "http://localhost:8233")


class Decoder:
    """Decodes for one token, and notes every reading first."""

    def __init__(self, db: Database, token: str, actor: str, pages: Sequence[str]) -> None:
        from storage.payload_codec import EncryptedPayloads
        from storage.payload_keys import PayloadKeys

        self._db, self._token, self._actor = db, token, actor
        self.pages = tuple(pages)
        self._codec = EncryptedPayloads(PayloadKeys(lambda: db), writes=False)

    def admits(self, path: str) -> bool:
        """Tell whether an address is that of `decode` under the token."""
        return hmac.compare_digest(path.encode(), f"/{self._token}/decode".encode())

    def decode(self, body: bytes) -> bytes:
        """Return Temporal's JSON of payloads, decoded. Raises: ValueError for another body, DatabaseAway."""
        from google.protobuf.json_format import MessageToJson, Parse, ParseError
        from temporalio.api.common.v1 import Payloads

        try:
            given = Parse(body, Payloads())
        except ParseError:
            raise ValueError("not payloads") from None
        self._note(given.payloads)
        decoded = asyncio.run(self._codec.decode(list(given.payloads)))
        return MessageToJson(Payloads(payloads=decoded)).encode()

    def _note(self, payloads: Sequence[Payload]) -> None:
        from storage import readings

        now, of = datetime.now(UTC), sorted({one.metadata.get("jisr-key", b"").decode() for one in payloads} - {""})
        for owner in of:
            kind, _, id = owner.partition(":")
            initiative = id if kind == "initiative" else None
            readings.note(self._db, readings.Reading(now, self._actor, "payloads.decode", initiative))


def make_server(decoder: Decoder, port: int) -> ThreadingHTTPServer:
    """Return a server on this machine only; port 0 takes a free one. Raises: OSError."""

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:
            self._answer(204, b"")

        def do_POST(self) -> None:
            from storage.away import DatabaseAway

            length = self.headers.get("Content-Length", "")
            if not decoder.admits(self.path):
                self._answer(403, b'{"message": "Not with this address."}')
            elif not length.isdigit() or int(length) > MOST:
                self._answer(413, b'{"message": "Too large."}')
            else:
                try:
                    self._answer(200, decoder.decode(self.rfile.read(int(length))))
                except ValueError:
                    self._answer(400, b'{"message": "These are no payloads."}')
                except DatabaseAway:
                    self._answer(503, b'{"message": "The keys cannot be read now. See `jisr doctor`."}')

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            origin = self.headers.get("Origin", "")
            if origin in decoder.pages:
                self.send_header("Access-Control-Allow-Origin", origin)
                self.send_header("Access-Control-Allow-Methods", "POST")
                self.send_header("Access-Control-Allow-Headers", "content-type,x-namespace,authorization")
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the address holds the token."""

    return ThreadingHTTPServer((LOOPBACK, port), Handler)


def codec_server(
    port: Annotated[int, typer.Option(min=0, max=65535, help="On this machine only.")] = 8081,
    page: Annotated[
        list[str] | None, typer.Option(metavar="URL", help="Whose page may ask; default Temporal's on this machine.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="WHO", help="Who reads; it is noted each time.")] = None,
) -> int:
    """Let Temporal's own page show what is kept encrypted, until Ctrl-C; each reading is noted (`jisr audit reads`)."""
    own = doors.settings()
    token = secrets.token_urlsafe(32)
    with doors.database(own) as db:
        db.keyring.keys()  # without them there is nothing to decode, which is said now
        try:
            server = make_server(Decoder(db, token, by or own.actor, page or PAGES), port)
        except OSError as error:
            raise Unavailable(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.") from None
        output.text(f"http://{LOOPBACK}:{server.server_address[1]}/{token}")
        output.say("Give this address to Temporal's page as its codec server, or to `temporal --codec-endpoint`.")
        output.say("It is good until this command ends. Whoever has it reads everything: tell it to nobody.")
        with server:
            server.serve_forever()
    return 0


def add_to(main: typer.Typer) -> None:
    main.command("codec-server")(codec_server)
