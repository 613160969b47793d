"""What an earlier release left in clear text is encrypted, in small transactions, at the start of this one."""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import SQLModel, col

from storage.database import Database
from storage.sealing import MARK, SEALED, is_sealed, sealed

AT_ONCE = 200  # rows in one transaction: nobody waits long for a turn


def seal_existing(db: Database) -> int:
    """Encrypt what still stands in clear text; return how many rows. Again, or twice at once, does no harm.

    Raises: KeysAway, DatabaseAway.
    """
    done = 0
    for table in SEALED:
        while some := _some(db, table):
            done += some
    if done:
        db.scrub()  # the clear text must not stay behind in free pages
    return done


def _some(db: Database, table: type[SQLModel]) -> int:
    with db.reading() as session:  # most starts find nothing, and hold up nobody
        if session.execute(select(table).where(_clear(table)).limit(1)).first() is None:
            return 0
    with db.session() as session:
        rows = session.execute(select(table).where(_clear(table)).limit(AT_ONCE)).scalars().all()
        for row in rows:
            values = row.model_dump()
            still = {name: values[name] for name in SEALED[table].columns if is_sealed(values[name])}
            for name, value in (sealed(session, table, values | dict.fromkeys(still)) | still).items():
                setattr(row, name, value)
        return len(rows)


def _clear(table: type[SQLModel]) -> ColumnElement[bool]:
    """Return the condition that a row has something in clear text."""
    columns = [col(getattr(table, name)) for name in SEALED[table].columns]
    return or_(*(and_(one.is_not(None), one != "", ~one.startswith(MARK, autoescape=True)) for one in columns))
