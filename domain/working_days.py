"""Working days: when something falls due, and when a message may go out, where the recipient lives.

Dates are counted in whole local days over a `Calendar` that is handed in, so the same question has the same
answer on every replay. Wall time and zone are what one keeps; UTC moments are derived from them, late.
A stall is a span `(from, to)` of days that do not count, `to` not included; `to` None means it still goes on.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from functools import cached_property, lru_cache
from hashlib import sha256
from itertools import islice, takewhile
from typing import Annotated, Any, Literal, Self, overload
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from domain.values import Country, Value

Weekday = Annotated[int, Field(ge=0, le=6)]
InOrder = AfterValidator(lambda given: tuple(sorted(set(given))))
Frozen = Sequence[tuple[date, date | None]]

BARREN_DAYS = 400  # longer than this without a working day is a mistake in the calendar, not a long holiday

# Monday is 0. The countries on which CLDR (Babel 2.18) and `holidays` 0.109 agree; Libya by CLDR alone.
FRIDAY_SATURDAY = ("BH", "DZ", "EG", "IL", "IQ", "JO", "KW", "LY", "OM", "QA", "SA", "SD", "SY", "YE")
WEEKENDS: Mapping[str, tuple[int, ...]] = {**dict.fromkeys(FRIDAY_SATURDAY, (4, 5)), "IR": (4,)}
SATURDAY_SUNDAY = (5, 6)  # everywhere else; so in AE, LB and TR

_SHARED: "WeakValueDictionary[tuple[str, str], Calendar]" = WeakValueDictionary()
_FOREVER = 10**9  # a day number no calendar reaches
_LAST = date.max.toordinal()
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class QuietPeriod(Value):
    """Days on which people are left alone (`closed`) or work less (`short_hours`); `last` is included."""

    first: date
    last: date
    kind: Literal["closed", "short_hours"]
    name: str  # for example ramadan, eid_al_fitr, mourning

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"{self.name} ends on {self.last}, before its first day {self.first}")
        return self

    @property
    def days(self) -> range:
        """The day numbers (`date.toordinal`) of the period."""
        return range(self.first.toordinal(), self.last.toordinal() + 1)


def _digest(contents: dict[str, Any]) -> str:
    quiet = [(str(q.first), str(q.last), q.kind, q.name) for q in contents["quiet"]]
    days = [str(day) for day in contents["holidays"]]
    parts: tuple[Any, ...] = (contents["country"], contents["weekend"], days, quiet, str(contents["through"]))
    if contents["offsets"]:
        parts = (*parts, contents["offsets"])
    return sha256(repr(parts).encode()).hexdigest()[:12]


class Calendar(Value):
    """What one country counts as working days; a value that travels as JSON.

    `country` is ISO 3166 alpha-2 with an optional part (`IQ`, `IQ-KR`) or "" for none. `weekend` counts from
    Monday = 0. `through` is the last day for which holidays are known; after it only weekends are kept free.
    `offsets` makes it the clock of a time zone instead (`domain.clocks`): seconds of Unix time, seconds east of UTC.
    `version` is a digest of the rest, kept as given once it is set, so that a changed calendar is recognised.
    """

    country: Country | Literal[""] = ""
    weekend: Annotated[tuple[Weekday, ...], InOrder] = SATURDAY_SUNDAY
    holidays: Annotated[tuple[date, ...], InOrder] = ()
    quiet: tuple[QuietPeriod, ...] = ()
    through: date | None = None
    offsets: tuple[tuple[int, int], ...] = ()
    version: str = Field(default_factory=_digest)

    def __hash__(self) -> int:
        """Tell calendars apart by what tells them apart anyway; whether two are equal is still seen by all fields."""
        return hash((self.country, self.version))

    @cached_property
    def rest_days(self) -> frozenset[int]:
        """The weekend as day numbers (`date.toordinal`) modulo 7."""
        return frozenset((weekday + 1) % 7 for weekday in self.weekend)

    @cached_property
    def off_days(self) -> frozenset[int]:
        """The day numbers of holidays and closed periods."""
        return frozenset(day.toordinal() for day in self.holidays).union(*self._quiet_days("closed"))

    @cached_property
    def short_days(self) -> frozenset[int]:
        """The day numbers with short hours."""
        return frozenset[int]().union(*self._quiet_days("short_hours"))

    def _quiet_days(self, kind: str) -> Iterator[range]:
        return (period.days for period in self.quiet if period.kind == kind)

    def but(self, **changes: Any) -> Self:
        """Return a calendar with these fields changed: checked again and with its own version."""
        return self.model_copy(update=changes)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a calendar with these fields changed, as `but` does."""
        same = {name: getattr(self, name) for name in type(self).model_fields if name != "version"}
        return type(self).model_validate({**same, **update}) if update else self


def shared(calendars: Mapping[str, Calendar]) -> dict[str, Calendar]:
    """Return the same calendars, each the one of its kind in this process: of its own a workflow would hold 30 KB."""
    kept = {country: _SHARED.setdefault((one.country, one.version), one) for country, one in calendars.items()}
    return {country: kept[country] if kept[country] == one else one for country, one in calendars.items()}


Calendars = Mapping[str, Calendar]


class Hours(Value):
    """The recipient's working hours in wall time, `opens` included and `closes` not; short in Ramadan."""

    opens: time = time(9)
    closes: time = time(16)
    short_opens: time = time(10)
    short_closes: time = time(13)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(at.tzinfo for at in (self.opens, self.closes, self.short_opens, self.short_closes)):
            raise ValueError("working hours are wall time: write 09:00 without a zone")
        if self.opens >= self.closes or self.short_opens >= self.short_closes:
            raise ValueError("working hours close after they open, on the same day: for example 09:00 to 16:00")
        return self


def calendar_of(calendars: Calendars, country: str) -> Calendar:
    """Return the calendar of `IQ-KR`, else that of `IQ`, else one that knows only the country's weekend."""
    whole = country.partition("-")[0]
    return calendars.get(country) or calendars.get(whole) or _weekend_only(whole)


@lru_cache(maxsize=512)
def _weekend_only(country: str) -> Calendar:
    return Calendar(country=country, weekend=WEEKENDS.get(country, SATURDAY_SUNDAY))


def is_working_day(day: date, calendar: Calendar) -> bool:
    """Tell whether people work on that day, be it short hours: no weekend, no holiday, no closed period."""
    number = day.toordinal()
    return number % 7 not in calendar.rest_days and number not in calendar.off_days


@overload
def add_working_days(start: date, n: int, calendar: Calendar) -> date: ...
@overload
def add_working_days(start: date, n: int, calendar: Calendar, frozen: Frozen) -> date | None: ...
def add_working_days(start: date, n: int, calendar: Calendar, frozen: Frozen = ()) -> date | None:
    """Return the n-th working day after `start`; before it if n is negative; the first from it on if n is 0.

    Days in `frozen` do not count, so that a ladder keeps the working time it had left. None means no date
    yet, for it lies behind a freeze that still goes on. Raises ValueError if no working day is in sight.
    """
    if n < 0 and any(to is None and since < start for since, to in frozen):
        return None
    origin = start.toordinal() - (n == 0)
    days = _working(origin, -1 if n < 0 else 1, calendar, frozen)
    found = next(islice(days, max(abs(n), 1) - 1, None), None)
    return None if found is None else date.fromordinal(found)


def working_days_between(a: date, b: date, calendar: Calendar, frozen: Frozen = ()) -> int:
    """Count the working days after `a` up to and including `b`; below zero if `b` is earlier.

    So it undoes `add_working_days`: between(a, add(a, n)) is n for every n but 0.
    """
    step = 1 if b >= a else -1
    far = b.toordinal() * step
    days = _working(a.toordinal(), step, calendar, frozen)
    return step * sum(1 for _ in takewhile(lambda day: day * step <= far, days))


def _working(origin: int, step: int, calendar: Calendar, frozen: Frozen) -> Iterator[int]:
    """Yield the numbers of the working days after `origin` (before it for step -1); end at an open freeze."""
    spans = [(since.toordinal(), to.toordinal() if to else _FOREVER) for since, to in frozen]
    if step < 0:  # the same walk in a mirror: day numbers count down
        spans = [(1 - to, 1 - since) for since, to in spans]
    spans.sort(reverse=True)
    rest_days, off_days = calendar.rest_days, calendar.off_days
    edge = _LAST + 1 if step > 0 else 0
    at = last_found = origin * step
    look_again = at  # where the next freeze begins or the years end
    while True:
        at += 1
        if at >= look_again:
            while spans and at >= spans[-1][0]:
                at = last_found = max(at, spans.pop()[1])  # jumped over, not walked through
            if at >= _FOREVER:
                return
            if at >= edge:
                raise ValueError("That many working days lead out of the years 1 to 9999.")
            look_again = min(spans[-1][0], edge) if spans else edge
        day = at * step
        if day % 7 in rest_days or day in off_days:
            if at - last_found > BARREN_DAYS:
                which = f"{calendar.country or 'no country'} (version {calendar.version})"
                raise ValueError(
                    f"The calendar of {which} has no working day in {BARREN_DAYS} days"
                    f" round {date.fromordinal(day)}: look at its weekend and quiet periods."
                )
            continue
        last_found = at
        yield day


def add_months(day: date, n: int) -> date:
    """Return the same day n months on, or that month's last day: 31 January + 1 is the last of February."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"{n} months from {day} lead out of the years 1 to 9999.")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def local_day(moment: datetime, zone: str | tzinfo) -> date:
    """Return the date on the wall in that zone at an aware moment."""
    return _aware(moment).astimezone(_zone(zone)).date()


def known_zone(zone: str) -> bool:
    """Tell whether the name is a time zone that can be reckoned with, such as `Asia/Baghdad`."""
    try:
        _zone(zone)
    except ValueError:
        return False
    return True


def send_moment(
    day: date, zone: str | tzinfo, calendar: Calendar, hours: Hours, not_before: datetime | None = None
) -> datetime:
    """Return the UTC moment at which the message of that local day may go out, never before `not_before`.

    It is the opening time of that day or of the next working one; if `not_before` is later, the first moment
    from there on in working hours. Raises ValueError for an unknown zone or a `not_before` without a zone.
    """
    if not_before is None:
        return _first_open(day, _LONG_AGO, zone, calendar, hours)
    return _first_open(max(day, local_day(not_before, zone)), not_before, zone, calendar, hours)


def decent_moment(moment: datetime, zone: str | tzinfo, calendar: Calendar, hours: Hours) -> datetime:
    """Return the first moment, in UTC, from this aware one on that lies in the recipient's working hours."""
    return _first_open(local_day(moment, zone), moment, zone, calendar, hours)


def _first_open(day: date, earliest: datetime, zone: str | tzinfo, calendar: Calendar, hours: Hours) -> datetime:
    day = add_working_days(day, 0, calendar)
    for _ in range(BARREN_DAYS):
        opens, closes = _window(day, zone, calendar, hours)
        if opens < closes and earliest < closes:
            return max(opens, earliest.astimezone(UTC))
        day = add_working_days(day, 1, calendar)
    raise ValueError(f"There are no working hours in {zone} on {BARREN_DAYS} working days up to {day}.")


def _window(day: date, zone: str | tzinfo, calendar: Calendar, hours: Hours) -> tuple[datetime, datetime]:
    """Return the UTC moments between which the wall clock certainly shows working hours; empty if skipped.

    Where the clock is put back a wall time comes twice, where it is put forward not at all: then both
    readings are tried, and the later opening and the earlier closing taken.
    """
    short = day.toordinal() in calendar.short_days
    opens, closes = (hours.short_opens, hours.short_closes) if short else (hours.opens, hours.closes)
    return max(_readings(day, opens, zone)), min(_readings(day, closes, zone))


def _readings(day: date, wall: time, zone: str | tzinfo) -> tuple[datetime, datetime]:
    local = datetime.combine(day, wall, _zone(zone))
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no zone; write it as in 2026-03-01T10:00+03:00.")
    return moment


@lru_cache(maxsize=1024)
def _zone(zone: str | tzinfo) -> tzinfo:
    if not isinstance(zone, str):
        return zone
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # no such name; a path; a folder of zones
        raise ValueError(f"{zone!r} is not a known time zone; write it as in Asia/Baghdad or Europe/Zurich.") from None
