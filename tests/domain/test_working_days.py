"""Working days, months, wall time: what a deadline means where the recipient lives."""

from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.working_days import (
    Calendar,
    Frozen,
    Hours,
    QuietPeriod,
    add_months,
    add_working_days,
    calendar_of,
    decent_moment,
    is_working_day,
    known_zone,
    local_day,
    send_moment,
    working_days_between,
)

RAMADAN = QuietPeriod(first=date(2026, 2, 18), last=date(2026, 3, 19), kind="short_hours", name="ramadan")
EID = QuietPeriod(first=date(2026, 3, 20), last=date(2026, 3, 22), kind="closed", name="eid_al_fitr")
IRAQ = Calendar(country="IQ", weekend=(4, 5), holidays=(date(2026, 1, 6),), quiet=(RAMADAN, EID))
TURKEY = Calendar(country="TR", weekend=(5, 6))
IRAN = calendar_of({}, "IR")
SWISS = calendar_of({}, "CH")
HOURS = Hours()
STALL = (date(2025, 3, 4), date(2026, 5, 4))  # fourteen months
THURSDAY, FRIDAY, SATURDAY, SUNDAY = (date(2026, 4, day) for day in (9, 10, 11, 12))


def wall(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


# Weekends


@pytest.mark.parametrize(
    ("country", "off"),
    [
        ("IQ", [FRIDAY, SATURDAY]),
        ("SY", [FRIDAY, SATURDAY]),
        ("LY", [FRIDAY, SATURDAY]),
        ("TR", [SATURDAY, SUNDAY]),
        ("LB", [SATURDAY, SUNDAY]),
        ("AE", [SATURDAY, SUNDAY]),
        ("IR", [FRIDAY]),
        ("", [SATURDAY, SUNDAY]),
    ],
)
def test_each_country_has_its_own_weekend(country: str, off: list[date]) -> None:
    calendar = calendar_of({}, country)
    days = (THURSDAY, FRIDAY, SATURDAY, SUNDAY)
    assert [day for day in days if not is_working_day(day, calendar)] == off


def test_two_working_days_from_a_thursday_end_on_another_day_for_each_recipient() -> None:
    ends = {c.country: add_working_days(THURSDAY, 2, c) for c in (IRAQ, TURKEY, IRAN)}
    assert ends == {"IQ": date(2026, 4, 13), "TR": date(2026, 4, 13), "IR": SUNDAY}
    assert add_working_days(THURSDAY, 1, IRAQ) == SUNDAY
    assert add_working_days(THURSDAY, 1, TURKEY) == FRIDAY


def test_a_part_of_a_country_has_its_own_calendar_or_that_of_the_whole() -> None:
    kurdistan = Calendar(country="IQ-KR", weekend=(4, 5), holidays=(date(2026, 3, 5),))
    calendars = {"IQ": IRAQ, "IQ-KR": kurdistan}
    assert calendar_of(calendars, "IQ-KR") is kurdistan
    assert calendar_of(calendars, "IQ-NA") is IRAQ
    assert calendar_of({}, "IQ-NA").weekend == (4, 5)


# Counting


def test_a_holiday_does_not_count() -> None:
    assert add_working_days(date(2026, 1, 5), 1, IRAQ) == date(2026, 1, 7)


def test_no_working_days_from_a_day_off_is_the_next_working_day_and_a_working_day_stays() -> None:
    assert add_working_days(FRIDAY, 0, IRAQ) == SUNDAY
    assert add_working_days(SUNDAY, 0, IRAQ) == SUNDAY


def test_counting_back_skips_the_weekend_too() -> None:
    assert add_working_days(SUNDAY, -1, IRAQ) == THURSDAY
    assert add_working_days(SUNDAY, -3, IRAQ) == date(2026, 4, 7)


def test_eid_is_closed_and_ramadan_is_not() -> None:
    assert not is_working_day(date(2026, 3, 22), IRAQ)  # a Sunday in Eid
    assert is_working_day(date(2026, 3, 23), IRAQ)
    assert is_working_day(date(2026, 3, 18), IRAQ)
    assert add_working_days(date(2026, 3, 19), 1, IRAQ) == date(2026, 3, 23)


def test_between_counts_the_last_day_and_not_the_first() -> None:
    assert working_days_between(THURSDAY, SUNDAY, IRAQ) == 1
    assert working_days_between(SUNDAY, THURSDAY, IRAQ) == -1
    assert working_days_between(SUNDAY, SUNDAY, IRAQ) == 0


def test_a_calendar_without_working_days_is_refused_in_words() -> None:
    never = Calendar(country="XX", weekend=(0, 1, 2, 3, 4, 5, 6))
    with pytest.raises(ValueError, match=r"calendar of XX .* no working day in 400 days"):
        add_working_days(SUNDAY, 1, never)
    with pytest.raises(ValueError, match="no working day"):
        send_moment(SUNDAY, "UTC", never, HOURS)


def test_a_count_that_leads_out_of_all_years_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="out of the years 1 to 9999"):
        add_working_days(date(9999, 12, 30), 5, TURKEY)
    with pytest.raises(ValueError, match="out of the years 1 to 9999"):
        add_working_days(date(1, 1, 2), -5, TURKEY)


# Stalls


def test_a_stall_of_fourteen_months_keeps_the_working_days_that_were_left() -> None:
    anchor, due = date(2025, 2, 27), 10
    used = working_days_between(anchor, STALL[0] - timedelta(days=1), TURKEY)
    end = add_working_days(anchor, due, TURKEY, [STALL])
    assert used == 2
    assert end == date(2026, 5, 13)
    assert working_days_between(STALL[1] - timedelta(days=1), end, TURKEY) == due - used


def test_the_day_of_the_resume_counts_and_the_day_of_the_stall_does_not() -> None:
    assert add_working_days(date(2025, 3, 3), 1, TURKEY, [STALL]) == date(2026, 5, 4)
    assert add_working_days(date(2025, 2, 28), 1, TURKEY, [STALL]) == date(2025, 3, 3)
    assert add_working_days(date(2026, 5, 5), -2, TURKEY, [STALL]) == date(2025, 3, 3)


def test_there_is_no_date_behind_a_stall_that_still_goes_on() -> None:
    open_stall: Frozen = [(STALL[0], None)]
    assert add_working_days(date(2025, 2, 27), 10, TURKEY, open_stall) is None
    assert add_working_days(STALL[0], 0, TURKEY, open_stall) is None
    assert add_working_days(date(2025, 3, 10), -1, TURKEY, open_stall) is None
    assert add_working_days(STALL[0], -1, TURKEY, open_stall) == date(2025, 3, 3)
    assert add_working_days(date(2025, 2, 27), 2, TURKEY, open_stall) == date(2025, 3, 3)
    assert working_days_between(date(2025, 2, 27), date(2025, 12, 1), TURKEY, open_stall) == 2


def test_stalls_may_overlap_touch_be_empty_and_come_in_any_order() -> None:
    tangled: Frozen = [
        (date(2025, 6, 1), STALL[1]),
        (date(2025, 2, 20), date(2025, 2, 20)),
        (STALL[0], date(2025, 5, 1)),
        (date(2025, 4, 1), date(2025, 6, 1)),
    ]
    for n in (-12, -1, 0, 1, 10):
        start = date(2025, 2, 27) if n >= 0 else date(2026, 5, 6)
        assert add_working_days(start, n, TURKEY, tangled) == add_working_days(start, n, TURKEY, [STALL])


def test_a_stall_is_jumped_over_and_not_walked_through() -> None:
    ages = [(date(2, 1, 1), date(9990, 1, 1))]
    started = process_time()
    assert add_working_days(date(1, 12, 31), 1, TURKEY, ages) == date(9990, 1, 1)
    assert process_time() - started < 0.1  # walking through 3.6 million days takes longer


# Months


@pytest.mark.parametrize(
    ("day", "n", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
    ],
)
def test_e3_36_months_later_is_the_same_day_or_the_last_of_the_month(day: str, n: int, then: str) -> None:
    assert add_months(date.fromisoformat(day), n) == date.fromisoformat(then)


def test_months_out_of_all_years_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="out of the years"):
        add_months(date(9999, 12, 1), 1)


# Wall time


def test_a_week_over_the_clock_change_in_zurich_keeps_the_wall_time() -> None:
    before = send_moment(date(2025, 10, 22), "Europe/Zurich", SWISS, HOURS)
    after = send_moment(date(2025, 10, 22) + timedelta(days=7), "Europe/Zurich", SWISS, HOURS)
    assert (wall(before, "Europe/Zurich"), wall(after, "Europe/Zurich")) == (
        "2025-10-22 09:00",
        "2025-10-29 09:00",
    )
    assert after - before == timedelta(hours=7 * 24 + 1)


def test_beirut_keeps_nine_o_clock_when_its_clocks_go_forward() -> None:
    lebanon = calendar_of({}, "LB")
    friday = send_moment(date(2026, 3, 27), "Asia/Beirut", lebanon, HOURS)
    monday = send_moment(date(2026, 3, 28), "Asia/Beirut", lebanon, HOURS)
    assert (friday.hour, monday.hour) == (7, 6)
    assert wall(monday, "Asia/Beirut") == "2026-03-30 09:00"


def test_the_moment_is_told_in_utc_and_falls_on_the_next_working_day() -> None:
    assert send_moment(FRIDAY, "Asia/Baghdad", IRAQ, HOURS) == datetime(2026, 4, 12, 6, tzinfo=UTC)
    assert send_moment(FRIDAY, "Asia/Baghdad", IRAQ, HOURS).tzinfo is UTC


def test_ramadan_has_short_hours() -> None:
    assert wall(send_moment(date(2026, 3, 1), "Asia/Baghdad", IRAQ, HOURS), "Asia/Baghdad") == "2026-03-01 10:00"
    at_one = datetime(2026, 3, 1, 13, tzinfo=ZoneInfo("Asia/Baghdad"))
    assert wall(decent_moment(at_one, "Asia/Baghdad", IRAQ, HOURS), "Asia/Baghdad") == "2026-03-02 10:00"


def test_nothing_goes_out_in_eid() -> None:
    assert wall(send_moment(EID.first, "Asia/Baghdad", IRAQ, HOURS), "Asia/Baghdad") == "2026-03-23 09:00"


@pytest.mark.parametrize(
    ("not_before", "goes"),
    [
        ("2026-04-08 20:00", "2026-04-09 09:00"),  # long before that day: as if it were not given
        ("2026-04-09 11:30", "2026-04-09 11:30"),  # the office is open
        ("2026-04-09 15:59", "2026-04-09 15:59"),
        ("2026-04-09 16:00", "2026-04-12 09:00"),  # just closed, and a weekend follows
        ("2026-05-06 03:00", "2026-05-06 09:00"),  # weeks later, in the night
    ],
)
def test_a_message_waits_until_not_before_and_then_for_the_office(not_before: str, goes: str) -> None:
    earliest = datetime.fromisoformat(not_before).replace(tzinfo=ZoneInfo("Asia/Baghdad"))
    moment = send_moment(THURSDAY, "Asia/Baghdad", IRAQ, HOURS, earliest)
    assert wall(moment, "Asia/Baghdad") == goes


def test_the_local_day_is_the_one_on_the_wall_there() -> None:
    late = datetime(2026, 4, 9, 22, tzinfo=UTC)
    assert (local_day(late, "Asia/Baghdad"), local_day(late, "Europe/London")) == (FRIDAY, THURSDAY)


def test_working_hours_that_the_clock_skips_or_repeats_are_taken_on_the_safe_side() -> None:
    night = Hours(opens=time(2, 15), closes=time(2, 45))
    every_day = Calendar(weekend=())
    skipped = send_moment(date(2026, 3, 29), "Europe/Zurich", every_day, night)
    assert wall(skipped, "Europe/Zurich") == "2026-03-30 02:15"
    ends_in_it = Hours(opens=time(1), closes=time(2, 30))
    second_time = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    moment = decent_moment(second_time, "Europe/Zurich", every_day, ends_in_it)
    assert wall(moment, "Europe/Zurich") == "2026-10-26 01:00"


def test_a_day_that_never_was_is_passed_over() -> None:
    samoa = send_moment(date(2011, 12, 30), "Pacific/Apia", TURKEY, HOURS)  # Samoa left out that Friday
    assert wall(samoa, "Pacific/Apia") == "2012-01-02 09:00"


@pytest.mark.parametrize("zone", ["Bagdad", "", "Europe", "../etc/passwd", "Asia/Baghdad\0"])
def test_a_wrong_zone_is_refused_in_words(zone: str) -> None:
    assert not known_zone(zone)
    with pytest.raises(ValueError, match="not a known time zone; write it as in Asia/Baghdad"):
        send_moment(SUNDAY, zone, IRAQ, HOURS)


def test_a_moment_without_a_zone_is_refused_in_words() -> None:
    assert known_zone("Asia/Baghdad")
    with pytest.raises(ValueError, match=r"2026-04-09T10:00:00 has no zone"):
        decent_moment(datetime.fromisoformat("2026-04-09T10:00"), "Asia/Baghdad", IRAQ, HOURS)


# The values


def test_a_calendar_survives_the_way_through_json() -> None:
    is_working_day(SUNDAY, IRAQ)
    again = Calendar.model_validate_json(IRAQ.model_dump_json())
    assert again == IRAQ
    assert not is_working_day(EID.last, again)


def test_a_changed_calendar_has_another_version_and_forgets_the_old_days() -> None:
    assert is_working_day(THURSDAY, IRAQ)
    changed = IRAQ.model_copy(update={"holidays": (THURSDAY,)})
    assert not is_working_day(THURSDAY, changed)
    assert changed.version != IRAQ.version == IRAQ.model_copy(update={"country": "IQ"}).version


def test_a_version_that_was_given_stays() -> None:
    assert Calendar(country="IQ", version="2026-r2").version == "2026-r2"


def test_the_order_in_which_holidays_are_given_does_not_matter() -> None:
    one, two = (
        Calendar(holidays=days, weekend=w) for days, w in [((SUNDAY, FRIDAY), (6, 5)), ((FRIDAY, SUNDAY), (5, 6))]
    )
    assert one == two
    assert one.holidays == (FRIDAY, SUNDAY)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Calendar, {"weekend": (7,)}),
        (Calendar, {"country": "Iraq"}),
        (QuietPeriod, {"first": SUNDAY, "last": FRIDAY, "kind": "closed", "name": "mourning"}),
        (QuietPeriod, {"first": FRIDAY, "last": SUNDAY, "kind": "shut", "name": "mourning"}),
        (Hours, {"opens": "16:00", "closes": "09:00"}),
        (Hours, {"short_opens": "13:00", "short_closes": "13:00"}),
        (Hours, {"opens": "09:00Z"}),
    ],
)
def test_values_that_make_no_sense_are_refused(kind: type, fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        kind(**fields)


# For every calendar, start, count and stall

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
periods = st.builds(
    lambda first, length, kind: QuietPeriod(first=first, last=first + timedelta(length), kind=kind, name="quiet"),
    days,
    st.integers(0, 40),
    st.sampled_from(["closed", "short_hours"]),
)
calendars = st.builds(
    Calendar,
    weekend=st.sets(st.integers(0, 6), max_size=3).map(tuple),
    holidays=st.lists(days, max_size=40).map(tuple),
    quiet=st.lists(periods, max_size=4).map(tuple),
)
stalls = st.lists(st.builds(lambda day, length: (day, day + timedelta(length)), days, st.integers(0, 500)), max_size=3)
counts = st.integers(-60, 60)
zones = st.sampled_from(
    ["Asia/Baghdad", "Europe/Zurich", "Asia/Beirut", "Asia/Tehran", "America/New_York", "Pacific/Apia"]
)
wall_times = st.lists(st.times(), min_size=2, max_size=2, unique=True).map(sorted)
some_hours = st.builds(
    lambda full, short: Hours(opens=full[0], closes=full[1], short_opens=short[0], short_closes=short[1]),
    wall_times,
    wall_times,
)
moments = st.builds(lambda day, at: datetime.combine(day, at, UTC), days, st.times())


@given(days, counts, calendars, stalls)
def test_between_undoes_add(start: date, n: int, calendar: Calendar, frozen: Frozen) -> None:
    end = add_working_days(start, n, calendar, frozen)
    assert end is not None
    if n:
        assert working_days_between(start, end, calendar, frozen) == n
    else:
        assert working_days_between(start - timedelta(days=1), end, calendar, frozen) == 1


@given(days, counts, calendars, stalls)
def test_the_end_is_a_working_day_outside_every_stall(start: date, n: int, calendar: Calendar, frozen: Frozen) -> None:
    end = add_working_days(start, n, calendar, frozen)
    assert end is not None
    assert is_working_day(end, calendar)
    assert not any(to is None or since <= end < to for since, to in frozen)


@given(days, counts, calendars, stalls)
def test_one_more_working_day_never_ends_earlier(start: date, n: int, calendar: Calendar, frozen: Frozen) -> None:
    ends = [add_working_days(start, n + more, calendar, frozen) for more in (0, 1)]
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[0] <= ends[1]
    assert n in (-1, 0) or ends[0] < ends[1]


@given(days, days, calendars, stalls)
def test_between_agrees_with_counting_on_the_fingers(a: date, b: date, calendar: Calendar, frozen: Frozen) -> None:
    first, last = (a + timedelta(days=1), b) if b >= a else (b, a - timedelta(days=1))
    span = (first + timedelta(days=i) for i in range((last - first).days + 1))
    counted = [
        day
        for day in span
        if is_working_day(day, calendar) and not any(to is None or since <= day < to for since, to in frozen)
    ]
    assert abs(working_days_between(a, b, calendar, frozen)) == len(counted)


@given(days, zones, calendars, some_hours, st.none() | moments)
def test_a_message_goes_out_in_working_hours_of_a_working_day_and_not_too_early(
    day: date, zone: str, calendar: Calendar, hours: Hours, not_before: datetime | None
) -> None:
    moment = send_moment(day, zone, calendar, hours, not_before)
    there = moment.astimezone(ZoneInfo(zone))
    short = any(q.kind == "short_hours" and q.first <= there.date() <= q.last for q in calendar.quiet)
    opens, closes = (hours.short_opens, hours.short_closes) if short else (hours.opens, hours.closes)
    assert is_working_day(there.date(), calendar)
    assert opens <= there.time() < closes
    assert there.date() >= day
    assert not_before is None or moment >= not_before


@given(moments, zones, calendars, some_hours)
def test_a_decent_moment_is_not_put_off_again(moment: datetime, zone: str, calendar: Calendar, hours: Hours) -> None:
    decent = decent_moment(moment, zone, calendar, hours)
    assert decent >= moment
    assert decent_moment(decent, zone, calendar, hours) == decent


@given(days, st.integers(-600, 600))
def test_months_there_and_back_lose_at_most_the_days_a_short_month_lacks(day: date, n: int) -> None:
    there = add_months(day, n)
    assert (there.year * 12 + there.month) - (day.year * 12 + day.month) == n
    assert there.day == day.day or there.day == max(28, there.day) < day.day
    assume(there.day == day.day)
    assert add_months(there, -n) == day
