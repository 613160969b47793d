"""Erasing a person: their data key is destroyed and their rows are emptied, in one transaction with the certificate.

Initiatives run on, resting or not, and every chain still verifies: the record holds ids and digests only.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from domain.answers import whose_text
from storage.answer_tables import AnswerLinkRow
from storage.data_keys import destroy
from storage.database import Database
from storage.holds import must_not_be_held
from storage.key_tables import ErasureRow, HoldRow
from storage.people_tables import CapacityRow, ChannelRow, ConsentRow
from storage.roster import KnownPerson, known_row
from storage.sealing import person as key_of
from storage.tables import EntryRow, NoticeRow, SeatRow, TextRow

STAYS = {
    "id": "the id, with country, time zone and dates: the record names people by id, and goes on verifying",
    "entries": "what the record says of the id: dates, states and words of closed lists; nothing in it can be changed",
    "standings": "on what standing the id came, since when; to what it consented, and when",
    "messages": "that messages were sent, when and how; not what they said",
    "texts": "texts that belong to an initiative; whoever wrote them may have named the person",
    "sent": "what left this machine: messages that were delivered, exports that were given out",
    "copies": "copies of the database made before: the key in them stays closed once its master key is gone from every "
    "key file (`jisr keys rotate`, `jisr keys drop`)",
}
NAME_PART = 3  # letters of a name that a reason must not hold


def ask(db: Database, person: str, by: str, reason: str, at: datetime) -> dict[str, Any] | None:
    """Write down why somebody is to be erased; return the certificate if they were erased already.

    Raises: LookupError for somebody unknown, Held, DatabaseAway. Erases nothing yet.
    """
    with db.session() as session:
        known_row(session, person)
        row = session.get(ErasureRow, person)
        if row is not None and "erased" in row.certificate:
            return row.certificate
        must_not_be_held(session, person, at)
        if row is not None:
            session.delete(row)
            session.flush()
        session.add(ErasureRow(person=person, at=at, certificate={"person": person, "by": by, "reason": reason}))
    return None


def certificate(db: Database, person: str) -> dict[str, Any] | None:
    """Return the certificate of somebody's erasure, or None. Raises: DatabaseAway."""
    with db.reading() as session:
        row = session.get(ErasureRow, person)
        return row.certificate if row is not None and "erased" in row.certificate else None


def erase(db: Database, person: str, at: datetime, by: str = "", messages: int = 0) -> dict[str, Any]:
    """Erase somebody and return the certificate; again, it is the same one. `messages`: removed from the outbox.

    Raises: LookupError for somebody unknown, Held, DatabaseAway.
    """
    with db.session() as session:
        row = known_row(session, person)
        asked = session.get(ErasureRow, person)
        if asked is not None and "erased" in asked.certificate:
            return asked.certificate
        must_not_be_held(session, person, at)
        names = sum(bool(one) for one in (row.name_native, row.name_latin, row.name_passport))
        affiliation = row.organisation is not None
        row.name_native = row.name_latin = row.name_passport = row.base = ""
        row.languages, row.organisation, row.category, row.each_by_itself = [], None, None, False
        row.erased_at = row.erased_at or at
        erased = {
            "data_key": destroy(session, key_of(person), at),
            "names": names,
            "affiliation": affiliation,
            "channels": _deleted(session, ChannelRow, person),
            "texts": _delete_texts(session, person),
            "answer_links": _deleted(session, AnswerLinkRow, person),
            "holds": _deleted(session, HoldRow, person),
            "messages_in_the_outbox": messages,
        }
        made = {
            "jisr_erasure": 1,
            "person": person,
            "at": at.isoformat(),
            "by": asked.certificate["by"] if asked else by,
            "reason": asked.certificate["reason"] if asked else "",
            "erased": erased,
            "initiatives": _seats(session, person),
            "kept": _kept(session, person),
            "stays": STAYS,
        }
        if asked is None:
            session.add(ErasureRow(person=person, at=at, certificate=made))
        else:
            asked.certificate = made
    db.scrub(rewrite=False)
    return made


def names_them(words: str, known: KnownPerson) -> bool:
    """Tell whether words hold a name or an address of somebody: a certificate holds ids only."""
    said = words.casefold()
    parts = re.findall(r"\w+", f"{known.name_native} {known.name_latin} {known.name_passport}".casefold())
    addresses = [one.address.casefold() for one in known.channels if one.address]
    return any(len(part) >= NAME_PART and re.search(rf"\b{re.escape(part)}\b", said) for part in parts) or any(
        one in said for one in addresses
    )


def _deleted(session: Session, table: Any, person: str) -> int:
    found = session.execute(select(func.count()).select_from(table).where(col(table.person) == person)).scalar_one()
    session.execute(delete(table).where(col(table.person) == person))
    return int(found)


def _delete_texts(session: Session, person: str) -> int:
    """Delete the texts of somebody: those under their key, and those of before there were keys that would be so now."""
    notes: set[str] = set()
    for capacity in session.execute(select(CapacityRow).where(col(CapacityRow.person) == person)).scalars():
        notes |= {capacity.note} if capacity.note else set()
        capacity.note = None
    mine, others = set(notes), set[str]()
    seats = select(col(SeatRow.initiative)).where(col(SeatRow.person) == person)
    told = select(col(EntryRow.by), col(EntryRow.fields), col(EntryRow.reason)).where(
        col(EntryRow.initiative).in_(seats)
    )
    for by, fields, reason in session.execute(told):
        refs = {value for value in (*fields.values(), reason) if isinstance(value, str) and value.startswith("text:")}
        if refs:
            (mine if whose_text(by, fields) == person else others).update(refs)
    own = set(session.execute(select(col(TextRow.ref)).where(col(TextRow.person) == person)).scalars())
    gone = own | (mine - others)  # the same words of somebody else, or about the whole, stay theirs
    held = set(_existing(session, gone))
    for ref in held:
        session.execute(delete(TextRow).where(col(TextRow.ref) == ref))
    return len(held)


def _existing(session: Session, refs: Iterable[str]) -> list[str]:
    return [ref for ref in refs if session.get(TextRow, ref) is not None]


def _seats(session: Session, person: str) -> list[str]:
    return sorted(session.execute(select(col(SeatRow.initiative)).where(col(SeatRow.person) == person)).scalars())


def _kept(session: Session, person: str) -> dict[str, int]:
    """Return how much stays that names the id."""

    def count(table: Any, column: Any) -> int:
        return int(session.execute(select(func.count()).select_from(table).where(column == person)).scalar_one())

    return {
        "standings": count(CapacityRow, col(CapacityRow.person)),
        "consents": count(ConsentRow, col(ConsentRow.person)),
        "messages": count(NoticeRow, col(NoticeRow.recipient)),
    }
