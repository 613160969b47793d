"""What the tests of delivery stand on: a real database, an outbox folder, and channels on a bad day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.testing import ActivityEnvironment

from activities.deliver import DeliverActivities
from activities.links import LinkWriter
from activities.messages import Order, Receipt
from channels.message import SILENT, Channel, Contact, Delivery, Message, NotNow
from channels.outbox import OutboxChannel
from domain.outgoing import ListRow, Notice
from domain.record import GENESIS, Entry
from storage import ledger, notices, roster
from storage.answer_links import AnswerLinks
from storage.database import Database
from storage.keys import Keys
from storage.roster_input import read_person

NOW = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)
ORDER = Order(initiative="ini-7f3a", now=NOW)


class Spy:
    """A channel that keeps what it was given and does what it is told with it, like a mail server on a bad day."""

    repeatable = False

    def __init__(self, answer: Callable[[str], str] = lambda person: "sent", name: str = "email") -> None:
        self.answer = answer
        self.name = name
        self.messages: list[Message] = []
        self.given: list[tuple[str, str]] = []
        self.answers_to: dict[str, str] = {}

    async def send(self, contact: Contact, message: Message) -> Delivery:
        self.given.append((contact.person, contact.address))
        self.messages.append(message)
        self.answers_to[contact.person] = contact.answers_to
        match self.answer(contact.person):
            case "later":
                raise NotNow("The mail server put a message off (451); it is tried again by itself.", whole=False)
            case "away":
                raise NotNow("The mail server can't be used now; the messages wait.")
            case "silent":
                return Delivery(status="unknown", channel=self.name, code=SILENT)
            case "killed":
                raise Killed
            case status:
                return Delivery.model_validate({"status": status, "channel": self.name, "code": "250"})


class Killed(Exception):
    """Stands for a worker that dies right after the message went out."""


class DyingOutbox(OutboxChannel):
    async def send(self, contact: Contact, message: Message) -> Delivery:
        await super().send(contact, message)
        raise Killed


class House:
    """A real database, an outbox folder, and the activity as the worker runs it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.beats = 0
        self.links: LinkWriter | None = None

    def link_to(self, page: str) -> None:
        """Let messages carry a link to a page to answer on."""
        self.links = LinkWriter(self.answer_links, page)

    @property
    def answer_links(self) -> AnswerLinks:
        return AnswerLinks(self.database, Keys("key-1", {"key-1": b"k" * 32}))

    def wait(self, *recipients: str, **changes: Any) -> None:
        """Let one message wait for each of them."""
        self.wait_in(ORDER.initiative, *recipients, **changes)

    def wait_in(self, initiative: str, *recipients: str, **changes: Any) -> None:
        """Let one message of this initiative wait for each of them."""
        about = {"initiative": initiative, **changes}
        made = [a_notice(recipient, number, **about) for number, recipient in enumerate(recipients)]
        entry = Entry(
            initiative=initiative, seq=1, at=NOW, heard_at=NOW, by="manager:p-01", kind="theory_revised",
            fields={}, prev=GENESIS,
        ).sealed()  # fmt: skip
        row = ListRow(
            id=initiative, track="1.5", stage="partners", mode="preventive", sensitivity="restricted",
            issue="water", stalled=False, opened_at=NOW, head_seq=1, head_hash=entry.hash,
        )  # fmt: skip
        ledger.append(self.database, [entry], row, made)  # again: only the messages are new

    def person(self, id: str, **fields: Any) -> None:
        given = {"name_latin": f"Canary {id}", "name_native": f"کەناری {id}", "organisation": "inst-1"}
        roster.add_person(self.database, read_person({"id": id, **given, **fields}), NOW)

    async def deliver(self, *channels: Channel, order: Order = ORDER, attempt: int = 1) -> list[Receipt]:
        environment = self.environment(attempt)
        return await environment.run(self.activities(*channels).deliver, order)

    def environment(self, attempt: int = 1, started: datetime = NOW) -> ActivityEnvironment:
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, attempt=attempt, started_time=started)
        environment.on_heartbeat = self._beat
        return environment

    def activities(self, *channels: Channel) -> DeliverActivities:
        given: dict[str, Channel] = {"outbox": OutboxChannel(self.folder), **{one.name: one for one in channels}}
        return DeliverActivities(self.database, given, "worker-1", self.links)

    def _beat(self, *details: Any) -> None:
        self.beats += 1

    @property
    def files(self) -> list[Path]:
        return sorted(one for one in self.folder.rglob("*") if one.is_file())

    @property
    def states(self) -> dict[str, str]:
        return {one.notice.recipient: one.status for one in notices.of_initiative(self.database, ORDER.initiative)}


def a_notice(recipient: str, number: int = 0, **changes: Any) -> Notice:
    content: dict[str, Any] = {
        "initiative": ORDER.initiative, "obligation": f"sign_mou:{recipient}", "ask": "sign_mou", "act": "remind",
        "rung": 0, "recipient": recipient, "due_at": NOW + timedelta(minutes=number), "sensitivity": "restricted",
    }  # fmt: skip
    return Notice(**{**content, **changes})
