"""What workflows and activities say to each other. Ids, states and digests only."""

from datetime import datetime
from typing import Any

from pydantic import Field

from domain.outgoing import Errand, ListRow, Notice, Seat
from domain.record import Entry
from domain.values import Value
from domain.working_days import Calendar

RECORD, DELIVER, RELAY = "record", "deliver", "relay"
APPLY_CHANGE = "apply_roster_change"
ROSTER_WRONG = "people.roster-wrong"  # what a change is called that the roster cannot take
HELD = "people.held"  # how a change fails that a legal hold forbids
MAKE_CHECKPOINT = "make_checkpoint"


class RecordBatch(Value):
    """One drained batch: the entries and everything that goes into the database with them, in one transaction."""

    initiative: str
    entries: tuple[Entry, ...]
    row: ListRow
    notices: tuple[Notice, ...] = ()
    errands: tuple[Errand, ...] = ()
    seats: tuple[Seat, ...] = ()
    calendars: dict[str, str] = Field(default_factory=dict)  # country -> version the workflow knows ("" = none)
    zones: dict[str, str] = Field(default_factory=dict)  # time zone -> version of its clock, likewise
    through: int = 0  # the last year the calendars must cover


class Recorded(Value):
    """What the record says back: who still waits for a message, and calendars and clocks newer than known."""

    waiting: int = 0
    errands: int = 0
    calendars: dict[str, Calendar] = Field(default_factory=dict)


class Order(Value):
    """Deliver what waits for one initiative; `now` is the workflow's time, the only clock there is."""

    initiative: str
    now: datetime


class Receipt(Value):
    """What came of one message."""

    obligation: str
    rung: int
    recipient: str
    channel: str
    status: str  # sent | rejected | unknown | suppressed
    message: str = ""
    code: str | None = None  # why, where it was not sent
    tried: tuple[str, ...] | None = None  # channel and code of each way that failed before


class ErrandDone(Value):
    """What came of telling another initiative."""

    initiative: str
    kind: str
    delivered: bool


class RosterChange(Value):
    """One change about one person: the report every live initiative that knows them will hear."""

    id: str
    person: str
    report: dict[str, Any]


class RosterReached(Value):
    """Which initiatives heard of it, and which have no running workflow any more."""

    reached: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


class CheckpointMade(Value):
    """Which checkpoint was made over how many initiatives; `damaged` have lost entries that an earlier one holds."""

    number: int
    initiatives: int
    damaged: tuple[str, ...] = ()
