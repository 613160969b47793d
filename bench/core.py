"""What the pure core costs by itself: no engine, no database. Microseconds of CPU for one report, one agenda."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from activities.record import calendars_for
from bench import job
from bench.house import load, median
from bench.tables import Table
from domain import view
from domain.agenda import Agenda
from domain.charter import Charter, with_defaults
from domain.initiative import Initiative
from domain.journal import Journal

TEXT = "text:" + "0" * 32
FREE_TEXT = ("text", "reason", "note")


def measure() -> Table:
    """Tell INIT-20 to a journal, and time what a report asks of it then."""
    at = datetime.now(UTC)
    journal = Journal.open(Charter.model_validate(with_defaults(job.charter("bench-core"))), at, job.MANAGER)
    spent = []
    for report in job.reports():
        at += timedelta(minutes=7)
        spent.append(_microseconds(partial(_accepted, journal, report, at), 1))
    calendars = calendars_for(view.countries(journal.now), at.date(), None)
    now, state = journal.now, journal.now.model_dump_json()
    table = Table(f"The pure core after INIT-20: {len(Agenda(now, calendars).obligations)} things owed", load())

    def one(what: str, call: Callable[[], Any], most: float | None = None) -> None:
        table.add(what, _microseconds(call, 60), None, "us", most, ratio_is_gated=False)

    table.add("hear, median of the 123 reports", median(spent), None, "us")
    one("hear, a note at the end", lambda: journal.hear(_note(), at))
    one("check, the same", lambda: journal.check(_note(), at))
    one("agenda and its next due moment", lambda: Agenda(now, calendars).next_due())
    one("list row, agenda known", lambda: view.list_row(journal, calendars, None))
    one("seats", lambda: view.seats(now))
    one(f"state to JSON ({len(state) // 1024} KiB)", now.model_dump_json)
    one("state from JSON", lambda: Initiative.model_validate_json(state))
    return table


_count = iter(range(10**9))


def _note() -> dict[str, Any]:
    return {"kind": "note_added", "note": TEXT, "by": job.MANAGER, "key": f"n-{next(_count)}"}


def _accepted(journal: Journal, report: dict[str, Any], at: datetime) -> None:
    given = {name: TEXT if name in FREE_TEXT else value for name, value in report.items()}
    answer = journal.hear(given, at)
    assert answer.status == "accepted", answer


def _microseconds(call: Callable[[], Any], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) / times * 1e6
