"""The tables of the record and of what waits to be delivered. People and institutions: storage/people_tables.py.

A change here needs a migration: `python -m storage.migrations "what changes"` writes its draft.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import MetaData
from sqlalchemy.orm import registry
from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from storage.columns import Json, Utc

# Every constraint has a name that both databases agree on, so that a later migration can speak of it.
NAMES = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class Row(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMES))):
    """One row of one of our tables."""


class EntryRow(Row, table=True):
    """One line of the record. The database itself refuses to change or remove it.

    The hash is over the time as it was told, zone included: `at` is the moment in UTC, `at_offset` the seconds
    east of UTC in which it was told.
    """

    __tablename__ = "entries"

    initiative: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc)
    at_offset: int
    heard_at: datetime = Field(sa_type=Utc)
    heard_offset: int
    by: str
    kind: str
    fields: dict[str, Any] = Field(sa_type=Json)
    reason: str | None = None
    key: str | None = None
    digest: str | None = None
    prev: str
    hash: str = Field(unique=True)


class InitiativeRow(Row, table=True):
    """One initiative as lists show it: written with its entries, never read by a rule."""

    __tablename__ = "initiatives"

    id: str = Field(primary_key=True)
    track: str
    stage: str
    mode: str
    sensitivity: str
    issue: str
    stalled: bool
    stalled_since: datetime | None = Field(default=None, sa_type=Utc)
    opened_at: datetime = Field(sa_type=Utc)
    closed_at: datetime | None = Field(default=None, sa_type=Utc)
    next_due: datetime | None = Field(default=None, sa_type=Utc)
    waiting_on: list[dict[str, Any]] = Field(sa_type=Json)
    broken: list[str] = Field(sa_type=Json)
    title: str | None = None
    head_seq: int
    head_hash: str
    updated_at: datetime = Field(sa_type=Utc)


class NoticeRow(Row, table=True):
    """One message in the delivery ledger; see domain.outgoing.Delivery."""

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("initiative", "obligation", "rung", "recipient"),
        Index(None, "initiative", "status"),
        Index(None, "recipient"),
    )

    id: str = Field(primary_key=True)
    initiative: str
    obligation: str
    rung: int
    recipient: str
    ask: str
    act: str
    about: dict[str, str] = Field(sa_type=Json)
    due_at: datetime = Field(sa_type=Utc)
    sensitivity: str
    made_at: datetime = Field(sa_type=Utc)
    status: str
    channel: str | None = None
    message_id: str | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = Field(default=None, sa_type=Utc)
    settled_at: datetime | None = Field(default=None, sa_type=Utc)
    detail: str = ""
    way: int | None = None
    ways: list[dict[str, Any]] | None = Field(default=None, sa_type=Json)


class SendingRow(Row, table=True):
    """That a channel with a limit sent something; kept for as long as the limit looks back."""

    __tablename__ = "sendings"
    __table_args__ = (Index(None, "channel", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    at: datetime = Field(sa_type=Utc)


class ErrandRow(Row, table=True):
    """A report one initiative has to give another; `detail` is the rule that refused it, if one did."""

    __tablename__ = "errands"
    __table_args__ = (Index(None, "from_initiative", "status"),)

    from_initiative: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    to_initiative: str
    report: dict[str, Any] = Field(sa_type=Json)
    made_at: datetime = Field(sa_type=Utc)
    status: str
    settled_at: datetime | None = Field(default=None, sa_type=Utc)
    detail: str = ""


class SeatRow(Row, table=True):
    """That an initiative knows a person: participant, holder of a role or vetter."""

    __tablename__ = "seats"
    __table_args__ = (Index(None, "initiative"),)

    person: str = Field(primary_key=True)
    initiative: str = Field(primary_key=True)
    standing: str
    live: bool


class TextRow(Row, table=True):
    """Free text somebody wrote, encrypted. Everywhere else only `ref` stands.

    `person`: whose it is, when somebody wrote it of themselves or it was handed in about one person; erased with them.
    """

    __tablename__ = "texts"
    __table_args__ = (Index(None, "initiative"), Index(None, "person"))

    ref: str = Field(primary_key=True)
    initiative: str
    person: str | None = None
    body: str
    made_at: datetime = Field(sa_type=Utc)


class SaltRow(Row, table=True):
    """What keeps a reference from being guessed from the text, per initiative."""

    __tablename__ = "salts"

    initiative: str = Field(primary_key=True)
    salt: bytes


class CheckpointRow(Row, table=True):
    """One signed checkpoint, as canonical JSON; see domain.checkpoint. The database refuses to change or remove it."""

    __tablename__ = "checkpoints"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    made_at: datetime = Field(sa_type=Utc)
    document: dict[str, Any] = Field(sa_type=Json)


class ReadingRow(Row, table=True):
    """That somebody read what is sensitive: who, what, when and why. The database refuses to change or remove it."""

    __tablename__ = "readings"
    __table_args__ = (Index(None, "initiative"), Index(None, "person"))

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc)
    by: str
    what: str
    initiative: str | None = None
    person: str | None = None
    why: str = ""
