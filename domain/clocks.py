"""How the clocks of time zones run, carried beside the calendars: newer time zone data changes no run unasked.

A workflow that reckoned with what the machine knows would, replayed by a worker with newer data, find other moments
than its history holds, and could not go on. So it carries what it reckons with, and hears of newer data as it hears
of a newly announced holiday.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.working_days import Calendar

BACK, AHEAD = 12, 10  # years round the last year of the calendars for which a carried clock is exact
WEEK = 7 * 24 * 3600
Offsets = tuple[tuple[int, int], ...]


def key(zone: str) -> str:
    """Return under which key a zone's clock stands among the calendars."""
    return f"zone:{zone}"


def clocks(zones: Iterable[str], through: int) -> dict[str, Calendar]:
    """Return the clocks of these zones by this machine's time zone data, as they travel among the calendars."""
    last = date(through, 12, 31)
    return {key(zone): Calendar(offsets=_offsets(ZoneInfo(zone), through), through=last) for zone in zones}


def carried(calendars: Mapping[str, Calendar]) -> bool:
    """Tell whether clocks stand among these calendars."""
    return any(one.offsets for one in calendars.values())


def clock(calendars: Mapping[str, Calendar], zone: str) -> tzinfo:
    """Return the zone's clock: the carried one; UTC until it is carried; the machine's where none ever is."""
    known = calendars.get(key(zone))
    if known is not None and known.offsets:
        return _clock(zone, known.offsets)
    return UTC if carried(calendars) else ZoneInfo(zone)


class Clock(tzinfo):
    """A zone by a table of `(from which second of Unix time on, seconds east of UTC)`."""

    def __init__(self, zone: str, offsets: Offsets) -> None:
        self._zone = zone
        self._from = [at for at, _ in offsets]
        self._east = [timedelta(seconds=east) for _, east in offsets]
        pairs = [(east, east if number == 0 else offsets[number - 1][1]) for number, (_, east) in enumerate(offsets)]
        # Wall times that come twice: the first reading (fold 0) is still by the offset before, the second by the new.
        self._walls = tuple(
            [at + pick(pair) for at, pair in zip(self._from, pairs, strict=True)] for pick in (max, min)
        )

    def utcoffset(self, moment: datetime | None) -> timedelta:
        assert moment is not None, "a clock is asked about a moment"
        return self._east[max(bisect_right(self._walls[moment.fold], _seconds(moment)) - 1, 0)]

    def fromutc(self, moment: datetime) -> datetime:
        seconds = _seconds(moment)
        at = max(bisect_right(self._from, seconds) - 1, 0)
        twice = at > 0 and seconds - self._from[at] < (self._east[at - 1] - self._east[at]).total_seconds()
        return (moment + self._east[at]).replace(fold=int(twice))

    def dst(self, _moment: datetime | None) -> None:
        return None

    def tzname(self, _moment: datetime | None) -> str:
        return self._zone


@lru_cache(maxsize=1024)
def _clock(zone: str, offsets: Offsets) -> Clock:
    return Clock(zone, offsets)


@lru_cache(maxsize=1024)
def _offsets(zone: ZoneInfo, through: int) -> Offsets:
    """Return the table of one zone: the offset at its beginning, then each change to the second."""
    at, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (through - BACK, through + AHEAD))
    found = [(at, _east(zone, at))]
    while at < end:
        after = min(at + WEEK, end)
        if _east(zone, after) != found[-1][1]:
            low, high = at, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _east(zone, middle) == found[-1][1] else (low, middle)
            found.append((high, _east(zone, high)))
        at = after
    return tuple(found)


def _east(zone: ZoneInfo, seconds: int) -> int:
    offset = datetime.fromtimestamp(seconds, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
