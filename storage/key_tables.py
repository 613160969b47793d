"""The tables of keys and erasures: data keys (wrapped), legal holds, certificates of what was erased."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, Index

from storage.columns import Json, Utc
from storage.tables import Row


class DataKeyRow(Row, table=True):
    """One data key, wrapped by the master key `master` of the key file. Destroyed: nothing is left but that it was."""

    __tablename__ = "data_keys"
    __table_args__ = (Index(None, "master"),)

    kind: str = Field(primary_key=True)
    owner: str = Field(primary_key=True)
    wrapped: bytes | None = None
    master: str | None = None
    made_at: datetime = Field(sa_type=Utc)
    destroyed_at: datetime | None = Field(default=None, sa_type=Utc)


class HoldRow(Row, table=True):
    """A legal hold: until the end of `until` (UTC) nothing of this person is erased, unless it is released before."""

    __tablename__ = "holds"
    __table_args__ = (Index(None, "person"),)

    id: int | None = Field(default=None, primary_key=True)
    person: str
    until: date
    reason: str
    by: str
    made_at: datetime = Field(sa_type=Utc)
    released_at: datetime | None = Field(default=None, sa_type=Utc)
    released_by: str | None = None


class ErasureRow(Row, table=True):
    """The certificate of an erasure, as canonical JSON: ids and counts only."""

    __tablename__ = "erasures"

    person: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Utc)
    certificate: dict[str, Any] = Field(sa_type=Json)
