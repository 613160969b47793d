"""Who read what is sensitive: a line for each reading, only ever added to."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import col

from storage.database import Database
from storage.tables import ReadingRow


class Reading(NamedTuple):
    """One reading: `what` is a word such as `timeline` or `export.full`, `why` what the reader gave as the reason."""

    at: datetime
    by: str
    what: str
    initiative: str | None = None
    person: str | None = None
    why: str = ""


def note(db: Database, reading: Reading) -> None:
    """Write down that something was read, before it is shown. Raises: DatabaseAway."""
    with db.session() as session:
        session.add(ReadingRow(**reading._asdict()))


def readings(db: Database, initiative: str | None = None, person: str | None = None) -> list[Reading]:
    """Return the readings, oldest first; of one initiative or one person where given. Raises: DatabaseAway."""
    columns = [getattr(ReadingRow, name) for name in Reading._fields]
    wanted = select(*columns).order_by(col(ReadingRow.id))
    for column, value in ((ReadingRow.initiative, initiative), (ReadingRow.person, person)):
        if value is not None:
            wanted = wanted.where(col(column) == value)
    with db.reading() as session:
        return [Reading(*line) for line in session.execute(wanted)]
