"""The tables of who may sign in: accounts, what they are signed in with, and a log of all that happens to either."""

from datetime import datetime

from sqlmodel import Field, Index

from storage.columns import Json, Utc
from storage.tables import Row


class AccountRow(Row, table=True):
    """One person who may sign in, under the id the record knows them by. No name, no address stands here.

    `password`: its Argon2 hash. `failures` counts wrong passwords since the last right one; until `wait_until` none
    is tried.
    """

    __tablename__ = "accounts"

    id: str = Field(primary_key=True)
    role: str
    initiatives: list[str] = Field(sa_type=Json)
    password: str | None = None
    made_at: datetime = Field(sa_type=Utc)
    made_by: str
    closed_at: datetime | None = Field(default=None, sa_type=Utc)
    failures: int = 0
    wait_until: datetime | None = Field(default=None, sa_type=Utc)


class TokenRow(Row, table=True):
    """One token, known by the SHA-256 of it only: of a session (short), or of a script (`name`), issued by `account`.

    `may` and `kinds` are what a script's token lists; a session has what its account's role has.
    """

    __tablename__ = "tokens"
    __table_args__ = (Index(None, "account"),)

    hash: str = Field(primary_key=True)
    id: str = Field(unique=True)
    account: str
    name: str | None = None
    may: list[str] | None = Field(default=None, sa_type=Json)
    initiatives: list[str] = Field(sa_type=Json)
    kinds: list[str] | None = Field(default=None, sa_type=Json)
    made_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)


class AccessRow(Row, table=True):
    """A sign-in, a refusal, a change of an account or token. The database refuses to change or remove it."""

    __tablename__ = "access_log"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Utc)
    by: str
    what: str
    about: str
    why: str = ""
