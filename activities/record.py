"""Write one drained batch of an initiative into the record: once, in order, in one transaction."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import structlog
from temporalio import activity

from activities.messages import RECORD, RecordBatch, Recorded
from domain.agenda import Agenda
from domain.clocks import clocks, key
from domain.journal import Journal
from domain.outgoing import Errand
from domain.working_days import Calendar, known_zone
from storage import ledger, roster_news
from storage.calendars import build_calendars
from storage.database import Database

log = structlog.get_logger("jisr.record")


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
        told = (*batch.errands, *self._news(batch))
        appended = ledger.append(self._database, batch.entries, batch.row, batch.notices, told, batch.seats)
        try:
            newer = newer_calendars(batch.calendars, batch.through, self._overlay)
        except (ValueError, OSError) as error:  # an overlay that cannot be read must not hold up the record
            log.error("calendars cannot be built; the known ones stay", why=str(error))  # noqa: TRY400
            newer = {}
        newer = {**newer, **newer_clocks(batch.zones, batch.through)}
        if newer and appended.head_seq == batch.row.head_seq:
            self._plan_anew(batch)
        return Recorded(waiting=appended.waiting, errands=appended.errands, calendars=newer)

    def _plan_anew(self, batch: RecordBatch) -> None:
        """Write down when the next thing is due by the newer calendars: the row was made by those known before."""
        try:
            now = Journal.fold(ledger.entries(self._database, batch.initiative)).now
            days = _calendars(batch.calendars, batch.through, self._overlay)
            every = {**days, **clocks(batch.zones, batch.through)}
            row = batch.row.but(next_due=Agenda(now, every).next_due())
        except (KeyError, ValueError) as error:  # a record that cannot be read must not hold up what follows
            log.error("the list keeps an old due date", initiative=batch.initiative, why=type(error).__name__)  # noqa: TRY400
        else:
            ledger.append(self._database, (), row)

    def _news(self, batch: RecordBatch) -> Iterator[Errand]:
        """Yield what others, or this initiative itself, are to be told of people."""
        if batch.entries:
            yield from roster_news.spread(self._database, batch.initiative, batch.entries)
            at = batch.entries[-1].heard_at
            yield from roster_news.newly_seated(self._database, batch.initiative, batch.seats, at)


def newer_calendars(known: dict[str, str], through: int, overlay: Path | None) -> dict[str, Calendar]:
    """Return the calendars whose version the workflow does not know, covering `through` and two years back."""
    built = _calendars(known, through, overlay)
    return {country: one for country, one in built.items() if one.version != known[country]}


def newer_clocks(known: dict[str, str], through: int) -> dict[str, Calendar]:
    """Return the clocks whose version the workflow does not know, by the time zone data of this machine."""
    here = [zone for zone in known if known_zone(zone)]
    built = clocks(here, through)
    return {key(zone): built[key(zone)] for zone in here if built[key(zone)].version != known[zone]}


def _calendars(countries: Iterable[str], through: int, overlay: Path | None) -> dict[str, Calendar]:
    return _built(tuple(sorted(countries)), through, overlay, overlay.stat().st_mtime_ns if overlay else 0)


@lru_cache(maxsize=64)
def _built(countries: tuple[str, ...], through: int, overlay: Path | None, _changed: int) -> dict[str, Calendar]:
    """Return the calendars of these countries; worked out again only when the overlay file has changed."""
    return build_calendars(countries, through - 3, through, overlay)


def calendars_for(countries: Iterable[str], day: date, overlay: Path | None) -> dict[str, Calendar]:
    """Return calendars for an agenda that is worked out outside a workflow."""
    return build_calendars(sorted(set(countries)), day.year - 1, day.year + 6, overlay)
