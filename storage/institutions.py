"""Institutions and the partnerships with them. They outlive initiatives; a successor keeps its history."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from storage.database import Database, put
from storage.people_tables import InstitutionRow, PartnershipRow
from storage.roster import Written
from storage.roster_input import Partnership, RosterInstitution, RosterWrong
from storage.sealing import opened, sealed


def add_institution(
    db: Database, given: RosterInstitution, at: datetime | None = None, update: bool = False
) -> Written:
    """Write an institution down. The same again is `unchanged`; with other content only when `update` is given.

    Raises: RosterWrong naming the fields that differ, or a predecessor that is not there; DatabaseAway.
    """
    with db.session() as session:
        if given.successor_of is not None and session.get(InstitutionRow, given.successor_of) is None:
            raise RosterWrong(f"successor_of: there is no institution {given.successor_of}; add it first.")
        row = session.get(InstitutionRow, given.id)
        if row is None:
            values = sealed(session, InstitutionRow, given.model_dump())
            session.add(InstitutionRow(**values, made_at=at or datetime.now(UTC)))
            return "added"
        known = opened(session, [row])[0]
        differ = [name for name in RosterInstitution.model_fields if known[name] != getattr(given, name)]
        if not differ:
            return "unchanged"
        if not update:
            raise RosterWrong(
                f"{given.id} is known with other {', '.join(differ)}. Use another id for another institution; "
                "say --update to write the new content."
            )
        values = sealed(session, InstitutionRow, given.model_dump())
        for name in differ:
            setattr(row, name, values[name])
        return "updated"


def institutions(db: Database) -> list[RosterInstitution]:
    """Return every institution, by id. Raises: DatabaseAway."""
    with db.reading() as session:
        rows = session.execute(select(InstitutionRow).order_by(col(InstitutionRow.id))).scalars()
        found = opened(session, rows)
    return [
        RosterInstitution.model_construct(**{name: row[name] for name in RosterInstitution.model_fields})
        for row in found
    ]


def history(db: Database, institution: str) -> list[str]:
    """Return the institution and those it succeeded, the latest first. Raises: DatabaseAway."""
    before = {one.id: one.successor_of for one in institutions(db)}
    line: list[str] = []
    one: str | None = institution
    while one in before and one not in line:
        line.append(one)
        one = before[one]
    return line


def set_partnership(db: Database, given: Partnership) -> None:
    """Write a partnership down, or its end. Raises: LookupError for an unknown institution, DatabaseAway."""
    with db.session() as session:
        _known(session, given.institution)
        put(session, PartnershipRow, [given.model_dump()], ("institution", "since"), ("until", "terms"))


def partnerships(db: Database, on: date | None = None) -> list[Partnership]:
    """Return the partnerships, or those that hold on a day, by institution and beginning."""
    wanted = select(PartnershipRow).order_by(col(PartnershipRow.institution), col(PartnershipRow.since))
    with db.reading() as session:
        found = [Partnership.model_validate(row.model_dump()) for row in session.execute(wanted).scalars()]
    return [p for p in found if on is None or (p.since <= on and (p.until is None or p.until >= on))]


def _known(session: Session, institution: str) -> None:
    if session.get(InstitutionRow, institution) is None:
        raise LookupError(f"There is no institution {institution}. Add it first: `jisr institutions add`.")
