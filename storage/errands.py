"""Reports that one initiative has to give another. Giving one twice is harmless (it has a key), so none is claimed."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlmodel import col

from domain.outgoing import Errand
from storage.database import Database
from storage.tables import ErrandRow


def waiting(db: Database, initiative: str, limit: int = 500) -> list[Errand]:
    """Return what this initiative still has to tell others, the oldest first."""
    wanted = (
        select(ErrandRow)
        .where(col(ErrandRow.from_initiative) == initiative, col(ErrandRow.status) == "waiting")
        .order_by(col(ErrandRow.made_at), col(ErrandRow.key))
        .limit(limit)
    )
    with db.reading() as session:
        return [
            Errand(initiative=row.from_initiative, to=row.to_initiative, key=row.key, report=row.report)
            for row in session.execute(wanted).scalars()
        ]


def settled(db: Database, initiative: str, at: datetime) -> list[tuple[Errand, bool]]:
    """Return what was settled at exactly this moment, and whether it was taken."""
    wanted = (
        select(ErrandRow)
        .where(col(ErrandRow.from_initiative) == initiative, col(ErrandRow.settled_at) == at)
        .order_by(col(ErrandRow.made_at), col(ErrandRow.key))
    )
    with db.reading() as session:
        return [
            (
                Errand(initiative=row.from_initiative, to=row.to_initiative, key=row.key, report=row.report),
                row.status == "done",
            )
            for row in session.execute(wanted).scalars()
        ]


def settle(db: Database, errand: Errand, status: Literal["done", "refused"], at: datetime, detail: str = "") -> bool:
    """Write down how it was taken; `detail` is the rule that refused it. Return whether that changed anything."""
    with db.session() as session:
        changed = session.execute(
            update(ErrandRow)
            .where(
                col(ErrandRow.from_initiative) == errand.initiative,
                col(ErrandRow.key) == errand.key,
                col(ErrandRow.status) == "waiting",
            )
            .values(status=status, settled_at=at, detail=detail)
            .returning(col(ErrandRow.key))
        ).first()
    return changed is not None
