"""Chat, SMS and webhooks through Apprise: one target, one object, one send.

Apprise does not tell a refusal from a connection that broke after the text was read, so whatever is not a clear
success is `unknown`, and nothing is sent a second time.
"""

import asyncio
import logging
import re
import warnings
from collections.abc import Mapping
from urllib.parse import quote

import apprise

from channels.message import SILENT, Contact, Delivery, Message

IN_FLIGHT = 4  # Apprise's own pool is small; what waits in it would run out of time and be delivered later
PLACE = "{address}"
ONE_ADDRESS = re.compile(r"^[A-Za-z0-9@+._-]{1,100}$")  # no comma, no slash: exactly one recipient

for noisy in ("apprise", "urllib3", "requests"):  # they log addresses, numbers, and URLs with tokens in them
    logging.getLogger(noisy).setLevel(logging.CRITICAL)


class AppriseChannel:
    """Sends through the targets of the channel file.

    A contact's address is the name of a target (`ops://`), or name and address for a target with `{address}` in
    its URL (`sms://+9647...`). Any other address is refused: the roster does not decide where we connect to.
    """

    name = "apprise"
    repeatable = False

    def __init__(self, targets: Mapping[str, str], seconds: float = 30.0) -> None:
        self._targets = dict(targets)
        self._seconds = seconds
        self._turns = asyncio.Semaphore(IN_FLIGHT)
        _warm()

    async def send(self, contact: Contact, message: Message) -> Delivery:
        url = self._url(contact.address)
        async with self._turns:
            target = apprise.Apprise(asset=apprise.AppriseAsset(storage_mode="memory", service_timeout=self._seconds))
            if url is None or not await asyncio.to_thread(target.add, url) or len(target) != 1:
                return Delivery(status="rejected", channel=self.name, code="no-target")
            result = await target.async_notify(
                body=message.text, title=message.subject, body_format=apprise.NotifyFormat.TEXT
            )
        match result.status.name:
            case "SUCCESS":
                return Delivery(status="sent", channel=self.name)
            case "NOMATCH":
                return Delivery(status="rejected", channel=self.name, code="no-target")
            case "TIMEOUT":
                return Delivery(status="unknown", channel=self.name, code=SILENT)
            case other:
                return Delivery(status="unknown", channel=self.name, code=other.lower())

    def _url(self, address: str) -> str | None:
        """Return the URL of a contact's address, or None when no target fits it."""
        name, _, rest = address.partition("://")
        url = self._targets.get(name)
        if url is None or (PLACE in url) != bool(ONE_ADDRESS.match(rest)):
            return None
        return url.replace(PLACE, quote(rest, safe="+"))


def _warm() -> None:
    """Load Apprise's plugins now and not with the first message: over a second, and one of them warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        apprise.Apprise.instantiate("json://localhost")
