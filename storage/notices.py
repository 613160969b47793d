"""The delivery ledger: each message is claimed by one worker before it is sent, and settled afterwards.

A worker that dies in between leaves `claimed`: nobody can know whether the message went out. After a while it is
found by `stale_claims` and settled as `unknown`, a state of its own, for a person to decide.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Executable, Row, bindparam, func, select, update
from sqlmodel import Session, col

from domain.digest import id_of
from domain.outgoing import Delivery, DeliveryStatus, Notice, Way
from storage.database import Database
from storage.tables import NoticeRow

CODE = re.compile(r"[A-Za-z0-9_.:-]{0,60}")
BATCH = 500  # notices claimed at a time

# From which states a notice may come into each. What was sent stays sent; what was settled is not sent again.
FROM: dict[str, tuple[str, ...]] = {
    "sent": ("claimed", "unknown"),
    "rejected": ("waiting", "claimed", "unknown"),
    "unknown": ("claimed",),
    "suppressed": ("waiting", "claimed"),
    "waiting": ("claimed",),  # surely not sent: somebody else may try
}

# Made once: making a statement takes longer than running it.
NOTICES = NoticeRow.metadata.tables["notices"]
WAITING = (
    select(NOTICES.c.id)
    .where(NOTICES.c.initiative == bindparam("of"), NOTICES.c.status == "waiting")
    .order_by(NOTICES.c.due_at, NOTICES.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)  # SQLite has one writer at a time and needs none of it
)
CLAIM = (
    update(NOTICES)
    .where(NOTICES.c.id.in_(WAITING.scalar_subquery()))
    .values(status="claimed", claimed_by=bindparam("by"), claimed_at=bindparam("now"))
    .returning(*NOTICES.columns)
)


def _settling(status: str) -> Executable:
    changed: dict[str, Any] = {name: bindparam(given) for name, given in SETTLED.items()}
    back = {"claimed_by": None, "claimed_at": None} if status == "waiting" else {}
    return (
        update(NOTICES)
        .where(NOTICES.c.id == bindparam("which"), NOTICES.c.status.in_(FROM[status]))
        .values(changed | back)
        .returning(NOTICES.c.id)
    )


SETTLED = {
    "status": "becomes",
    "channel": "over",
    "message_id": "message",
    "settled_at": "when",
    "detail": "why",
    "way": "number",
}
SETTLE = {status: _settling(status) for status in FROM}


class Outcome(NamedTuple):
    """What became of a claimed notice. `detail` is a short code, as `settle` says."""

    id: str
    status: DeliveryStatus
    at: datetime
    channel: str | None = None
    message_id: str | None = None
    detail: str = ""
    ways: tuple[Way, ...] | None = None  # None: as they were
    way: int | None = None


def claim(
    db: Database, initiative: str, worker: str, at: datetime, limit: int = BATCH, settled: Sequence[Outcome] = ()
) -> list[Delivery]:
    """Take up to `limit` waiting notices, the longest due first; no two workers ever get the same one.

    What became of the last ones, `settled`, is written down in the same transaction.
    """
    with db.session() as session:
        for outcome in settled:
            _settle(session, outcome)
        wanted = {"of": initiative, "most": limit, "by": worker, "now": at}
        found = session.execute(CLAIM, wanted).all()
    return in_order(found)


def settle(
    db: Database,
    notice_id: str,
    status: DeliveryStatus,
    at: datetime,
    channel: str | None = None,
    message_id: str | None = None,
    detail: str = "",
) -> bool:
    """Write down what became of a notice; return whether that changed anything. `waiting` gives a claim back.

    `detail` is a short code (`550`, `no-address`), never what a mail server said: that may hold an address, and
    stands there as `not-a-code`. Settling twice alike changes nothing; what was sent stays sent.
    Raises: LookupError for an id that is not in the ledger, DatabaseAway.
    """
    with db.session() as session:
        return _settle(session, Outcome(notice_id, status, at, channel, message_id, detail))


def settle_all(db: Database, outcomes: Sequence[Outcome]) -> None:
    """Write down what became of several notices, in one transaction. Raises: LookupError, DatabaseAway."""
    if outcomes:
        with db.session() as session:
            for outcome in outcomes:
                _settle(session, outcome)


def _settle(session: Session, outcome: Outcome) -> bool:
    back = outcome.status == "waiting"
    values = {
        "which": outcome.id,
        "becomes": outcome.status,
        "over": outcome.channel,
        "message": outcome.message_id,
        "when": None if back else outcome.at,
        "why": outcome.detail if CODE.fullmatch(outcome.detail) else "not-a-code",
        "number": outcome.way,
    }
    changed = session.execute(SETTLE[outcome.status], values).first()
    if changed is None and session.get(NoticeRow, outcome.id) is None:
        raise LookupError(f"There is no notice {outcome.id} in the ledger.")
    if changed is not None and outcome.ways is not None:
        put_ways(session, outcome.id, outcome.ways)
    return changed is not None


def crowded(db: Database, initiative: str) -> frozenset[str]:
    """Return for whom more than one message waits."""
    wanted = (
        select(NOTICES.c.recipient)
        .where(NOTICES.c.initiative == initiative, NOTICES.c.status == "waiting")
        .group_by(NOTICES.c.recipient)
        .having(func.count() > 1)
    )
    with db.reading() as session:
        return frozenset(session.execute(wanted).scalars())


def waiting_for(db: Database, initiative: str, recipient: str) -> list[Delivery]:
    """Return what waits for one person."""
    mine = (NOTICES.c.initiative == initiative, NOTICES.c.recipient == recipient, NOTICES.c.status == "waiting")
    return _where(db, *mine)


def join(db: Database, first: Delivery, others: Sequence[str], worker: str, at: datetime) -> list[Delivery]:
    """Claim these as well, to go as one message with the claimed first one; return all that do.

    The id of that message is noted on each, so that after a crash they are found together.
    """
    taken = (
        update(NOTICES)
        .where(NOTICES.c.id.in_(others), NOTICES.c.status == "waiting")
        .values(status="claimed", claimed_by=worker, claimed_at=at)
        .returning(*NOTICES.columns)
    )
    with db.session() as session:
        group = [first, *in_order(session.execute(taken).all())]
        if len(group) > 1:
            id = id_of([one.notice for one in group])
            mine = NOTICES.c.id.in_([one.id for one in group])
            session.execute(update(NOTICES).where(mine).values(message_id=id))
            group = [one.but(message_id=id) for one in group]
    return group


def tried(db: Database, notice_id: str, ways: Sequence[Way]) -> None:
    """Write down which ways a claimed message failed by, before the next one is tried."""
    with db.session() as session:
        put_ways(session, notice_id, ways)


def put_ways(session: Session, notice_id: str, ways: Sequence[Way]) -> None:
    told = [one.model_dump() for one in ways]
    session.execute(update(NOTICES).where(NOTICES.c.id == notice_id).values(ways=told))


def stale_claims(db: Database, initiative: str, older_than: datetime) -> list[Delivery]:
    """Return what was claimed before that moment and never settled."""
    return _where(
        db,
        col(NoticeRow.initiative) == initiative,
        col(NoticeRow.status) == "claimed",
        col(NoticeRow.claimed_at) < older_than,
    )


def of_initiative(db: Database, initiative: str) -> list[Delivery]:
    """Return every notice of an initiative, by due time."""
    return _where(db, col(NoticeRow.initiative) == initiative)


def unknown(db: Database, initiative: str | None = None) -> list[Delivery]:
    """Return what may or may not have been sent, of one initiative or of all."""
    mine = [] if initiative is None else [col(NoticeRow.initiative) == initiative]
    return _where(db, col(NoticeRow.status) == "unknown", *mine)


def counts(db: Database) -> dict[str, int]:
    """Return how many notices are in each state; a state that none is in is left out."""
    with db.reading() as session:
        found = session.execute(
            select(col(NoticeRow.status), func.count().label("number")).group_by(col(NoticeRow.status))
        )
        return {line.status: line.number for line in found}


def _where(db: Database, *conditions: ColumnElement[bool]) -> list[Delivery]:
    with db.reading() as session:
        return in_order(session.execute(select(*NOTICES.columns).where(*conditions)).all())


def in_order(lines: Sequence[Row[Any]]) -> list[Delivery]:
    return [_delivery(dict(line._mapping)) for line in sorted(lines, key=lambda line: (line.due_at, line.id))]


def _delivery(row: dict[str, Any]) -> Delivery:
    values = {name: row[name] for name in Delivery.model_fields if row.get(name) is not None}
    return Delivery(notice=Notice.model_validate(row), **values)
