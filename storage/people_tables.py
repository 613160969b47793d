"""The tables of the roster: people, their standing, how to reach them, what they agreed to, institutions."""

from datetime import date, datetime

from sqlalchemy import false
from sqlmodel import Field, Index

from storage.columns import Json, Utc
from storage.tables import Row


class PersonRow(Row, table=True):
    """A person. Outlives every initiative; after erasure only the id and the dates are left.

    `each_by_itself`: they want no message that lists several requests.
    """

    __tablename__ = "people"

    id: str = Field(primary_key=True)
    name_native: str
    name_latin: str
    name_passport: str = Field(default="", sa_column_kwargs={"server_default": ""})
    base: str = Field(default="", sa_column_kwargs={"server_default": ""})
    languages: list[str] = Field(sa_type=Json)
    zone: str
    country: str
    organisation: str | None = None
    category: str | None = None
    each_by_itself: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    deceased_on: date | None = None
    do_not_contact_since: datetime | None = Field(default=None, sa_type=Utc)
    unreachable_since: datetime | None = Field(default=None, sa_type=Utc)
    erased_at: datetime | None = Field(default=None, sa_type=Utc)
    made_at: datetime = Field(sa_type=Utc)


class CapacityRow(Row, table=True):
    """On what standing a person comes, since when, and the date of the evidence for it."""

    __tablename__ = "capacities"

    person: str = Field(primary_key=True, foreign_key="people.id")
    since: date = Field(primary_key=True)
    capacity: str
    evidence_on: date | None = None
    note: str | None = None


class ChannelRow(Row, table=True):
    """One way to reach a person; the lowest `preference` first. `never_write`: known, but never written to."""

    __tablename__ = "channels"
    __table_args__ = (Index(None, "person"),)

    id: str = Field(primary_key=True)
    person: str = Field(foreign_key="people.id")
    kind: str
    address: str
    preference: int
    never_write: bool
    via: str | None = None
    bounced_at: datetime | None = Field(default=None, sa_type=Utc)


class ConsentRow(Row, table=True):
    """One consent, given and perhaps withdrawn; a ledger, so a new one is a new row. No initiative: to all."""

    __tablename__ = "consents"
    __table_args__ = (Index(None, "person"),)

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(foreign_key="people.id")
    scope: str
    given_at: datetime = Field(sa_type=Utc)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Utc)
    initiative: str | None = None


class InstitutionRow(Row, table=True):
    """An institution. Outlives initiatives and partnerships."""

    __tablename__ = "institutions"

    id: str = Field(primary_key=True)
    name_native: str
    name_latin: str
    country: str
    kind: str
    legal_entity: str | None = None
    successor_of: str | None = None
    made_at: datetime = Field(sa_type=Utc)


class PartnershipRow(Row, table=True):
    """A partnership with an institution, in general and not for one initiative; `terms` refers to a text."""

    __tablename__ = "partnerships"

    institution: str = Field(primary_key=True, foreign_key="institutions.id")
    since: date = Field(primary_key=True)
    until: date | None = None
    terms: str | None = None


class ImportRow(Row, table=True):
    """Who imported what list, and when: ids and counts. The database refuses to change or remove it."""

    __tablename__ = "imports"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc)
    by: str
    what: str
    source: str
    counts: dict[str, int] = Field(sa_type=Json)
    ids: list[str] = Field(sa_type=Json)
