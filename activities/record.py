"""Write one drained batch of an initiative into the record: once, in order, in one transaction."""

import asyncio
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from temporalio import activity

from activities.messages import RECORD, RecordBatch, Recorded
from domain.working_days import Calendar
from storage import ledger
from storage.calendars import build_calendars
from storage.database import Database


class RecordActivities:
    """The record and the calendars, read back with the same visit.

    Idempotent by (initiative, seq): a second attempt finds its own entries and writes nothing.
    Errors: a database that is away is tried again until it is back; a chain that does not fit is never forced.
    """

    def __init__(self, database: Database, overlay: Path | None = None) -> None:
        self._database = database
        self._overlay = overlay

    @activity.defn(name=RECORD)
    async def record(self, batch: RecordBatch) -> Recorded:
        return await asyncio.to_thread(self._record, batch)

    def _record(self, batch: RecordBatch) -> Recorded:
        appended = ledger.append(self._database, batch.entries, batch.row, batch.notices, batch.errands, batch.seats)
        newer = newer_calendars(batch.calendars, batch.through, self._overlay)
        return Recorded(waiting=appended.waiting, errands=appended.errands, calendars=newer)


def newer_calendars(known: dict[str, str], through: int, overlay: Path | None) -> dict[str, Calendar]:
    """Return the calendars whose version the workflow does not know, covering `through` and two years back."""
    built = build_calendars(sorted(known), through - 3, through, overlay)
    return {country: one for country, one in built.items() if one.version != known[country]}


def calendars_for(countries: Iterable[str], day: date, overlay: Path | None) -> dict[str, Calendar]:
    """Return calendars for an agenda that is worked out outside a workflow."""
    return build_calendars(sorted(set(countries)), day.year - 1, day.year + 6, overlay)
