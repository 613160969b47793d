"""The delivery ledger: each message is claimed by one worker before it is sent, and settled afterwards.

A worker that dies in between leaves `claimed`: nobody can know whether the message went out. After a while it is
found by `stale_claims` and settled as `unknown`, a state of its own, for a person to decide.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlmodel import col

from domain.outgoing import Delivery, DeliveryStatus, Notice
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


def claim(db: Database, initiative: str, worker: str, at: datetime, limit: int = BATCH) -> list[Delivery]:
    """Take up to `limit` waiting notices, the longest due first; no two workers ever get the same one."""
    waiting = (
        select(col(NoticeRow.id))
        .where(col(NoticeRow.initiative) == initiative, col(NoticeRow.status) == "waiting")
        .order_by(col(NoticeRow.due_at), col(NoticeRow.id))
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has one writer at a time and needs none of it
    )
    with db.session() as session:
        ids = session.execute(waiting).scalars().all()
        if not ids:
            return []
        session.execute(
            update(NoticeRow)
            .where(col(NoticeRow.id).in_(ids))
            .values(status="claimed", claimed_by=worker, claimed_at=at)
        )
        found = session.execute(select(NoticeRow).where(col(NoticeRow.id).in_(ids))).scalars()
        return _in_order(found.all())


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
    back = status == "waiting"
    values = {
        "status": status,
        "channel": channel,
        "message_id": message_id,
        "settled_at": None if back else at,
        "detail": detail if CODE.fullmatch(detail) else "not-a-code",
    } | ({"claimed_by": None, "claimed_at": None} if back else {})
    with db.session() as session:
        changed = session.execute(
            update(NoticeRow)
            .where(col(NoticeRow.id) == notice_id, col(NoticeRow.status).in_(FROM[status]))
            .values(values)
            .returning(col(NoticeRow.id))
        ).first()
        if changed is None and session.get(NoticeRow, notice_id) is None:
            raise LookupError(f"There is no notice {notice_id} in the ledger.")
    return changed is not None


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
        return _in_order(session.execute(select(NoticeRow).where(*conditions)).scalars().all())


def _in_order(rows: Sequence[NoticeRow]) -> list[Delivery]:
    return [_delivery(row.model_dump()) for row in sorted(rows, key=lambda row: (row.due_at, row.id))]


def _delivery(row: dict[str, Any]) -> Delivery:
    return Delivery(notice=Notice.model_validate(row), **{k: row[k] for k in Delivery.model_fields if k in row})
