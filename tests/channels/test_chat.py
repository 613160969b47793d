"""Chat through Apprise, against a real webhook on this machine."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from channels.chat import AppriseChannel
from channels.message import Contact, Message
from channels.wording import render
from domain.outgoing import Notice


class Hook:
    """A webhook: keeps what it is told and answers as it is set to."""

    def __init__(self) -> None:
        self.code, self.told, self.paths = 200, list[dict[str, Any]](), list[str]()
        self.speak = threading.Event()
        self.speak.set()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                hook.paths.append(self.path)
                hook.speak.wait(10)
                self.send_response(hook.code)
                self.end_headers()

            def log_message(self, *given: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield made
    made.speak.set()
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def to(address: str) -> Contact:
    return Contact(person="p-41", kind="apprise", address=address, language="ckb")


def a_message() -> Message:
    notice = Notice.model_validate(
        {
            "initiative": "ini-7f3a", "obligation": "sign_mou:P1", "ask": "sign_mou", "act": "remind", "rung": 0,
            "recipient": "p-41", "due_at": "2026-03-31T06:00:00Z", "sensitivity": "restricted",
        }
    )  # fmt: skip
    return render(notice, "ckb", "Asia/Baghdad")


async def test_a_message_reaches_its_target_with_its_lines_as_they_are(hook: Hook) -> None:
    delivery = await AppriseChannel({"ops": hook.url}).send(to("ops://"), a_message())
    assert (delivery.status, delivery.channel) == ("sent", "apprise")
    [told] = hook.told
    assert told["title"] == "نامەیەک بۆ ئێوە"
    assert told["message"] == a_message().text


async def test_an_address_is_put_into_the_target_that_has_a_place_for_it(hook: Hook) -> None:
    channel = AppriseChannel({"sms": hook.url + "/{address}"})
    assert (await channel.send(to("sms://+9647700000000"), a_message())).status == "sent"
    assert hook.paths[0].endswith("+9647700000000")


@pytest.mark.parametrize(
    "address", ["", "ops", "nobody://", "ops://somebody", "sms://", "sms://a,b", "json://127.0.0.1/own", "bad://"]
)
async def test_an_address_that_fits_no_target_is_rejected_and_nothing_is_sent(hook: Hook, address: str) -> None:
    channel = AppriseChannel({"ops": hook.url, "sms": hook.url + "/{address}", "bad": "nonsense"})
    delivery = await channel.send(to(address), a_message())
    assert delivery.code == "no-target" or address == "ops"  # `ops` alone names the target, too
    assert len(hook.told) == (1 if address == "ops" else 0)


async def test_a_failure_is_unknown_because_nobody_can_tell_how_far_it_came(hook: Hook) -> None:
    hook.code = 500
    delivery = await AppriseChannel({"ops": hook.url}).send(to("ops://"), a_message())
    assert (delivery.status, delivery.code) == ("unknown", "failure")


async def test_running_out_of_time_is_unknown(hook: Hook) -> None:
    hook.speak.clear()
    delivery = await AppriseChannel({"ops": hook.url}, seconds=0.3).send(to("ops://"), a_message())
    hook.speak.set()
    assert (delivery.status, delivery.code) == ("unknown", "timeout")


async def test_neither_apprise_nor_what_it_stands_on_logs_where_it_connects(
    hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook.code = 500
    await AppriseChannel({"ops": hook.url + "/canary"}).send(to("ops://"), a_message())
    assert len(hook.told) == 1
    assert "canary" not in caplog.text
