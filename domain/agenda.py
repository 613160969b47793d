"""The agenda: what is due, to whom, by which rung, at which local working time. One pure function, never stored.

From here come reminders, overdue lists, the preview, the next-due moment and the behaviour in a stall. The state
holds only which rung of which obligation is settled; everything else is worked out anew each time it is asked.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain import conduct, lifecycle
from domain.clocks import carried, clock
from domain.initiative import Initiative
from domain.ladders import Ladder, parts
from domain.obligations import Obligation
from domain.vocabulary import Act, StallPolicy
from domain.working_days import (
    Calendar,
    Hours,
    QuietPeriod,
    add_months,
    add_working_days,
    calendar_of,
    is_working_day,
    send_moment,
)

Calendars = Mapping[str, Calendar]
HORIZON = 200  # rungs looked ahead in a ladder that goes on for ever


class Due(NamedTuple):
    """One rung of one obligation: who hears what, when. `due_at` is UTC; `zone` is the recipient's."""

    due_at: datetime
    obligation: Obligation
    rung: int
    act: Act
    recipient: str
    zone: str
    collapsed: int = 0

    @property
    def local(self) -> datetime:
        return self.due_at.astimezone(ZoneInfo(self.zone))


class Agenda:
    """The obligations of one initiative over given calendars. Iterate it for every rung not yet settled."""

    def __init__(self, now: Initiative, calendars: Calendars, before: "Agenda | None" = None) -> None:
        self.now = now
        self.calendars = dict(calendars)
        self._effective: dict[str, Calendar] = {}
        self._clocks: dict[str, tzinfo] = {}
        if before is not None and before.now.charter is now.charter and before.calendars == self.calendars:
            self._effective = before._effective  # the same days are quiet as a report ago

    @cached_property
    def obligations(self) -> tuple[Obligation, ...]:
        """Return what is owed now, each thing once, the longest owed first."""
        living = list({one.id: one for one in _all(self.now)}.values())
        if carried(self.calendars):
            living = [self._by_carried_clocks(one) for one in living]
        if held := self.now.held_countries:
            living = [o for o in living if self.now.person(o.owes).country not in held or o.ladder == "tell"]
        return tuple(sorted(living, key=lambda one: (one.anchor, one.id)))

    def next_due(self) -> datetime | None:
        """Return the nearest moment at which a rung comes due, or None when nothing ever will."""
        return self._next_due

    @cached_property
    def _next_due(self) -> datetime | None:
        return min((due.due_at for one in self.obligations for due in self.first(one)), default=None)

    def due(self, at: datetime) -> tuple[Due, ...]:
        """Return what is to be said at this moment: at most one rung an obligation, the latest that is due.

        Rungs passed over are counted in `collapsed`, so that nothing is dropped silently.
        """
        found = []
        for obligation in self.obligations:
            passed = [due for due in self._rungs(obligation, until=at) if due.due_at <= at]
            if passed:
                found.append(passed[-1]._replace(collapsed=len(passed) - 1))
        return tuple(sorted(found, key=lambda due: (due.due_at, due.obligation.id)))

    def ahead(self, until: datetime) -> tuple[Due, ...]:
        """Return every rung that will come due until then if nothing else happens, in order."""
        found = [due for one in self.obligations for due in self._rungs(one, until=until) if due.due_at <= until]
        return tuple(sorted(found, key=lambda due: (due.due_at, due.obligation.id, due.rung)))

    def first(self, obligation: Obligation) -> list[Due]:
        """Return the next unsettled rung of one obligation, if there is one."""
        due = next(self._rungs(obligation), None)
        return [] if due is None else [due]

    # --- one ladder --------------------------------------------------------------------------------------------
    def _rungs(self, obligation: Obligation, until: datetime | None = None) -> Iterator[Due]:
        """Yield the unsettled rungs of one obligation, earliest first; without `until` only the first matters."""
        ladder = self.now.charter.ladder(obligation.ladder)
        if self.now.stalled and ladder.in_stall in (StallPolicy.FREEZE, StallPolicy.DROP):
            return
        first = self.now.settled.get(obligation.id, -1) + 1
        for number in range(first, first + HORIZON):
            rung = ladder.rung(number)
            if rung is None:
                return
            recipient = obligation.owes if rung.to == "owes" else self.now.holder(rung.to) or obligation.owes
            due_at = self._moment(obligation, ladder, number, recipient)
            if due_at is None:
                return
            yield Due(due_at, obligation, number, rung.act, recipient, self.now.person(recipient).zone)
            if until is not None and due_at > until:
                return

    def _moment(self, obligation: Obligation, ladder: Ladder, number: int, recipient: str) -> datetime | None:
        """Return when rung `number` comes due for this recipient, in UTC; None while a stall freezes it.

        A calendar without a working day (a quiet span of years) must not stop the clock: it is left aside then.
        """
        who = self.now.person(recipient)
        last = len(ladder.rungs) - 1
        frozen = self.now.stall_spans if ladder.in_stall is StallPolicy.FREEZE else ()
        offset, again = ladder.rungs[min(number, last)].offset, number - last if number > last else 0
        counted = (obligation.anchor, offset, ladder.every if again else None, again, self._clock(who.zone), frozen)
        try:
            return _reckoned(*counted, self._calendar(who.country))
        except (ValueError, OverflowError):
            return _reckoned(*counted, calendar_of({}, who.country))

    def _by_carried_clocks(self, one: Obligation) -> Obligation:
        """Return the obligation with its moments on the carried clocks: the hour on the wall is what counts."""
        moot_after = one.moot_after and self._on_the_wall(one.moot_after)
        return one._replace(anchor=self._on_the_wall(one.anchor), moot_after=moot_after)

    def _on_the_wall(self, moment: datetime) -> datetime:
        zone = moment.tzinfo
        return moment.replace(tzinfo=self._clock(zone.key)) if isinstance(zone, ZoneInfo) else moment

    def _clock(self, zone: str) -> tzinfo:
        if zone not in self._clocks:
            self._clocks[zone] = clock(self.calendars, zone)
        return self._clocks[zone]

    def _calendar(self, country: str) -> Calendar:
        """Return the country's calendar with the charter's own quiet days laid over it."""
        if country not in self._effective:
            spans = tuple(
                (q.first, q.last) for q in self.now.charter.quiet if not q.countries or country in q.countries
            )
            self._effective[country] = _with_quiet(calendar_of(self.calendars, country), spans)
        return self._effective[country]


HOURS = Hours()


def _all(now: Initiative) -> Iterator[Obligation]:
    """Yield what every begun stage and the conduct ask for; after the end only the conduct does."""
    yield from conduct.agenda(now)
    if now.closed_at is not None:
        return
    yield from lifecycle.agenda(now)
    for stage, row in lifecycle.TABLE.items():
        if now.has_begun(stage):
            yield from row.agenda(now)


# Most of what is owed was owed a report ago: the same question has the same answer, so it is kept for a while.
@lru_cache(maxsize=4096)
def _reckoned(
    anchor: datetime,
    offset: str,
    every: str | None,
    again: int,
    zone: tzinfo,
    frozen: tuple[tuple[date, date | None], ...],
    calendar: Calendar,
) -> datetime | None:
    """Return when it is `offset` from `anchor`, and `every` so many times after, in working hours of the zone."""
    day = anchor.astimezone(zone).date()
    for step in _summed([offset] + [every] * again if every else [offset]):
        moved = _moved(day, step, calendar, frozen)
        if moved is None:
            return None
        day = moved
    backwards = parts(offset)[0] < 0
    if backwards and not is_working_day(day, calendar):
        day = add_working_days(day, -1, calendar)
    not_before = None if backwards else anchor.astimezone(UTC)
    return send_moment(day, zone, calendar, HOURS, not_before).astimezone(UTC)


@lru_cache(maxsize=256)
def _with_quiet(calendar: Calendar, spans: tuple[tuple[str, str], ...]) -> Calendar:
    """Return the calendar with these spans of days closed as well."""
    if not spans:
        return calendar
    own = tuple(
        QuietPeriod(first=date.fromisoformat(first), last=date.fromisoformat(last), kind="closed", name="charter")
        for first, last in spans
    )
    return calendar.model_copy(update={"quiet": calendar.quiet + own})


def _summed(offsets: list[str]) -> list[str]:
    """Fold `30d, 30d, 30d` into `90d`, so that a ladder of years is one step and not a thousand."""
    folded: list[str] = []
    for offset in offsets:
        if folded and parts(folded[-1])[1] == parts(offset)[1]:
            number, unit = parts(folded[-1])[0] + parts(offset)[0], parts(offset)[1]
            folded[-1] = f"{number}{unit}"
        else:
            folded.append(offset)
    return folded


def _moved(day: date, offset: str, calendar: Calendar, frozen: tuple[tuple[date, date | None], ...]) -> date | None:
    """Return the day `offset` away; days inside a frozen span do not count."""
    number, unit = parts(offset)
    if unit == "wd":
        return add_working_days(day, number, calendar, frozen)
    moved = add_months(day, number) if unit == "m" else day + timedelta(days=number)
    for start, end in frozen if number >= 0 else ():
        if start >= moved or (end is not None and end <= day):
            continue
        if end is None:
            return None
        moved += end - max(start, day)
    return moved


def silence(now: Initiative, person: str) -> str | None:
    """Return why this person must not be written to, or None."""
    who = now.participants.get(person)
    held = "mail_hold" if now.person(person).country in now.held_countries else None
    if who is None:
        words = ("died", "erased", "do_not_contact")  # of vetters, role holders, focal points
        return next((word for word in words if f"{word}:{person}" in now.marks), held)
    if who.standing == "died":
        return "died"
    if who.erased:
        return "erased"
    if who.do_not_contact:
        return "do_not_contact"
    if who.standing in ("withdrew", "removed", "barred"):
        return who.standing
    return held
