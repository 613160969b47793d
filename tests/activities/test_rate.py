"""A channel's limit holds for all workers together; what is more waits, and nothing is dropped."""

import asyncio
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from activities.deliver import DeliverActivities
from activities.messages import Order
from channels.email import EmailChannel, Server
from channels.outbox import OutboxChannel
from channels.rate import Limit, read_limits
from storage import notices, sendings
from storage.database import open_database

sys.path.insert(0, str(Path(__file__).parent))  # delivery_house.py is shared by the tests of this room
from delivery_house import NOW, ORDER, House, Spy
from mailboxes import Mailboxes, serving
from test_deliver import house, template

__all__ = ["house", "template"]
A_MINUTE = timedelta(minutes=1)


class Worker:
    """One worker on the house's database, with a line of its own to the mail server."""

    def __init__(self, house: House, port: int, limits: str, name: str) -> None:
        self.house, self.database = house, open_database(str(house.database.url))
        self.email = EmailChannel(Server("127.0.0.1", port, "dialogues@example.org", starttls=False))
        channels = {"email": self.email, "outbox": OutboxChannel(house.folder)}
        self.activities = DeliverActivities(self.database, channels, name, limits={"email": read_limits(limits)})

    async def deliver(self, initiative: str, at: datetime) -> ApplicationError | None:
        """Deliver what waits for one initiative; return why something still does."""
        environment = self.house.environment(started=at)
        try:
            await environment.run(self.activities.deliver, Order(initiative=initiative, now=NOW))
        except ApplicationError as error:
            return error
        return None

    def close(self) -> None:
        self.email.hang_up()
        self.database.close()


async def test_two_workers_share_the_limit_of_a_mail_server_and_everything_arrives_in_the_end(house: House) -> None:
    people = [f"p-{number}" for number in range(100, 120)]
    for id in people:
        house.person(id, email=f"{id}@canary.example")
        house.wait(id)
    house.wait_in("ini-other", *people)
    async with serving(Mailboxes()) as boxes:
        workers = [Worker(house, boxes.port, "12/min", name) for name in ("worker-1", "worker-2")]
        arrived = []
        for minute in range(4):
            at = NOW + minute * timedelta(seconds=61)
            both = zip(workers, (ORDER.initiative, "ini-other"), strict=True)
            await asyncio.gather(*(worker.deliver(initiative, at) for worker, initiative in both))
            arrived.append(len(boxes.taken))
        for worker in workers:
            worker.close()
        await asyncio.sleep(0)

    assert arrived == [12, 24, 36, 40]
    assert set(Counter(to for to, _ in boxes.taken).values()) == {2}
    assert len({mail["Message-ID"] for _, mail in boxes.taken}) == 40
    assert notices.counts(house.database) == {"sent": 40}


async def test_what_is_over_the_limit_waits_says_so_and_begins_again_by_itself(house: House) -> None:
    for id in ("p-41", "p-42", "p-43"):
        house.person(id, email=f"{id}@canary.example")
    house.wait("p-41", "p-42", "p-43")
    house.person("p-44", channels=[{"kind": "phone", "address": "+9647700000000"}])
    house.wait("p-44")
    mail = Spy()
    channels = {"email": mail, "outbox": OutboxChannel(house.folder)}
    activities = DeliverActivities(house.database, channels, "worker-1", limits={"email": read_limits("1/hour")})
    began = time.monotonic()
    with pytest.raises(
        ApplicationError, match=r"2 message\(s\) of ini-7f3a still wait\. The channel email has sent"
    ) as why:
        await house.environment().run(activities.deliver, ORDER)

    assert time.monotonic() - began < 5
    assert why.value.next_retry_delay == timedelta(seconds=30)
    assert not why.value.non_retryable
    assert len(mail.given) == 1
    assert house.states == {"p-41": "sent", "p-42": "waiting", "p-43": "waiting", "p-44": "sent"}


async def test_a_moment_is_waited_for(house: House) -> None:
    house.person("p-41", email="p-41@canary.example")
    house.wait("p-41")
    limits = {"email": (Limit(1, A_MINUTE),)}
    assert sendings.take(house.database, "email", limits["email"], NOW - A_MINUTE + timedelta(milliseconds=300)) is None
    mail = Spy()
    activities = DeliverActivities(house.database, {"email": mail}, "worker-1", limits=limits)
    began = time.monotonic()
    [receipt] = await house.environment().run(activities.deliver, ORDER)
    assert (receipt.status, time.monotonic() - began >= 0.2) == ("sent", True)
