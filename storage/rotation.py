"""Changing the master key: a new one is made, every data key is wrapped anew, an old one is dropped once unused."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlmodel import Session, col

from storage.answer_tables import AnswerLinkRow
from storage.data_keys import unwrap, wrap
from storage.database import Database
from storage.key_tables import DataKeyRow
from storage.keyring import Owner

AT_ONCE = 200  # data keys in one transaction


class MasterKey(NamedTuple):
    """One master key and what still needs it: data keys, and links to answer that have not expired."""

    id: str
    current: bool
    in_file: bool
    data_keys: int
    links: int


class KeyInUse(Exception):
    """A master key cannot be dropped. Says what needs it, and what to do."""


def master_keys(db: Database, at: datetime | None = None) -> list[MasterKey]:
    """Return the master keys of the file, and those the database needs beside them. Raises: KeysAway, DatabaseAway."""
    keys = db.keyring.keys()
    wrapped = select(col(DataKeyRow.master)).where(col(DataKeyRow.master).is_not(None))
    live = select(col(AnswerLinkRow.key)).where(col(AnswerLinkRow.expires_at) > (at or datetime.now(UTC)))
    with db.reading() as session:
        data_keys = Counter(session.execute(wrapped).scalars())
        links = Counter(session.execute(live).scalars())
    lost = sorted({*filter(None, data_keys)} - set(keys.ids))
    return [MasterKey(id, id == keys.current, id in keys.ids, data_keys[id], links[id]) for id in (*keys.ids, *lost)]


def rotate(db: Database) -> tuple[str, int]:
    """Make a new master key the current one and wrap every data key with it; return its id and how many.

    What an interrupted rotation left undone is finished, and no further key is made. Raises: KeysAway, DatabaseAway.
    """
    if not any(one.data_keys for one in master_keys(db) if not one.current):
        db.keyring.replace(db.keyring.keys().with_new())
    current, done = db.keyring.current, 0
    while some := _rewrap(db, current):
        done += some
    if done:
        db.scrub()  # the old wrappings must not stay behind in free pages
    return current, done


def _rewrap(db: Database, current: str) -> int:
    with db.session() as session:
        _hold(session)
        stale = select(DataKeyRow).where(col(DataKeyRow.master).is_not(None), col(DataKeyRow.master) != current)
        rows: Sequence[DataKeyRow] = session.execute(stale.limit(AT_ONCE)).scalars().all()
        for row in rows:
            owner = Owner(row.kind, row.owner)
            assert row.wrapped is not None and row.master is not None
            raw = unwrap(db.keyring, owner, row.wrapped, row.master)
            row.wrapped, row.master = wrap(db.keyring, owner, raw, current), current
        return len(rows)


def drop(db: Database, id: str, end_links: bool = False) -> None:
    """Take a master key out of the key file. What was sealed with it in older copies of the database is lost then.

    Raises: LookupError, KeyInUse, KeysAway, DatabaseAway.
    """
    found = next((one for one in master_keys(db) if one.id == id), None)
    if found is None or not found.in_file:
        raise LookupError(f"The key file holds no key {id}. See `jisr keys show`.")
    if found.current:
        raise KeyInUse(f"{id} is the current key. Make a new one first: `jisr keys rotate`.")
    if found.data_keys:
        raise KeyInUse(f"{id} still wraps {found.data_keys} data keys. Finish the change first: `jisr keys rotate`.")
    if found.links and not end_links:
        raise KeyInUse(
            f"{found.links} links to answer were made with {id} and have not expired. Wait, or say --end-links: "
            "whoever holds one of them cannot answer by it any more."
        )
    db.keyring.replace(db.keyring.keys().without(id))


def _hold(session: Session) -> None:
    """Wait for whoever is making a data key right now: it might be wrapped by the key that is being retired."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE data_keys IN SHARE ROW EXCLUSIVE MODE"))
