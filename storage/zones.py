"""Which time zone data this machine reckons with, for the zones that people here live in."""

from hashlib import sha256

from sqlalchemy import select
from sqlmodel import col

from domain.clocks import clocks
from storage.database import Database
from storage.people_tables import PersonRow

YEAR = 2030  # round which the data are compared: a fixed one, so that a New Year is no change


def zone_data_digest(db: Database) -> str:
    """Return what changes when the data of a zone in use change, or when one more zone is in use; "" for none."""
    with db.reading() as session:
        zones = sorted(session.execute(select(col(PersonRow.zone)).distinct()).scalars())
    versions = [f"{name} {one.version}" for name, one in clocks(zones, YEAR).items()]
    return sha256("\n".join(versions).encode()).hexdigest()[:12] if versions else ""
