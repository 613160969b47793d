"""The roster: who people are and how to reach them. The only place that knows; looked up afresh for each message."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Select, bindparam, delete, inspect, select, update
from sqlmodel import Session, SQLModel, col

from domain.vocabulary import Category
from storage.database import Database, put
from storage.people_tables import CapacityRow, ChannelRow, PersonRow
from storage.roster_input import (
    DatedCapacity,
    RosterChannel,
    RosterPerson,
    RosterWrong,
    read_capacity,
    read_person,
)
from storage.sealing import opened_lines, sealed
from storage.tables import SeatRow

Written = Literal["added", "unchanged", "updated"]


class Asked(NamedTuple):
    """A question to one table, made once (making it takes longer than asking): about some people, and about all."""

    table: type[SQLModel]
    some: Select[Any]
    all: Select[Any]


def _asked(table: type[SQLModel], person: str, *order: str) -> Asked:
    columns = inspect(table).local_table.columns
    every = select(*columns).order_by(*(columns[name] for name in order))
    return Asked(table, every.where(columns[person].in_(bindparam("ids", expanding=True))), every)


PEOPLE = _asked(PersonRow, "id", "id")
CHANNELS = _asked(ChannelRow, "person", "preference", "id")
CAPACITIES = _asked(CapacityRow, "person", "since")


class KnownPerson(RosterPerson):
    """A person as the roster knows them, with what has happened since they were written down."""

    made_at: datetime
    each_by_itself: bool = False  # no message that lists several requests
    deceased_on: date | None = None
    do_not_contact_since: datetime | None = None
    unreachable_since: datetime | None = None
    erased_at: datetime | None = None
    capacities: tuple[DatedCapacity, ...] = ()  # the latest last
    bounced: tuple[int, ...] = ()  # which of `channels` mail came back from

    @property
    def came_back(self) -> frozenset[tuple[str, str]]:
        """Return kind and address of the ways that mail came back from."""
        return frozenset((self.channels[number].kind, self.channels[number].address) for number in self.bounced)

    @property
    def silence(self) -> str | None:
        """Return why they must not be written to (died, erased, do_not_contact), or None."""
        if self.deceased_on is not None:
            return "died"
        if self.erased_at is not None:
            return "erased"
        return "do_not_contact" if self.do_not_contact_since is not None else None


# --- people --------------------------------------------------------------------------------------------------------


def add_person(db: Database, given: RosterPerson, at: datetime | None = None, update: bool = False) -> Written:
    """Write a person down. The same again is `unchanged`; with other content only when `update` is given.

    Raises: RosterWrong naming the fields that differ, or for somebody erased; DatabaseAway.
    """
    with db.session() as session:
        return _write_person(session, given, at or datetime.now(UTC), update)


def add_missing(db: Database, given: Sequence[Mapping[str, Any]], at: datetime | None = None) -> list[str]:
    """Write down those of them that the roster does not know, all or none; return their ids.

    Somebody known is left as they are, whatever is given here. Raises: RosterWrong, field by field.
    """
    made = [read_person(one) for one in given]
    with db.session() as session:
        known = set(session.execute(select(col(PersonRow.id))).scalars())
        new = {one.id: one for one in made if one.id not in known}
        _add_people(session, list(new.values()), at or datetime.now(UTC))
    return sorted(new)


def _write_person(session: Session, given: RosterPerson, at: datetime, update: bool) -> Written:
    known = next(iter(_people(session, [given.id])), None)
    values = given.model_dump(mode="json", exclude={"channels"})
    if known is None:
        _add_people(session, [given], at)
        return "added"
    if known.erased_at is not None:
        raise RosterWrong(f"{given.id} was erased at their request; use another id if they come back.")
    ordered = given.but(channels=_in_order(given.channels))
    differ = [name for name in RosterPerson.model_fields if getattr(known, name) != getattr(ordered, name)]
    if not differ:
        return "unchanged"
    if not update:
        raise RosterWrong(
            f"{given.id} is on the roster with other {', '.join(differ)}. Use another id for another person; "
            "say --update to write the new content."
        )
    row = session.get_one(PersonRow, given.id)
    for name, value in sealed(session, PersonRow, values).items():
        setattr(row, name, value)
    session.execute(delete(ChannelRow).where(col(ChannelRow.person) == given.id))
    _write_channels(session, given, dict.fromkeys(known.came_back, at))
    return "updated"


def _add_people(session: Session, given: Sequence[RosterPerson], at: datetime) -> None:
    for one in given:
        values = one.model_dump(mode="json", exclude={"channels"})
        session.add(PersonRow(**sealed(session, PersonRow, values), made_at=at))
    session.flush()  # the channels refer to them
    for one in given:
        _write_channels(session, one, {})


def _write_channels(session: Session, given: RosterPerson, back: Mapping[tuple[str, str], datetime]) -> None:
    for number, channel in enumerate(_in_order(given.channels)):
        bounced = {"bounced_at": back.get((channel.kind, channel.address))}
        values = {"id": f"{given.id}/{number:02d}", "person": given.id, **channel.model_dump(), **bounced}
        session.add(ChannelRow(**sealed(session, ChannelRow, values)))


def _in_order(channels: Iterable[RosterChannel]) -> tuple[RosterChannel, ...]:
    return tuple(sorted(channels, key=lambda one: one.preference))


def person(db: Database, id: str) -> KnownPerson | None:
    """Return one person, or None. Raises: DatabaseAway."""
    with db.reading() as session:
        return known_person(session, id)


def known_person(session: Session, id: str) -> KnownPerson | None:
    """Return one person, or None, in a session that is open."""
    return next(iter(_people(session, [id])), None)


def people(db: Database, ids: Iterable[str] | None = None) -> list[KnownPerson]:
    """Return the people of the roster, or those of them with these ids, by id. Raises: DatabaseAway."""
    with db.reading() as session:
        return _people(session, None if ids is None else sorted(set(ids)))


def cards(db: Database, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what the rules and the clock may know of these people: country, zone, language, organisation."""
    return {
        one.id: {"country": one.country, "zone": one.zone, "organisation": one.organisation}
        | ({"language": one.languages[0]} if one.languages else {})
        for one in people(db, ids)
    }


def contact(db: Database, id: str) -> tuple[RosterChannel, ...]:
    """Return the ways to reach somebody, the preferred first; none for somebody unknown or in silence.

    A channel never to be written to is not among them. Raises: DatabaseAway.
    """
    found = person(db, id)
    if found is None or found.silence is not None:
        return ()
    return tuple(one for one in found.channels if not one.never_write)


def live_initiatives(db: Database, person: str) -> list[str]:
    """Return the initiatives that still run and know this person, by id. Raises: DatabaseAway."""
    wanted = select(col(SeatRow.initiative)).where(col(SeatRow.person) == person, col(SeatRow.live).is_(True))
    with db.reading() as session:
        return sorted(session.execute(wanted).scalars())


def _people(session: Session, ids: Sequence[str] | None) -> list[KnownPerson]:
    """Read people with their channels and capacities in three questions, however many they are."""
    few = ids is not None and len(ids) <= 500  # beyond that it is cheaper, and allowed, to read all
    channels: dict[str, list[RosterChannel]] = {}
    capacities: dict[str, list[DatedCapacity]] = {}
    bounced: dict[str, list[int]] = {}
    for way in _lines(session, CHANNELS, ids if few else None):
        fields = {name: way[name] for name in RosterChannel.model_fields}
        mine = channels.setdefault(way["person"], [])
        if way["bounced_at"] is not None:
            bounced.setdefault(way["person"], []).append(len(mine))
        mine.append(RosterChannel.model_construct(**fields))
    for one in _lines(session, CAPACITIES, ids if few else None):
        fields = {name: one[name] for name in DatedCapacity.model_fields}
        capacities.setdefault(one["person"], []).append(DatedCapacity.model_validate(fields))
    return [
        # Not validated again: zones and countries come and go, and somebody written down must stay readable.
        KnownPerson.model_construct(
            **row
            | {
                "languages": tuple(row["languages"]),
                "category": Category(row["category"]) if row["category"] else None,
                "channels": tuple(channels.get(row["id"], ())),
                "capacities": tuple(capacities.get(row["id"], ())),
                "bounced": tuple(bounced.get(row["id"], ())),
            }
        )
        for row in _lines(session, PEOPLE, ids if few else None)
        if ids is None or few or row["id"] in ids
    ]


def _lines(session: Session, asked: Asked, ids: Sequence[str] | None) -> list[dict[str, Any]]:
    found = session.execute(asked.all) if ids is None else session.execute(asked.some, {"ids": list(ids)})
    return opened_lines(session, asked.table, [dict(line._mapping) for line in found])


# --- what happens to people ----------------------------------------------------------------------------------------


def set_capacity(db: Database, person: str, capacity: DatedCapacity) -> None:
    """Write down on what standing somebody comes since a day; what was before stays. Raises: LookupError."""
    with db.session() as session:
        known_row(session, person)
        values = {"person": person, **capacity.model_dump(), "capacity": capacity.capacity.value}
        put(session, CapacityRow, [values], ("person", "since"), tuple(values))


def stop(db: Database, person: str, at: datetime) -> None:
    """Never write to somebody again; the first request counts. Raises: LookupError."""
    with db.session() as session:
        row = known_row(session, person)
        row.do_not_contact_since = row.do_not_contact_since or at


def allow_again(db: Database, person: str) -> None:
    """Somebody who asked not to be written to changed their mind. Raises: LookupError."""
    with db.session() as session:
        known_row(session, person).do_not_contact_since = None


def want_digests(db: Database, person: str, wanted: bool) -> None:
    """Write down whether several requests to somebody may be one message. Raises: LookupError."""
    with db.session() as session:
        known_row(session, person).each_by_itself = not wanted


def mark_deceased(db: Database, person: str, on: date) -> None:
    """Write down that somebody died; nothing reaches for them any more. Raises: LookupError."""
    with db.session() as session:
        row = known_row(session, person)
        row.deceased_on = row.deceased_on or on


def mark_unreachable(db: Database, person: str, since: datetime | None) -> None:
    """Write down since when no message reaches somebody; None: they are reachable again. Raises: LookupError."""
    with db.session() as session:
        known_row(session, person).unreachable_since = since
        if since is None:
            again = update(ChannelRow).where(col(ChannelRow.person) == person).values(bounced_at=None)
            session.execute(again)


def apply_change(db: Database, person: str, report: Mapping[str, Any]) -> bool:
    """Write what a report says of a person (as it travels: kind, at, fields); twice is once. Return whether it did.

    A report of another kind, or about somebody the roster does not know, changes nothing here.
    Raises: RosterWrong, when it is not well-formed; Held.
    """
    from storage import erasure  # noqa: PLC0415  it builds on this room

    kind, at = report.get("kind"), _moment_of(report)
    try:
        if kind in ("capacity_changed", "capacity_verified") and report.get("capacity") and report.get("since"):
            set_capacity(db, person, read_capacity(report))
        elif kind == "person_died":
            mark_deceased(db, person, at.date())
        elif kind == "person_erased":
            erasure.erase(db, person, at, str(report.get("by") or ""))
        elif kind == "do_not_contact_asked":
            stop(db, person, at)
        elif kind == "contact_allowed_again":
            allow_again(db, person)
        elif kind in ("person_unreachable", "person_reachable"):
            mark_unreachable(db, person, at if kind == "person_unreachable" else None)
        elif kind == "person_card_changed":
            change_card(db, person, report)
        else:
            return False
    except LookupError:
        return False
    return True


def _moment_of(report: Mapping[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(report["at"]) if report.get("at") else datetime.now(UTC)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is None:
        raise RosterWrong("at: give a moment with its zone, for example 2026-03-01T10:00+03:00.")
    return at


def change_card(db: Database, person: str, changes: Mapping[str, Any]) -> None:
    """Change country, zone, organisation or first language of somebody. Raises: LookupError, RosterWrong."""
    with db.session() as session:
        row = known_row(session, person)
        if row.erased_at is not None:
            raise LookupError(f"{person} was erased; nothing is kept about them any more.")
        given = {name: changes[name] for name in ("country", "zone", "organisation") if changes.get(name)}
        checked = read_person({"id": person, **given, "language": changes.get("language")})
        new = {"id": person, **{name: getattr(checked, name) for name in given}}
        for name, value in sealed(session, PersonRow, new).items():
            setattr(row, name, value)
        row.languages = list(dict.fromkeys((*checked.languages, *row.languages)))


def known_row(session: Session, person: str) -> PersonRow:
    """Return somebody's row inside a transaction. Raises: LookupError, with what to do."""
    row = session.get(PersonRow, person)
    if row is None:
        raise LookupError(f"{person} is not on the roster. Add them first: `jisr people add {person}`.")
    return row
