"""What one initiative hears about a person concerns the roster and every other live initiative that knows them.

A change made by `jisr people` has reached everybody already: its key begins with `roster/`, and so do the keys made
here, so that no news goes round and round.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from sqlalchemy import bindparam, or_, select
from sqlmodel import col

from domain.outgoing import Errand, Seat
from domain.record import ENGINE, Entry
from storage import roster
from storage.database import Database
from storage.people_tables import PersonRow
from storage.roster import KnownPerson
from storage.tables import SeatRow

# Of the person, wherever they sit. Who is erased is erased by a command of its own; who withdraws leaves one table.
OF_THE_PERSON = (
    "capacity_changed", "person_died", "do_not_contact_asked", "contact_allowed_again", "person_unreachable",
    "person_reachable", "person_card_changed",
)  # fmt: skip
TOLD = "roster/"  # what the key of news begins with
LEFT = ("withdrew", "removed", "barred", "died")  # standings in which nothing is written to anybody
# Made once: making a statement takes longer than running it.
SEATED = select(col(SeatRow.person)).where(col(SeatRow.initiative) == bindparam("initiative"))
SILENT = select(col(PersonRow.id), col(PersonRow.deceased_on), col(PersonRow.erased_at)).where(
    or_(
        col(PersonRow.deceased_on).is_not(None),
        col(PersonRow.erased_at).is_not(None),
        col(PersonRow.do_not_contact_since).is_not(None),
    )
)
STANDING = select(col(SeatRow.standing)).where(
    col(SeatRow.person) == bindparam("person"), col(SeatRow.initiative) == bindparam("initiative")
)

log = structlog.get_logger("jisr.roster")


def newly_seated(db: Database, initiative: str, seats: Sequence[Seat], at: datetime) -> tuple[Errand, ...]:
    """Return what an initiative is told of people it has not known before: who of them must not be written to.

    So somebody is silent wherever they are named later, also when that crossed with the news. Raises: DatabaseAway.
    """
    if not any(seat.live for seat in seats):
        return ()
    with db.reading() as session:
        before = set(session.execute(SEATED, {"initiative": initiative}).scalars())
        silent = list(session.execute(SILENT))  # few, and read without opening anybody's name
    new = {seat.person for seat in seats} - before
    found = []
    for person, died, erased in silent:
        if person in new:
            kind = "person_died" if died else "person_erased" if erased else "do_not_contact_asked"
            key = f"{TOLD}seat/{person}"
            said = {"kind": kind, "person": person, "by": ENGINE, "at": at.isoformat(), "key": key}
            found.append(Errand(initiative=initiative, to=initiative, key=key, report=said))
    return tuple(found)


def spread(db: Database, initiative: str, entries: Iterable[Entry]) -> tuple[Errand, ...]:
    """Write the news of these entries into the roster; return who else is to be told. Twice is once.

    What the roster cannot take is logged and told on all the same. Raises: DatabaseAway.
    """
    found: list[Errand] = []
    for entry in entries:
        if entry.kind not in OF_THE_PERSON or (entry.key or "").startswith(TOLD):
            continue
        person = str(entry.fields["person"])
        report = {"kind": entry.kind, **entry.fields, "by": entry.by, "at": entry.at.isoformat()}
        try:
            roster.apply_change(db, person, report)
        except ValueError as wrong:
            log.error("the roster cannot take a change", initiative=initiative, seq=entry.seq, why=str(wrong))  # noqa: TRY400
        told = report | {"key": f"{TOLD}{initiative}/{entry.seq}"}
        found += [
            Errand(initiative=initiative, to=other, key=f"{TOLD}{entry.seq}/{other}", report=told)
            for other in roster.live_initiatives(db, person)
            if other != initiative
        ]
    return tuple(found)


def reader(db: Database, initiative: str, person: str) -> tuple[KnownPerson | None, str | None]:
    """Return whom a message goes to, and why they must not be written to by this initiative, as of this moment.

    A message may have waited since before they withdrew. Raises: DatabaseAway.
    """
    with db.reading() as session:
        known = roster.known_person(session, person)
        if known is not None and known.silence is not None:
            return known, known.silence
        standing = session.execute(STANDING, {"person": person, "initiative": initiative}).scalar()
    return known, standing if standing in LEFT else None
