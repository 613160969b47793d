"""A dry run: an initiative played through the pure core, in milliseconds, without a server or a database.

The same rules, ladders and calendars as the real thing; only the words are left out, for the core never sees any.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from desk import PLACEHOLDER, free_texts
from domain.agenda import Calendars
from domain.charter import Charter
from domain.journal import Journal
from domain.record import MILESTONES, Answer
from domain.vocabulary import Role
from errors import InvalidInput

Line = Mapping[str, Any]
BEFORE_THE_FIRST = timedelta(minutes=1)  # the opening, where nothing else is said


def play(
    charter: Charter,
    reports: Iterable[Line],
    until: datetime,
    calendars: Calendars,
    answers: list[Answer] | None = None,
    opened_at: datetime | None = None,
) -> Journal:
    """Return the journal after every report was heard at its `at` and the clock went on to `until`.

    Its entries wait in `unrecorded`. `answers` is filled with one answer per report, in order. A report dated
    earlier than the one before it is heard late, when that one was; nothing is heard after `until`.
    Raises: InvalidInput, naming the line, for a report without a moment.
    """
    lines = [(moment_of(one, number), one) for number, one in enumerate(reports, 1)]
    opened_at = opened_at or opening_moment(lines, until)
    journal = Journal.open(charter, opened_at, f"manager:{charter.roles[Role.MANAGER]}")
    clock = opened_at
    for at, line in lines:
        if at > until:
            break
        clock = let_pass(journal, calendars, clock, at)
        answer = journal.hear(without_words(line), clock)
        if answers is not None:
            answers.append(answer)
    let_pass(journal, calendars, clock, until)
    return journal


def opening_moment(lines: Sequence[tuple[datetime, Line]], until: datetime) -> datetime:
    """Return when a played initiative is opened: a minute before its first report."""
    return min((at for at, _ in lines), default=until) - BEFORE_THE_FIRST


def let_pass(journal: Journal, calendars: Calendars, clock: datetime, until: datetime) -> datetime:
    """Let time pass as the engine does, from one due moment to the next; return where the clock stands.

    What became due in the past is said at once. What is due at a moment happens before what is
    reported at it.
    """
    while (due := journal.agenda(calendars).next_due()) is not None and max(due, clock) <= until:
        clock = max(due, clock)
        if not journal.tick(calendars, clock):
            raise AssertionError(f"nothing happened at {clock.isoformat()}: the clock would stand still")
    return max(clock, until)


def without_words(line: Line) -> dict[str, Any]:
    """Return the report as the engine gets it: every free text replaced by one and the same reference."""
    texts = (*(free_texts(line["kind"]) if line.get("kind") in MILESTONES else ()), "reason")
    return {name: PLACEHOLDER if name in texts and value is not None else value for name, value in line.items()}


def moment_of(line: Line, number: int) -> datetime:
    """Return when a report is made. Raises: InvalidInput, naming the line."""
    try:
        at = datetime.fromisoformat(str(line["at"]))
    except (KeyError, ValueError):
        raise InvalidInput(f"line {number}: `at` must be a moment such as 2026-03-01T10:00+03:00.") from None
    if at.tzinfo is None:
        raise InvalidInput(f"line {number}: `at` needs a zone, as in {at.isoformat()}+03:00.")
    return at
