"""Edge cases of calendars and clocks, each by its number, over the real lists and the real agenda."""

from datetime import date, timedelta
from pathlib import Path

from life import OPENED, Life

from domain.agenda import Agenda, Due
from domain.working_days import add_working_days
from storage.calendars import build_calendars
from tests.stories.timezones import newer_time_zone_data

COUNTRIES = ("IQ", "TR", "IR", "CH")
AHEAD = OPENED + timedelta(days=120)
ZONE = "Asia/Baghdad"


def ahead(life: Life) -> tuple[Due, ...]:
    return Agenda(life.now, life.calendars).ahead(AHEAD)


def test_e3_29_two_working_days_are_others_for_each_country_and_nobody_hears_on_their_weekend() -> None:
    calendars = build_calendars(COUNTRIES, 2025, 2028)
    thursday = date(2026, 4, 9)
    two_later = {country: add_working_days(thursday, 2, one) for country, one in calendars.items()}
    assert two_later["IQ"] == two_later["TR"] == date(2026, 4, 13)
    assert two_later["IR"] == date(2026, 4, 12)  # Saturday and Sunday are working days there

    life = Life(calendars)
    for due in ahead(life):
        there = calendars[life.now.person(due.recipient).country]
        assert due.local.weekday() not in there.weekend, due
        assert due.local.date() not in there.holidays, due
    assert {life.now.person(due.recipient).country for due in ahead(life)} >= {"IQ"}


def test_e3_30_new_time_zone_data_moves_no_hour_on_the_wall(tmp_path: Path) -> None:
    life = Life(build_calendars(COUNTRIES, 2025, 2028))
    before = [(due.obligation.id, due.rung, due.due_at, due.local.time()) for due in ahead(life) if due.zone == ZONE]
    with newer_time_zone_data(tmp_path, ZONE, "Asia/Dubai"):  # Baghdad has moved an hour ahead
        after = [(due.obligation.id, due.rung, due.due_at, due.local.time()) for due in ahead(life) if due.zone == ZONE]

    assert len(before) == len(after) > 3
    assert [one[:2] for one in before] == [one[:2] for one in after]
    nine = [(a, b) for a, b in zip(before, after, strict=True) if a[3].hour == 9]
    assert len(nine) > 3
    assert all(b[3] == a[3] for a, b in nine), "nine on the wall stays nine on the wall"
    assert {a[2] - b[2] for a, b in nine} == {timedelta(hours=1)}, "and is an hour earlier everywhere else"
