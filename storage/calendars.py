"""Build working calendars: a country's public holidays, Eid and Ramadan, and what your overlay file changes.

Dates of the lunar year are estimates until they are announced; an announcement is written into the overlay.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from domain.working_days import SATURDAY_SUNDAY, WEEKENDS, Calendar, QuietPeriod
from storage.calendar_overlay import Changes, Move, read_overlay

# How English holiday lists spell the two feasts: Eid-ul-Fitr, Idul Fitri, Hari Raya Puasa, Aid-El-Kebir ...
FEASTS = {
    "eid_al_fitr": re.compile(r"fitr|puasa|korit", re.IGNORECASE),
    "eid_al_adha": re.compile(r"adha|azha|kebir|raya haji|tabaski", re.IGNORECASE),
}
DAY = timedelta(days=1)
RAMADAN = 30 * DAY  # where the source does not say when it begins
NO_FEAST_AGAIN = 60 * DAY  # a day of Eid al-Fitr so soon after the last one belongs to the same Eid

Names = dict[date, frozenset[str]]  # what each holiday is called


def build_calendar(country: str, first_year: int, last_year: int, overlay: Path | None = None) -> Calendar:
    """Return the calendar of a country (`IQ`) or a part of one (`IQ-KR`) for these whole years.

    Public holidays and weekend are those of the `holidays` package. Where Eid is a public holiday, both
    Eids also become `closed` periods and Ramadan one of `short_hours`. A country the package does not know
    has no holidays and `through` None. What comes from the package is kept for the life of the process.

    The overlay is YAML, by country; entries for `IQ` also hold in `IQ-KR`, whose own come after them:

        IQ:
          weekend: [fri, sat]                                  # instead of the known one
          move:    [{from: 2027-03-09, to: 2027-03-10}]        # from the first day of an Eid: the whole feast
          remove:  [{day: 2026-01-06}]                         # 01-06 is that day of every year
          add:     [{day: 12-10, name: Victory Day}]
          quiet:   [{name: mourning, first: 2026-05-01, last: 2026-05-07, kind: closed}]   # or short_hours

    Raises ValueError naming file, line, entry, what is wrong with it and what to write.
    """
    return build_calendars([country], first_year, last_year, overlay)[country]


def build_calendars(
    countries: Iterable[str], first_year: int, last_year: int, overlay: Path | None = None
) -> dict[str, Calendar]:
    """Return `build_calendar` of each country by its key; every call reads the overlay afresh, once."""
    if not 1 < first_year <= last_year < 9999:
        raise ValueError(f"{first_year} to {last_year} is no span of years; write the earlier year first.")
    changes = read_overlay(overlay) if overlay else {}
    return {country: _build(country, first_year, last_year, changes) for country in countries}


def _build(country: str, first_year: int, last_year: int, overlay: Mapping[str, Changes]) -> Calendar:
    whole = country.partition("-")[0]
    years = range(first_year - 1, last_year + 2)  # a feast may reach over New Year
    source = _source(country, years)
    names, weekend, quiet = source.names, source.weekend, list[QuietPeriod]()
    for key in dict.fromkeys((whole, country)):
        if changes := overlay.get(key):
            weekend = changes.weekend or weekend
            names = _changed(names, changes, weekend, years)
            quiet += [QuietPeriod.model_validate(entry.model_dump()) for entry in changes.quiet]
    quiet += _feasts(names, weekend, source.ramadan_begins)
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    return Calendar(
        country=country,
        weekend=weekend,
        holidays=tuple(day for day in names if first <= day <= last),
        quiet=tuple(sorted((q for q in quiet if q.first <= last and q.last >= first), key=lambda q: (q.first, q.name))),
        through=min(last, source.through) if source.through else None,
    )


# What the package knows


class _Source(NamedTuple):
    names: Names
    weekend: tuple[int, ...]
    ramadan_begins: tuple[date, ...]
    through: date | None


@lru_cache(maxsize=1024)
def _source(country: str, years: range) -> _Source:
    import holidays  # noqa: PLC0415  slow: only who builds calendars pays for it

    whole, _, part = country.partition("-")
    try:
        about = holidays.country_holidays(whole)
    except NotImplementedError:
        return _Source({}, WEEKENDS.get(whole, SATURDAY_SUNDAY), (), None)
    listed = holidays.country_holidays(
        whole,
        subdiv=part if part in about.subdivisions else None,
        years=years,
        language=next((language for language in about.supported_languages if language.startswith("en")), None),
    )
    lunar = getattr(listed, "_islamic_calendar", None)  # not public; without it Ramadan is reckoned as 30 days
    begins = {day for year in years for day, _ in lunar.ramadan_beginning_dates(year)} if lunar else set[date]()
    return _Source(
        names={day: frozenset(listed.get_list(day)) for day in sorted(listed)},
        weekend=WEEKENDS.get(whole) or tuple(sorted(listed.weekend)),
        ramadan_begins=tuple(sorted(begins)),
        through=date(listed.end_year, 12, 31),
    )


def _feasts(names: Names, weekend: tuple[int, ...], ramadan_begins: tuple[date, ...]) -> Iterator[QuietPeriod]:
    """Yield the closed days of both Eids and the short hours of the Ramadan before Eid al-Fitr."""
    for feast, spelling in FEASTS.items():
        last_eid = date.min
        for first, last in _spans(names, spelling, weekend):
            yield QuietPeriod(first=first, last=last, kind="closed", name=feast)
            if feast == "eid_al_fitr" and first - last_eid > NO_FEAST_AGAIN:
                began = max((day for day in ramadan_begins if day < first), default=date.min)
                if first - began > RAMADAN + DAY:
                    began = first - RAMADAN
                yield QuietPeriod(first=began, last=first - DAY, kind="short_hours", name="ramadan")
                last_eid = first


def _spans(names: Names, spelling: re.Pattern[str], weekend: tuple[int, ...]) -> list[tuple[date, date]]:
    """Return first and last day of each run of days with such a name; a weekend between does not break it."""
    spans: list[tuple[date, date]] = []
    for day in sorted(day for day, called in names.items() if any(map(spelling.search, called))):
        between = day - DAY
        while spans and between > spans[-1][1] and between.weekday() in weekend:
            between -= DAY
        if spans and between <= spans[-1][1]:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans


# What the overlay changes


def _changed(names: Names, changes: Changes, weekend: tuple[int, ...], years: range) -> Names:
    names = dict(names)
    for move in changes.move:
        if move.start.year in years:
            _move(names, move, weekend)
    for removal in changes.remove:
        meant = removal.day.in_years(years)
        if meant and not any(day in names for day in meant):
            raise ValueError(f"{removal.where}: {meant[0]} is no holiday{_nearest(names, meant[0])}, or leave it out.")
        for day in meant:
            names.pop(day, None)
    for addition in changes.add:
        for day in addition.day.in_years(years):
            names[day] = names.get(day, frozenset()) | {addition.name}
    return dict(sorted(names.items()))


def _move(names: Names, move: Move, weekend: tuple[int, ...]) -> None:
    """Move one holiday, or a whole Eid by its first day; a holiday of another name on those days stays."""
    if move.start not in names:
        raise ValueError(f"{move.where}: {move.start} is no holiday{_nearest(names, move.start)}.")
    spelling = next((s for s in FEASTS.values() if any(map(s.search, names[move.start]))), re.compile(""))
    days = [move.start]
    if spelling.pattern:
        first, last = next(span for span in _spans(names, spelling, weekend) if span[0] <= move.start <= span[1])
        if first != move.start:
            raise ValueError(f"{move.where}: this feast begins on {first}; write `from: {first}` to move all of it.")
        days = [day for day in names if first <= day <= last]
    moved = {day: frozenset(filter(spelling.search, names[day])) for day in days}
    for day, called in moved.items():
        if left := names.pop(day) - called:
            names[day] = left
    for day, called in moved.items():
        there = day + (move.to - move.start)
        names[there] = names.get(there, frozenset()) | called


def _nearest(names: Names, day: date) -> str:
    near = sorted(sorted(names, key=lambda other: abs(other - day))[:3])
    return f"; the nearest are {', '.join(map(str, near))}: write one of them" if near else " and none is known"
