"""Carried clocks tell what the machine's time zone data tell, and go on telling it when those change."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.clocks import Clock, clock, clocks, key
from domain.working_days import Calendar

ZONES = ("Asia/Baghdad", "Europe/Zurich", "Africa/Cairo", "Africa/Casablanca", "Asia/Beirut", "America/New_York",
         "Australia/Lord_Howe", "Asia/Tehran", "Asia/Kathmandu", "UTC")  # fmt: skip
FIRST = datetime(2016, 1, 1, tzinfo=UTC)


def of(zone: str) -> Clock:
    found = clock(clocks([zone], 2028), zone)
    assert isinstance(found, Clock)
    return found


@pytest.mark.parametrize("zone", ZONES)
def test_a_carried_clock_agrees_with_the_machines_to_the_second_and_in_both_readings(zone: str) -> None:
    mine, machine = of(zone), ZoneInfo(zone)
    hours = [FIRST + timedelta(hours=23 * step, minutes=step % 60) for step in range(8_000)]  # 21 years
    changes = [datetime.fromtimestamp(at, UTC) for at in mine._from[1:]]
    beside = [change + timedelta(minutes=minutes) for change in changes for minutes in range(-130, 131, 10)]
    edges = [change - timedelta(seconds=1) for change in changes]
    for moment in (*hours, *beside, *changes, *edges):
        here, there = moment.astimezone(mine), moment.astimezone(machine)
        assert (here.replace(tzinfo=None), here.fold) == (there.replace(tzinfo=None), there.fold), moment
        for fold in (0, 1):
            wall = here.replace(tzinfo=None, fold=fold)
            assert wall.replace(tzinfo=mine).utcoffset() == wall.replace(tzinfo=machine).utcoffset(), (wall, fold)
    assert len(changes) > 20 or zone in ("Asia/Baghdad", "Asia/Tehran", "Asia/Kathmandu", "UTC")


def test_a_wall_time_that_is_skipped_is_read_as_the_machine_reads_it() -> None:
    spring = datetime(2027, 3, 28, 2, 30, tzinfo=UTC)  # a wall time; its zone is put in below
    for fold in (0, 1):
        mine, machine = (
            spring.replace(tzinfo=zone, fold=fold) for zone in (of("Europe/Zurich"), ZoneInfo("Europe/Zurich"))
        )
        assert mine.utcoffset() == machine.utcoffset()


def test_it_travels_as_json_and_is_told_apart_by_its_version() -> None:
    one = clocks(["Africa/Cairo"], 2028)[key("Africa/Cairo")]
    assert Calendar.model_validate_json(one.model_dump_json()) == one
    assert len(one.model_dump_json()) < 1500
    assert one.version != clocks(["Europe/Zurich"], 2028)[key("Europe/Zurich")].version
    assert Calendar(holidays=(), through=one.through).version != one.version


def test_until_a_zone_is_carried_it_is_not_guessed_and_without_any_the_machine_is_asked() -> None:
    some = clocks(["Asia/Baghdad"], 2028)
    assert clock(some, "Europe/Zurich") is UTC
    assert clock({"IQ": Calendar(country="IQ")}, "Europe/Zurich") == ZoneInfo("Europe/Zurich")
    nine = datetime.combine(FIRST.date(), time(9), clock(some, "Asia/Baghdad"))
    assert nine.astimezone(UTC).hour == 6
