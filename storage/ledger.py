"""The record: entries are added in order, once, together with what follows from them, in one transaction."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from sqlalchemy import Row as Line
from sqlalchemy import Text, bindparam, cast, func, or_, select
from sqlmodel import Session, col

from domain.chain import EMPTY, Head, Verdict, check_chain
from domain.outgoing import Errand, ListRow, Notice, Seat
from domain.record import Entry, canonical
from storage.database import Database, put
from storage.tables import EntryRow, ErrandRow, InitiativeRow, NoticeRow, SeatRow

PAGE = 500  # entries read at a time: no transaction stays open while the reader thinks
ENTRIES, LISTED = (EntryRow.metadata.tables[name] for name in ("entries", "initiatives"))
LIST = tuple(ListRow.model_fields)

# Made once: making a statement takes longer than running it.
THE_HEAD = (
    select(col(EntryRow.seq), col(EntryRow.hash))
    .where(col(EntryRow.initiative) == bindparam("initiative"))
    .order_by(col(EntryRow.seq).desc())
    .limit(1)
)
STILL_WAITING = select(
    *(
        select(func.count()).where(mine == bindparam("initiative"), status == "waiting").scalar_subquery()
        for mine, status in (
            (col(NoticeRow.initiative), col(NoticeRow.status)),
            (col(ErrandRow.from_initiative), col(ErrandRow.status)),
        )
    )
)


class ChainBroken(Exception):
    """The entries do not follow what is recorded. Nothing was written. Names the initiative and the entry."""

    def __init__(self, initiative: str, seq: int, why: str) -> None:
        self.initiative, self.seq = initiative, seq
        super().__init__(
            f"{initiative}, entry {seq}: {why}. Nothing was written. Run `jisr audit verify {initiative}`."
        )


class Appended(NamedTuple):
    """What waits for this initiative now, notices and errands, and where its record ends."""

    waiting: int
    errands: int
    head_seq: int
    head_hash: str


# --- writing -------------------------------------------------------------------------------------------------------


def append(
    db: Database,
    entries: Sequence[Entry],
    row: ListRow,
    notices: Sequence[Notice] = (),
    errands: Sequence[Errand] = (),
    seats: Sequence[Seat] = (),
) -> Appended:
    """Write one batch of one initiative; doing it again writes nothing. `row` stands at the last entry.

    Notices and errands already known are left as they are. A batch older than what is recorded (a late second
    attempt) changes neither list row nor seats. Raises: ChainBroken, DatabaseAway; ValueError on a time without zone.
    """
    with db.session() as session:
        _one_at_a_time(session, row.id)
        before = _head(session, row.id)
        new = _following(session, row.id, before, entries)
        if new:
            session.execute(ENTRIES.insert(), [_columns(entry) for entry in new])
        head = Head(new[-1].seq, new[-1].hash) if new else before
        if row.head_seq > head.seq or (row.head_seq == head.seq and row.head_hash != head.hash):
            raise ChainBroken(row.id, row.head_seq, f"the list row stands there, the record ends at {head.seq}")
        heard = entries[-1].heard_at if entries else None
        if row.head_seq == head.seq:
            _put_row(session, row, heard)
            _put_seats(session, seats)
        _put_outgoing(session, notices, errands, heard or row.opened_at)
        waiting, told = session.execute(STILL_WAITING, {"initiative": row.id}).one()
    return Appended(waiting, told, head.seq, head.hash)


def _one_at_a_time(session: Session, initiative: str) -> None:
    """Keep a second attempt out until this one has ended; on SQLite the transaction itself does."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(initiative, 0))))


def _following(session: Session, initiative: str, head: Head, entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that are new, having checked every one. Raises: ChainBroken."""
    known = _hashes(session, initiative, entries[0].seq, head.seq) if entries and entries[0].seq <= head.seq else {}
    new: list[Entry] = []
    for entry in entries:
        if entry.initiative != initiative:
            raise ChainBroken(initiative, entry.seq, f"it belongs to {entry.initiative}")
        if entry.hash != entry.own_hash():
            raise ChainBroken(initiative, entry.seq, "its content is not what its hash says")
        if entry.seq <= head.seq and not new:
            if known.get(entry.seq) != entry.hash:
                raise ChainBroken(initiative, entry.seq, "another entry is recorded under this number")
            continue
        if entry.seq != head.seq + 1:
            raise ChainBroken(
                initiative, entry.seq, f"a gap: the record ends at {head.seq}, so {head.seq + 1} comes next"
            )
        if entry.prev != head.hash:
            raise ChainBroken(initiative, entry.seq, f"it does not follow entry {head.seq} as recorded")
        new.append(entry)
        head = Head(entry.seq, entry.hash)
    return new


def _hashes(session: Session, initiative: str, first: int, last: int) -> dict[int, str]:
    found = session.execute(
        select(col(EntryRow.seq), col(EntryRow.hash)).where(
            col(EntryRow.initiative) == initiative, col(EntryRow.seq).between(first, last)
        )
    )
    return {line.seq: line.hash for line in found}


def _columns(entry: Entry) -> dict[str, Any]:
    at, heard = entry.at.utcoffset(), entry.heard_at.utcoffset()
    if at is None or heard is None:
        raise ValueError(f"{entry.initiative}, entry {entry.seq}: a time has no zone.")
    offsets = {"at_offset": int(at.total_seconds()), "heard_offset": int(heard.total_seconds())}
    return {name: getattr(entry, name) for name in Entry.model_fields} | offsets


def _put_row(session: Session, row: ListRow, heard: datetime | None) -> None:
    values = {name: getattr(row, name) for name in LIST}
    values["waiting_on"] = [one.model_dump(mode="json") for one in row.waiting_on]
    changed = (*LIST, "updated_at") if heard else LIST
    put(session, InitiativeRow, [values | {"updated_at": heard or row.opened_at}], ("id",), changed)


def _put_seats(session: Session, seats: Sequence[Seat]) -> None:
    rows = [seat.model_dump() for seat in seats]
    put(session, SeatRow, rows, ("person", "initiative"), ("standing", "live"))


def _put_outgoing(session: Session, notices: Sequence[Notice], errands: Sequence[Errand], heard: datetime) -> None:
    new = {"made_at": heard, "status": "waiting", "detail": ""}
    put(session, NoticeRow, [{"id": one.id(), **one.model_dump(), **new} for one in notices])
    put(
        session,
        ErrandRow,
        [
            {"from_initiative": one.initiative, "to_initiative": one.to, "key": one.key, "report": one.report, **new}
            for one in errands
        ],
    )


# --- reading -------------------------------------------------------------------------------------------------------


def entries(db: Database, initiative: str, since: int = 0, kind: str | None = None) -> Iterator[Entry]:
    """Yield the entries after number `since`, in order, as they were sealed. Raises: DatabaseAway."""
    return _pages(db, initiative, since, kind, PAGE)


def _pages(db: Database, initiative: str, since: int, kind: str | None, size: int) -> Iterator[Entry]:
    while True:
        wanted = select(*ENTRIES.columns).where(col(EntryRow.initiative) == initiative, col(EntryRow.seq) > since)
        if kind is not None:
            wanted = wanted.where(col(EntryRow.kind) == kind)
        with db.reading() as session:
            page = [_entry(line) for line in session.execute(wanted.order_by(col(EntryRow.seq)).limit(size))]
        yield from page
        if len(page) < size:
            return
        since = page[-1].seq


def _entry(line: Line[Any]) -> Entry:
    """Return the entry, not validated: what somebody tampered with must reach the check as it stands."""
    values = dict(line._mapping)
    at, heard = values.pop("at_offset"), values.pop("heard_offset")
    values["at"] = values["at"].astimezone(timezone(timedelta(seconds=at)))
    values["heard_at"] = values["heard_at"].astimezone(timezone(timedelta(seconds=heard)))
    return Entry.model_construct(**values)


def head(db: Database, initiative: str) -> Head:
    """Return number and hash of the last entry; (0, GENESIS) when there is none. Raises: DatabaseAway."""
    with db.reading() as session:
        return _head(session, initiative)


def _head(session: Session, initiative: str) -> Head:
    last = session.execute(THE_HEAD, {"initiative": initiative}).first()
    return Head(*last) if last else EMPTY


def initiatives(
    db: Database,
    stage: str | None = None,
    track: str | None = None,
    stalled: bool | None = None,
    waiting_on: str | None = None,
) -> list[ListRow]:
    """Return the list rows, by id; `waiting_on` is the id of whoever is waited for. Raises: DatabaseAway."""
    wanted = select(*LISTED.columns).order_by(col(InitiativeRow.id))
    for column, value in (("stage", stage), ("track", track), ("stalled", stalled)):
        if value is not None:
            wanted = wanted.where(getattr(InitiativeRow, column) == value)
    if waiting_on is not None:
        named = f'"who":{canonical(waiting_on).decode()}'  # as it stands in the canonical text
        wanted = wanted.where(cast(col(InitiativeRow.waiting_on), Text).contains(named, autoescape=True))
    with db.reading() as session:
        rows = [ListRow.model_validate(dict(line._mapping)) for line in session.execute(wanted)]
    return [row for row in rows if waiting_on is None or any(one.who == waiting_on for one in row.waiting_on)]


def using(db: Database, countries: Iterable[str]) -> list[str]:
    """Return the initiatives whose record names one of these countries, or a part of one, by id."""
    fields = cast(col(EntryRow.fields), Text)
    named = [fields.contains(f'"country":"{country[:2]}', autoescape=True) for country in countries]
    if not named:
        return []
    with db.reading() as session:
        return sorted(session.execute(select(col(EntryRow.initiative)).where(or_(*named)).distinct()).scalars())


def initiative_row(db: Database, initiative: str) -> ListRow | None:
    """Return the list row of one initiative, or None. Raises: DatabaseAway."""
    with db.reading() as session:
        line = session.execute(select(*LISTED.columns).where(col(InitiativeRow.id) == initiative)).first()
    return ListRow.model_validate(dict(line._mapping)) if line else None


def verify(db: Database, initiative: str, *witnesses: Head) -> Verdict:
    """Return the verdict on the record: chain, hashes, and its end as the list row and each witness knows it.

    A witness, such as the workflow's own state or a checkpoint, is stronger: the list row stands beside the record.
    """
    row = initiative_row(db, initiative)
    told = (*witnesses, *([Head(row.head_seq, row.head_hash)] if row else ()))
    try:
        return check_chain(entries(db, initiative), *told)
    except ValueError:  # a line that cannot even be read: find it
        return _unreadable(db, initiative, *told)


def _unreadable(db: Database, initiative: str, *witnesses: Head) -> Verdict:
    read: list[Entry] = []
    try:
        read.extend(_pages(db, initiative, 0, None, 1))
    except ValueError:
        sound = check_chain(read)
        if sound.what in ("", "no record"):
            return Verdict(False, len(read) + 1, len(read) + 1, "edited", sound.head)
        return sound
    return check_chain(read, *witnesses)
