"""Legal holds: as long as one stands, nothing of a person is erased. It ends by itself on its day."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database import Database
from storage.key_tables import HoldRow
from storage.roster import known_row


class Held(Exception):
    """A legal hold keeps somebody from being erased. Says until when, and what would lift it."""


def hold(db: Database, person: str, until: date, reason: str, by: str, at: datetime) -> None:
    """Put somebody under a legal hold. Raises: LookupError for somebody unknown or erased, ValueError, DatabaseAway."""
    if until < at.astimezone(UTC).date():
        raise ValueError(f"{until.isoformat()} has passed. Name the last day of the hold.")
    with db.session() as session:
        if known_row(session, person).erased_at is not None:
            raise LookupError(f"{person} was erased already; there is nothing to hold.")
        session.add(HoldRow(person=person, until=until, reason=reason, by=by, made_at=at))


def release(db: Database, person: str, by: str, at: datetime) -> int:
    """End every hold of somebody; return how many stood. Raises: DatabaseAway."""
    with db.session() as session:
        standing = _standing(session, person, at)
        for one in standing:
            one.released_at, one.released_by = at, by
        return len(standing)


def holds(db: Database, person: str) -> list[HoldRow]:
    """Return every hold of somebody, over or not, the earliest first."""
    with db.reading() as session:
        rows = select(HoldRow).where(col(HoldRow.person) == person).order_by(col(HoldRow.id))
        return [*session.execute(rows).scalars()]


def must_not_be_held(session: Session, person: str, at: datetime) -> None:
    """Raises: Held."""
    standing = _standing(session, person, at)
    if standing:
        last = max(standing, key=lambda one: one.until)
        raise Held(
            f"{person} is under a legal hold until {last.until.isoformat()} (put by {last.by}: {last.reason}). Nothing "
            f"was erased. It ends by itself after that day, or lift it: `jisr people hold {person} --release`."
        )


def _standing(session: Session, person: str, at: datetime) -> list[HoldRow]:
    rows = select(HoldRow).where(
        col(HoldRow.person) == person,
        col(HoldRow.released_at).is_(None),
        col(HoldRow.until) >= at.astimezone(UTC).date(),
    )
    return [*session.execute(rows).scalars()]
