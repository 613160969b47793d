"""The tables of answer links: what each is bound to, and what was answered. No token stands here, only its hash."""

from datetime import datetime

from sqlmodel import Field, Index

from storage.columns import Json, Utc
from storage.tables import Row


class AnswerLinkRow(Row, table=True):
    """The link of one message; see domain.answers.Asked. `key` is the id of the key its token was made with."""

    __tablename__ = "answer_links"
    __table_args__ = (Index(None, "initiative", "person", "ask"),)

    notice: str = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    key: str
    initiative: str
    person: str
    obligation: str
    ask: str
    about: dict[str, str] = Field(sa_type=Json)
    sensitivity: str
    verbs: list[str] = Field(sa_type=Json)
    asked_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc)


class GivenAnswerRow(Row, table=True):
    """One answer to one ask. The number tells a changed mind from the same answer twice; no words stand here.

    `slot` is what the answers among which a mind changes share: one for the ask, one for language, one for stop.
    `refused`: a rule did not take it, so it changed nobody's mind.
    """

    __tablename__ = "given_answers"

    initiative: str = Field(primary_key=True)
    obligation: str = Field(primary_key=True)
    person: str = Field(primary_key=True)
    slot: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    verb: str
    digest: str
    first_said: datetime = Field(sa_type=Utc)
    refused: bool = False
