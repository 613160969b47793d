"""What one initiative hears about a person concerns the roster and every other live initiative that knows them.

A change made by `jisr people` has reached everybody already: its key begins with `roster/`, and so do the keys made
here, so that no news goes round and round.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from sqlalchemy import bindparam, select
from sqlmodel import col

from domain.outgoing import Errand, Seat
from domain.record import ENGINE, Entry
from storage import roster
from storage.database import Database
from storage.roster import KnownPerson
from storage.tables import SeatRow

# Of the person, wherever they sit. Who is erased is erased by a command of its own; who withdraws leaves one table.
OF_THE_PERSON = (
    "capacity_changed", "person_died", "do_not_contact_asked", "contact_allowed_again", "person_unreachable",
    "person_reachable", "person_card_changed",
)  # fmt: skip
TOLD = "roster/"  # what the key of news begins with
SILENT = {"died": "person_died", "erased": "person_erased", "do_not_contact": "do_not_contact_asked"}
LEFT = ("withdrew", "removed", "barred", "died")  # standings in which nothing is written to anybody
# Made once: making a statement takes longer than running it.
SEATED = select(col(SeatRow.person)).where(col(SeatRow.initiative) == bindparam("initiative"))
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
    found = []
    for person in roster.people(db, [seat.person for seat in seats if seat.person not in before]):
        if person.silence is not None:
            key = f"{TOLD}seat/{person.id}"
            said = {"kind": SILENT[person.silence], "person": person.id, "by": ENGINE, "at": at.isoformat()}
            found.append(Errand(initiative=initiative, to=initiative, key=key, report=said | {"key": key}))
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
    known = roster.person(db, person)
    if known is not None and known.silence is not None:
        return known, known.silence
    with db.reading() as session:
        standing = session.execute(STANDING, {"person": person, "initiative": initiative}).scalar()
    return known, standing if standing in LEFT else None
