"""What leaves an initiative for the database: its row in the list, notices, errands, seats. Values only.

They travel as activity arguments through Temporal, so they hold ids, dates and vocabulary words, nothing else.
"""

import hashlib
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from domain.record import canonical
from domain.values import Value

DeliveryStatus = Literal["waiting", "claimed", "sent", "rejected", "unknown", "suppressed"]


class Waiting(Value):
    """One line of "what waits on whom since when"."""

    who: str
    ask: str
    since: datetime
    obligation: str
    about: dict[str, str] = Field(default_factory=dict)


class ListRow(Value):
    """The row of one initiative in lists and reports. It only moves forward, with `head_seq`."""

    id: str
    track: str
    stage: str
    mode: str
    sensitivity: str
    issue: str
    stalled: bool
    stalled_since: datetime | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    next_due: datetime | None = None
    waiting_on: tuple[Waiting, ...] = ()
    broken: tuple[str, ...] = ()
    title: str | None = None  # a text reference
    head_seq: int = 0
    head_hash: str = ""


class Notice(Value):
    """One message to one person: once per (initiative, obligation, rung, recipient)."""

    initiative: str
    obligation: str
    ask: str
    act: str
    rung: int
    recipient: str
    due_at: datetime
    sensitivity: str
    about: dict[str, str] = Field(default_factory=dict)  # ids and neutral dates the wording may need

    def id(self) -> str:
        """Return 32 hex digits: the same for the same message, whoever works it out."""
        told = [self.initiative, self.obligation, self.rung, self.recipient]
        return hashlib.sha256(canonical(told)).hexdigest()[:32]


class Way(Value):
    """One way a message was tried by and did not reach its reader: its channel, and why, as a short code.

    `number`: which of the reader's ways, from 0. `message` is the id it went out under; empty when it never did.
    """

    channel: str
    number: int = 0
    code: str = ""
    message: str = ""

    @property
    def told(self) -> str:
        return f"{self.channel} {self.code}".strip()


AGAIN = "again"  # the channel of a mark: somebody decided that ways which failed before are tried anew


class Delivery(Value):
    """A notice as the delivery ledger holds it, and what became of it; `detail` is a short code.

    `way` is which of the reader's ways it went by, from 0; `ways` are those that failed before, in order. It stays
    one message in the ledger, whichever way it goes.
    """

    id: str
    notice: Notice
    made_at: datetime
    status: DeliveryStatus = "waiting"
    channel: str | None = None
    message_id: str | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    settled_at: datetime | None = None
    detail: str = ""
    way: int = 0
    ways: tuple[Way, ...] = ()

    @property
    def failed(self) -> frozenset[tuple[str, int]]:
        """Return the ways a message went and came back from, since somebody last let them be tried anew."""
        marks = [place for place, way in enumerate(self.ways) if way.channel == AGAIN]
        since = self.ways[marks[-1] + 1 :] if marks else self.ways
        return frozenset((way.channel, way.number) for way in since if way.message)


class Errand(Value):
    """A report one initiative has to give another, once per key."""

    initiative: str
    to: str
    key: str
    report: dict[str, Any]


class Seat(Value):
    """A person this initiative must hear about when they die, take office or ask not to be contacted."""

    initiative: str
    person: str
    standing: str
    live: bool = True
