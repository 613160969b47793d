"""The codec server: on this machine only, with its token only, and every reading is noted."""

import asyncio
import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToJson, Parse
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import WorkflowSerializationContext

from cli.codec_server import LOOPBACK, PAGES, Decoder, make_server
from storage import readings
from storage.database import Database, migrate, open_database
from storage.payload_codec import EncryptedPayloads
from storage.payload_keys import PayloadKeys
from tests.cli.conftest import Jisr

TOKEN = "t" * 43
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"barbel"')


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    migrate(f"sqlite:///{tmp_path / 'jisr.db'}")
    opened = open_database(f"sqlite:///{tmp_path / 'jisr.db'}")
    yield opened
    opened.close()


@pytest.fixture
def body(db: Database) -> str:
    """What Temporal's page sends: one payload of an initiative, encrypted, and one in clear."""
    codec = EncryptedPayloads(PayloadKeys(lambda: db)).with_context(
        WorkflowSerializationContext("default", "initiative/ini-1")
    )
    [sealed] = asyncio.run(codec.encode([PLAIN]))
    return MessageToJson(Payloads(payloads=[sealed, PLAIN]))


@pytest.fixture
def port(db: Database) -> Iterator[int]:
    with make_server(Decoder(db, TOKEN, "manager:1", PAGES), 0) as server:
        assert server.server_address[0] == LOOPBACK
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield int(server.server_address[1])
        server.shutdown()
        serving.join()


def ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    told = (answer.status, answer.read(), dict(answer.getheaders()))
    connection.close()
    return told


def test_with_the_token_it_decodes_and_the_reading_is_noted(port: int, db: Database, body: str) -> None:
    status, raw, headers = ask(port, "POST", f"/{TOKEN}/decode", body, Origin=PAGES[0])
    assert status == 200
    assert list(Parse(raw, Payloads()).payloads) == [PLAIN, PLAIN]
    assert headers["Access-Control-Allow-Origin"] == PAGES[0]
    [noted] = readings.readings(db)
    assert (noted.by, noted.what, noted.initiative) == ("manager:1", "payloads.decode", "ini-1")


@pytest.mark.parametrize("path", ["/decode", f"/{'u' * 43}/decode", f"/{TOKEN}/encode", f"/{TOKEN}", "/"])
def test_without_the_token_it_tells_nothing(port: int, db: Database, body: str, path: str) -> None:
    status, raw, _ = ask(port, "POST", path, body)
    assert (status, b"barbel" in raw) == (403, False)
    assert readings.readings(db) == []


def test_another_page_is_not_let_in_by_the_browser(port: int, body: str) -> None:
    for origin in ("https://elsewhere.example.org", "null"):
        _, _, headers = ask(port, "OPTIONS", f"/{TOKEN}/decode", Origin=origin)
        assert "Access-Control-Allow-Origin" not in headers


def test_what_is_no_payload_is_refused(port: int) -> None:
    assert ask(port, "POST", f"/{TOKEN}/decode", "[1, 2")[0] == 400
    assert ask(port, "GET", f"/{TOKEN}/decode")[0] == 501


def test_a_port_that_is_taken_is_said(jisr: Jisr, port: int) -> None:
    jisr("migrate")
    done = jisr("codec-server", "--port", str(port))
    assert (done.code, done.out) == (3, "")
    assert "--port" in done.err
