"""What a channel with a limit has sent lately, counted once for all workers of a database."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from storage.database import Database
from storage.tables import SendingRow

Limits = Sequence[tuple[int, timedelta]]  # at most so many in any span of this length


def take(db: Database, channel: str, limits: Limits, at: datetime) -> datetime | None:
    """Count one message if the limits let it go now; else return when it may, and count nothing.

    In no span of a limit's length more is counted than it says, whichever workers ask. Raises: DatabaseAway.
    """
    longest, most = max(span for _, span in limits), max(number for number, _ in limits)
    with db.session() as session:
        _one_at_a_time(session, channel)
        session.execute(
            delete(SendingRow).where(col(SendingRow.channel) == channel, col(SendingRow.at) <= at - longest)
        )
        newest = (
            select(col(SendingRow.at)).where(col(SendingRow.channel) == channel).order_by(col(SendingRow.at).desc())
        )
        times = session.execute(newest.limit(most)).scalars().all()
        free: list[datetime] = [times[number - 1] + span for number, span in limits if len(times) >= number]
        if free and max(free) > at:
            return max(free)
        session.add(SendingRow(channel=channel, at=at))
    return None


def _one_at_a_time(session: Session, channel: str) -> None:
    """Let one worker count at a time; on SQLite the transaction itself does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"sendings/{channel}", 0))))
