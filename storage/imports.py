"""Who imported which list, and when: a line for each import, by ids and counts, only ever added to."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database import Database
from storage.people_tables import ImportRow


def digest_of(raw: bytes) -> str:
    """Return what a file is known by in the record."""
    return sha256(raw).hexdigest()[:16]


class Import(NamedTuple):
    """One import: `what` is `people` or `history`, `source` the digest of the file, `ids` what was written."""

    at: datetime
    by: str
    what: str
    source: str
    counts: dict[str, int]
    ids: tuple[str, ...]


def note(session: Session, made: Import) -> None:
    """Write it down together with what was imported."""
    session.add(ImportRow(**{**made._asdict(), "ids": list(made.ids)}))


def imports(db: Database) -> list[Import]:
    """Return every import, the oldest first. Raises: DatabaseAway."""
    with db.reading() as session:
        rows = session.execute(select(ImportRow).order_by(col(ImportRow.id))).scalars()
        return [Import(row.at, row.by, row.what, row.source, row.counts, tuple(row.ids)) for row in rows]
