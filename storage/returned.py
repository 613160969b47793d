"""What becomes of messages that were settled: what people decide about them, and what comes back of them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Text, cast, or_, select, update
from sqlmodel import Session, col

from domain.outgoing import AGAIN, Delivery, Way
from storage.database import Database
from storage.notices import NOTICES, in_order, put_ways
from storage.people_tables import ChannelRow
from storage.tables import InitiativeRow, NoticeRow

Decision = Literal["sent", "again", "drop"]
OPEN = ("unknown", "rejected", "claimed", "waiting")  # what has not come to its end
ASKS = ("unknown", "rejected")  # what somebody has to look at
SHORTEST = 6  # characters of an id that are enough where they tell it apart
TASK = "task"  # the channel of what the manager was asked to pass on
# From which states each decision may be taken. What was sent stays sent.
MAY: dict[Decision, tuple[str, ...]] = {
    "sent": ("unknown",),
    "again": ("unknown", "rejected"),
    "drop": ("unknown", "rejected", "waiting"),
}


class NotOne(LookupError):
    """No message, or several, have this id. Says which."""


class Returned(NamedTuple):
    """A message that came back; `before`: it was known already."""

    delivery: Delivery
    before: bool


def listed(db: Database, initiative: str | None = None, states: Sequence[str] = ASKS) -> list[Delivery]:
    """Return the messages in these states, of one initiative or of all, by due time. Raises: DatabaseAway."""
    wanted = [NOTICES.c.status.in_(states)] + ([NOTICES.c.initiative == initiative] if initiative else [])
    with db.reading() as session:
        return in_order(session.execute(select(*NOTICES.columns).where(*wanted)).all())


def find(db: Database, id: str) -> Delivery:
    """Return the message of this id, or of what it begins with. Raises: NotOne, DatabaseAway."""
    known = len(id) >= SHORTEST and id.isalnum()
    wanted = select(*NOTICES.columns).where(NOTICES.c.id.startswith(id)).limit(2)
    with db.reading() as session:
        found = in_order(session.execute(wanted).all()) if known else []
    if len(found) == 1:
        return found[0]
    raise NotOne(f"{len(found) or 'No'} message{'s begin' if found else ' begins'} with {id[:40]}.")


# --- what people decide -------------------------------------------------------------------------------------


def decide(db: Database, id: str, decision: Decision, at: datetime) -> bool:
    """Write down what was decided about a message; return False when its state no longer lets it be decided.

    `sent`: it did arrive. `again`: it waits again, and ways that failed are tried anew. `drop`: nobody gets it.
    """
    becomes: dict[Decision, dict[str, Any]] = {
        "sent": {"status": "sent", "settled_at": at, "detail": "decided"},
        "again": {"status": "waiting", "settled_at": None, "claimed_by": None, "claimed_at": None, "detail": ""},
        "drop": {"status": "suppressed", "settled_at": at, "detail": "dropped"},
    }
    with db.session() as session:
        changed = session.execute(
            update(NoticeRow)
            .where(col(NoticeRow.id) == id, col(NoticeRow.status).in_(MAY[decision]))
            .values(becomes[decision])
            .returning(col(NoticeRow.ways))
        ).first()
        if changed is not None and decision == "again" and changed.ways:
            put_ways(session, id, [*map(Way.model_validate, changed.ways), Way(channel=AGAIN)])
    return changed is not None


# --- what comes back ----------------------------------------------------------------------------------------


def came_back(db: Database, message: str, code: str, at: datetime, permanent: bool) -> list[Returned]:
    """Write down that a mail did not arrive; twice is once. Return the messages it carried; none: it is not ours.

    Each is rejected by the way it went. Where its initiative still runs it waits again, for the next way. With
    `permanent` nothing more goes to that address until the roster says otherwise. `message`: the id of the mail.
    """
    own = message.partition("@")[0]
    with db.session() as session:
        rows = in_order(session.execute(select(*NOTICES.columns).where(_carried(own))).all())
        return [_returned(session, one, own, code, at, permanent) for one in rows]


def _carried(own: str) -> ColumnElement[bool]:
    before = cast(NOTICES.c.ways, Text).contains(f'"message":{json.dumps(own + "@")[:-1]}', autoescape=True)
    return or_(NOTICES.c.message_id.startswith(f"{own}@", autoescape=True), before)


def _returned(session: Session, one: Delivery, own: str, code: str, at: datetime, permanent: bool) -> Returned:
    if any(way.message.startswith(f"{own}@") for way in one.ways) or one.status not in ("sent", "unknown"):
        return Returned(one, before=True)
    way = Way(channel=one.channel or "", number=one.way, code=code, message=one.message_id or "")
    row = session.get(InitiativeRow, one.notice.initiative)
    runs = row is not None and row.closed_at is None
    changed = one.but(status="waiting" if runs else "rejected", ways=(*one.ways, way), detail=code)
    values = {"status": changed.status, "detail": code, "settled_at": None if runs else at}
    if runs:
        values |= {"claimed_by": None, "claimed_at": None, "message_id": None, "channel": None}
    session.execute(update(NoticeRow).where(col(NoticeRow.id) == one.id).values(values))
    put_ways(session, one.id, changed.ways)
    if permanent:
        _mark(session, reader_of(one), one.way, at)
    return Returned(changed.but(channel=one.channel), before=False)


def reader_of(one: Delivery) -> str:
    """Return whom the message was written to: its recipient, or the manager who was to pass it on."""
    return one.notice.about.get("manager", "") if one.channel == TASK else one.notice.recipient


def _mark(session: Session, person: str, number: int, at: datetime) -> None:
    wanted = select(ChannelRow).where(col(ChannelRow.person) == person)
    ways = session.execute(wanted.order_by(col(ChannelRow.preference), col(ChannelRow.id))).scalars().all()
    if number < len(ways):
        ways[number].bounced_at = ways[number].bounced_at or at
