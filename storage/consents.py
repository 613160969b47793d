"""The ledger of consents: who agreed to what, when, and when they took it back."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from domain.vocabulary import ConsentScope
from storage.database import Database
from storage.people_tables import ConsentRow
from storage.roster import known_row
from storage.roster_input import Consent


def consent(
    db: Database, person: str, scope: ConsentScope, given: bool, at: datetime, initiative: str | None = None
) -> None:
    """Write down that somebody consents, or no longer does; what holds already stays. Raises: LookupError."""
    mine = col(ConsentRow.initiative)
    standing = select(ConsentRow).where(
        col(ConsentRow.person) == person,
        col(ConsentRow.scope) == scope.value,
        col(ConsentRow.withdrawn_at).is_(None),
        mine.is_(None) if initiative is None else mine == initiative,
    )
    with db.session() as session:
        known_row(session, person)
        found = session.execute(standing).scalars().first()
        if given and found is None:
            session.add(ConsentRow(person=person, scope=scope.value, given_at=at, initiative=initiative))
        elif found is not None and not given:
            found.withdrawn_at = at


def consents(db: Database, person: str) -> list[Consent]:
    """Return every consent of somebody, given and withdrawn, the earliest first."""
    wanted = select(ConsentRow).where(col(ConsentRow.person) == person)
    with db.reading() as session:
        rows = session.execute(wanted.order_by(col(ConsentRow.given_at), col(ConsentRow.id))).scalars()
        return [Consent.model_validate(row.model_dump(exclude={"id", "person"})) for row in rows]
