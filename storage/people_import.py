"""A list of people into the roster: row by row what would happen, and then all of it in one transaction or nothing.

Whoever may be on the roster already is asked about, never merged silently. An empty cell leaves what is known; an
import takes nothing away and withdraws nothing. Nobody is written to because of it.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, inspect, select, text, update
from sqlmodel import Session, col

from domain.record import ENGINE
from storage import imports
from storage.database import Database, put
from storage.grid import Sheet
from storage.people_columns import read_people
from storage.people_matching import CARD, Planner, Target
from storage.people_plan import Decisions, Plan
from storage.people_tables import CapacityRow, ChannelRow, ConsentRow, InstitutionRow, PersonRow
from storage.sealing import sealed
from storage.tables import SeatRow

UNDECIDED = Decisions()


def plan_import(db: Database, sheet: Sheet, decisions: Decisions = UNDECIDED) -> Plan:
    """Return what an import would do now. Raises: SheetWrong, DatabaseAway."""
    return _planned(db, sheet, decisions)[0]


def import_people(
    db: Database,
    sheet: Sheet,
    decisions: Decisions = UNDECIDED,
    at: datetime | None = None,
    *,
    overwrite: bool,
    shown: Plan | None = None,
    by: str = ENGINE,
    source: str = "",
) -> Plan:
    """Import all rows in one transaction, or none: `imported` tells. Known people change only with `overwrite`.

    Who imported what stands in a list of its own: `by`, the digest of the file (`source`), ids and counts.
    Nothing is imported either when it would not be what a person was `shown`. Raises: SheetWrong, DatabaseAway.
    """
    with db.reading() as session:
        before = _state(session)
    plan, written = _planned(db, sheet, decisions)
    with db.session() as session:
        _hold(session)
        if _state(session) != before:  # seldom; others wait only then until it is thought through again
            plan, written = _planned(db, sheet, decisions)
        if shown is not None and shown.rows != plan.rows:
            plan.notes.append("The roster changed in between, so something else would happen now; look again.")
        elif not plan.refused and (overwrite or not plan.count("changed")):
            now = at or datetime.now(UTC)
            _write(session, written.values(), now)
            ids = sorted(one.person.id for one in written.values() if one.changed)
            if ids:
                imports.note(session, imports.Import(now, by, "people", source, plan.counts(), tuple(ids)))
            plan.imported = True
    return plan


def _planned(db: Database, sheet: Sheet, decisions: Decisions) -> tuple[Plan, dict[str, Target]]:
    lines, notes = read_people(sheet)
    with db.reading() as session:
        return Planner(db, session, decisions).plan(lines, [*sheet.notes, *notes])


def _state(session: Session) -> bytes:
    """Return a digest of everything a plan depends on."""
    digest = sha256()
    for table in (PersonRow, ChannelRow, CapacityRow, ConsentRow, InstitutionRow, SeatRow):
        columns = inspect(table).local_table.columns
        for row in session.execute(select(*columns).order_by(*columns)):
            digest.update(repr(tuple(row)).encode())
    return digest.digest()


def _hold(session: Session) -> None:
    """Let nobody else write the roster from here to the end of the transaction; reading goes on."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE people, channels, capacities, consents IN SHARE ROW EXCLUSIVE MODE"))
    else:
        session.execute(text("SELECT 1"))  # SQLite's transaction begins with its first statement, and holds all


# --- writing -------------------------------------------------------------------------------------------------------


def _write(session: Session, targets: Iterable[Target], at: datetime) -> None:
    """Write everybody who is new or changed, in a few statements however many they are."""
    changed = [one for one in targets if one.changed]
    new = [one for one in changed if one.known is None]
    known = [one for one in changed if one.known is not None]
    put(session, PersonRow, [{**sealed(session, PersonRow, _card(one)), "made_at": at} for one in new])
    for one in known:
        card = sealed(session, PersonRow, _card(one))
        session.execute(update(PersonRow).where(col(PersonRow.id) == one.person.id).values(card))
        session.execute(delete(ChannelRow).where(col(ChannelRow.person) == one.person.id))
    channels = [
        {"id": f"{one.person.id}/{n:02d}", "person": one.person.id, **channel.model_dump()}
        | {"bounced_at": at if one.known and (channel.kind, channel.address) in one.known.came_back else None}
        for one in changed
        for n, channel in enumerate(sorted(one.person.channels, key=lambda way: way.preference))
    ]
    capacities = [
        {"person": one.person.id, **dated.model_dump(), "capacity": dated.capacity.value}
        for one in changed
        for dated in one.capacities.values()
    ]
    consents = [
        {"person": one.person.id, "scope": scope, "given_at": _noon(day, one.person.zone) if day else at}
        for one in changed
        for scope, day in one.consents.items()
    ]
    put(session, ChannelRow, [sealed(session, ChannelRow, one) for one in channels])
    put(session, CapacityRow, capacities, ("person", "since"), ("capacity", "evidence_on", "note"))
    put(session, ConsentRow, consents)


def _card(one: Target) -> dict[str, Any]:
    card = one.person.model_dump(include=set(CARD) | {"id"})
    return card | {"languages": list(card["languages"]), "category": one.person.category and one.person.category.value}


def _noon(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(12), ZoneInfo(zone))
