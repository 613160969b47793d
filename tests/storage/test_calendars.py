"""Calendars from the public holiday lists, and the overlay file with which a programme corrects them."""

from datetime import date
from pathlib import Path

import pytest

from domain.working_days import Calendar, add_working_days, is_working_day
from storage.calendars import build_calendar, build_calendars

EXAMPLE = Path(__file__).parents[2] / "examples" / "calendar_overlay.yaml"


def quiet(calendar: Calendar, year: int) -> dict[str, tuple[str, str]]:
    return {q.name: (str(q.first)[5:], str(q.last)[5:]) for q in calendar.quiet if q.first.year == year}


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    return tmp_path / "overlay.yaml"


# What the lists know


def test_iraq_rests_on_friday_and_saturday_and_on_its_holidays() -> None:
    iraq = build_calendar("IQ", 2026, 2027)
    assert iraq.weekend == (4, 5)
    assert date(2026, 1, 6) in iraq.holidays  # Army Day
    assert {day.year for day in iraq.holidays} == {2026, 2027}
    assert iraq.through == date(2027, 12, 31)


def test_weekends_differ_by_country() -> None:
    weekends = {key: c.weekend for key, c in build_calendars(["TR", "IR", "AE", "LY", "GB"], 2026, 2026).items()}
    assert weekends == {"TR": (5, 6), "IR": (4,), "AE": (5, 6), "LY": (4, 5), "GB": (5, 6)}


def test_eid_and_ramadan_are_those_of_the_country() -> None:
    iraq, iran = (build_calendar(country, 2026, 2028) for country in ("IQ", "IR"))
    assert quiet(iraq, 2026)["ramadan"] == ("02-18", "03-19")
    assert quiet(iraq, 2026)["eid_al_fitr"] == ("03-20", "03-22")
    assert quiet(iraq, 2026)["eid_al_adha"] == ("05-27", "05-29")
    assert quiet(iraq, 2027)["ramadan"] == ("02-08", "03-08")  # 29 days
    assert quiet(iran, 2027)["eid_al_fitr"] == ("03-10", "03-11")  # a day later than in Iraq
    assert quiet(iraq, 2028)["ramadan"][0] == "01-28"
    assert {q.kind for q in iraq.quiet if q.name == "ramadan"} == {"short_hours"}
    assert {q.kind for q in iraq.quiet if q.name != "ramadan"} == {"closed"}


def test_a_weekend_inside_a_feast_does_not_break_it_in_two() -> None:
    saudi = build_calendar("SA", 2027, 2027)
    assert quiet(saudi, 2027)["eid_al_fitr"] == ("03-09", "03-14")  # its list leaves out Saturday 13 March


def test_a_ramadan_over_new_year_and_two_eids_in_one_year_are_all_there() -> None:
    kept = [(str(q.first), str(q.last)) for q in build_calendar("IQ", 2033, 2033).quiet if q.name != "eid_al_adha"]
    assert kept == [
        ("2032-12-04", "2033-01-01"),
        ("2033-01-02", "2033-01-04"),
        ("2033-11-23", "2033-12-22"),
        ("2033-12-23", "2033-12-25"),
    ]
    begins = [str(q.first) for q in build_calendar("IQ", 2030, 2030).quiet if q.name == "ramadan"]
    assert begins == ["2030-01-05", "2030-12-26"]


def test_a_late_day_of_eid_does_not_bring_a_second_ramadan() -> None:
    nigeria = build_calendar("NG", 2033, 2033)  # Eid on 24 and 25 December, and again after Boxing Day
    ramadans = [q for q in nigeria.quiet if q.name == "ramadan" and q.last.year == q.first.year]
    assert [str(q.last) for q in ramadans] == ["2033-12-23"]


def test_a_country_without_eid_has_no_quiet_periods() -> None:
    assert build_calendar("CH", 2026, 2027).quiet == ()


def test_a_part_of_a_country_has_its_own_holidays_where_the_lists_know_them() -> None:
    whole, ticino = (build_calendar(country, 2026, 2026).holidays for country in ("CH", "CH-TI"))
    assert date(2026, 3, 19) in set(ticino) - set(whole)  # Saint Joseph


@pytest.mark.parametrize("country", ["XX", ""])
def test_a_country_the_lists_do_not_know_has_a_weekend_and_says_that_nothing_is_known(country: str) -> None:
    unknown = build_calendar(country, 2026, 2027)
    assert (unknown.weekend, unknown.holidays, unknown.through) == ((5, 6), (), None)


def test_the_same_lists_make_the_same_version_and_other_years_another() -> None:
    versions = [build_calendar("IQ", 2026, last).version for last in (2027, 2027, 2028)]
    assert versions[0] == versions[1] != versions[2]


def test_years_in_the_wrong_order_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="2028 to 2026 is no span of years; write the earlier year first"):
        build_calendar("IQ", 2028, 2026)


# What the overlay changes


def test_the_example_overlay_gives_the_kurdistan_region_its_own_days() -> None:
    made = build_calendars(["IQ", "IQ-KR", "IQ-KA"], 2026, 2027, EXAMPLE)
    assert not is_working_day(date(2026, 3, 5), made["IQ-KR"])
    assert not is_working_day(date(2027, 3, 14), made["IQ-KR"])  # every year
    assert is_working_day(date(2026, 3, 5), made["IQ"])
    assert is_working_day(date(2026, 1, 6), made["IQ-KR"])  # Army Day taken out
    assert not is_working_day(date(2026, 1, 6), made["IQ"])
    assert not is_working_day(date(2026, 12, 10), made["IQ-KR"])  # what holds in IQ holds in its parts
    assert not is_working_day(date(2026, 8, 3), made["IQ-KA"])  # closed for Arbaeen
    assert is_working_day(date(2026, 8, 3), made["IQ"])


def test_an_announced_eid_moves_as_a_whole_with_the_end_of_ramadan(overlay: Path) -> None:
    overlay.write_text("IQ:\n  move:\n    - {from: 2027-03-09, to: 2027-03-10}\n")
    before, after = build_calendar("IQ", 2027, 2027), build_calendar("IQ", 2027, 2027, overlay)
    assert quiet(after, 2027)["eid_al_fitr"] == ("03-10", "03-12")
    assert quiet(after, 2027)["ramadan"] == ("02-08", "03-09")
    assert is_working_day(date(2027, 3, 9), after)
    assert after.version != before.version
    assert add_working_days(date(2027, 3, 8), 1, after) == date(2027, 3, 9)


def test_another_holiday_inside_a_moved_eid_stays_where_it_is(overlay: Path) -> None:
    overlay.write_text("IQ:\n  move: [{from: 2026-03-20, to: 2026-03-23}]\n")
    holidays = build_calendar("IQ", 2026, 2026, overlay).holidays
    march = [day.day for day in holidays if day.month == 3 and day.day > 16]
    assert march == [21, 23, 24, 25]  # Nowruz, and Eid


def test_a_single_holiday_moves_alone(overlay: Path) -> None:
    overlay.write_text("IQ:\n  move: [{from: 2026-01-06, to: 2026-01-08}]\n")
    holidays = build_calendar("IQ", 2026, 2026, overlay).holidays
    assert (date(2026, 1, 6) in holidays, date(2026, 1, 8) in holidays) == (False, True)


def test_a_weekend_and_quiet_days_of_your_own(overlay: Path) -> None:
    overlay.write_text(
        "IR:\n  weekend: [thu, fri]\n"
        "  quiet: [{name: mourning, first: 2026-05-02, last: 2026-05-04, kind: short_hours}]\n"
    )
    iran = build_calendar("IR", 2026, 2026, overlay)
    assert iran.weekend == (3, 4)
    assert quiet(iran, 2026)["mourning"] == ("05-02", "05-04")
    assert set(iran.quiet[0].model_dump()) == {"first", "last", "kind", "name"}


def test_a_country_the_lists_do_not_know_can_be_written_by_hand(overlay: Path) -> None:
    overlay.write_text("XX:\n  weekend: [fri]\n  add: [{day: 02-29, name: Leap Day}, {day: 2027-05-05, name: Once}]\n")
    made = build_calendar("XX", 2026, 2028, overlay)
    assert made.weekend == (4,)
    assert made.holidays == (date(2027, 5, 5), date(2028, 2, 29))


def test_norway_is_a_country_and_not_the_word_no(overlay: Path) -> None:
    overlay.write_text("NO:\n  add: [{day: 2026-06-23, name: Midsummer}]\n")
    assert date(2026, 6, 23) in build_calendar("NO", 2026, 2026, overlay).holidays


def test_a_changed_overlay_is_seen_at_the_next_build(overlay: Path) -> None:
    overlay.write_text("IQ:\n  add: [{day: 2026-06-07, name: Once}]\n")
    first = build_calendar("IQ", 2026, 2026, overlay)
    overlay.write_text("")
    assert date(2026, 6, 7) in first.holidays
    assert date(2026, 6, 7) not in build_calendar("IQ", 2026, 2026, overlay).holidays


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        (
            "IQ:\n  add:\n    - {day: 03-05, name: A}\n    - {day: 13-05, name: B}\n",
            ["line 4", "IQ, add, entry 2, day", "'13-05' is no day", "Write add:"],
        ),
        ("IQ:\n  add:\n    - {day: 03-05}\n", ["line 3", "entry 1, name", "required", "Write add:"]),
        ("IQ:\n  ad:\n    - {day: 03-05, name: A}\n", ["line 2", "IQ, ad", "not permitted", "add", "quiet"]),
        ("Iraq:\n  add: []\n", ["Iraq", "Write a country such as IQ"]),
        ("IQ:\n  weekend: [friday]\n", ["line 2", "weekend", "no days of the week", "weekend: [fri, sat]"]),
        ("IQ:\n  weekend: fri\n", ["line 2", "no days of the week"]),
        (
            "IQ:\n  quiet: [{name: a, first: 2026-05-01, last: 2026-05-02, kind: shut}]\n",
            ["line 2", "kind", "short_hours"],
        ),
        (
            "IQ:\n  quiet: [{name: a, first: 2026-05-03, last: 2026-05-02, kind: closed}]\n",
            ["line 2", "a ends on 2026-05-02"],
        ),
        (
            "IQ:\n  move: [{from: 2026-03-21, to: 2026-03-22}]\n",
            ["line 2", "begins on 2026-03-20", "from: 2026-03-20"],
        ),
        (
            "IQ:\n  move: [{from: 2026-03-19, to: 2026-03-22}]\n",
            ["line 2", "2026-03-19 is no holiday", "2026-03-20"],
        ),
        ("IQ:\n  move: [{from: soon, to: 2026-03-22}]\n", ["line 2", "move, entry 1, from", "Write move:"]),
        ("IQ:\n  remove: [{day: 2026-01-07}]\n", ["line 2", "2026-01-07 is no holiday", "2026-01-06"]),
        ("XX:\n  add: []\nIQ:\n  add: []\nIQ:\n  move: []\n", ["line 5", "IQ stands there twice"]),
        ("IQ: [\n", ["not YAML", "line 2"]),
        ("- IQ\n", ["line 1", "no country"]),
        ("IQ:\n", ["IQ", "Write a country"]),
    ],
)
def test_a_bad_overlay_names_file_and_line_what_is_wrong_and_what_to_write(
    overlay: Path, text: str, tells: list[str]
) -> None:
    overlay.write_text(text)
    with pytest.raises(ValueError, match=r"overlay\.yaml") as refused:
        build_calendar("IQ", 2026, 2026, overlay)
    missing = [word for word in tells if word not in str(refused.value)]
    assert not missing, str(refused.value)


def test_an_overlay_that_does_not_exist_is_refused_in_words(overlay: Path) -> None:
    with pytest.raises(ValueError, match=r"overlay\.yaml cannot be read: No such file"):
        build_calendar("IQ", 2026, 2026, overlay)


def test_every_mistake_is_told_at_once(overlay: Path) -> None:
    overlay.write_text("IQ:\n  add: [{day: 13-05, name: A}]\nTR:\n  weekend: [x]\n")
    with pytest.raises(ValueError, match=r"line 2: IQ(.|\n)*line 4: TR"):
        build_calendar("IQ", 2026, 2026, overlay)
