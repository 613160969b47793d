"""Sessions in a calendar: the same event for ever, at the right hour, and it says nothing it must not."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from channels.catalogue import LANGUAGES
from channels.invitation import METHODS, as_calendar, uid_of
from channels.message import Event, Message
from channels.wording import render
from domain.outgoing import Notice

DUE = datetime(2026, 3, 15, 6, 0, tzinfo=UTC)
MANAGER, READER = "manager@example.org", "reader@example.net"


def written(ask: str = "note_date", language: str = "en", zone: str = "Asia/Baghdad", **changes: Any) -> Message:
    about = {
        "session": "S1", "starts": "2026-06-01T10:00", "zone": "Asia/Baghdad", "days": "1", "moves": "0",
        "manager": "p-01", **changes.pop("about", {}),
    }  # fmt: skip
    content: dict[str, Any] = {
        "initiative": "ini-7f3a", "obligation": f"{ask}:S1:p-41", "ask": ask, "act": "tell", "rung": 0,
        "recipient": "p-41", "due_at": DUE, "sensitivity": "open",
    }  # fmt: skip
    return render(Notice(**{**content, **changes}, about={k: v for k, v in about.items() if v}), language, zone)


def event_in(message: Message) -> tuple[icalendar.Calendar, Any]:
    """Return the calendar and its one event, as a calendar program reads them."""
    assert message.event is not None
    calendar = icalendar.Calendar.from_ical(as_calendar(message.event, MANAGER, READER))
    [event] = calendar.walk("VEVENT")
    return calendar, event


# --- which event ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ask", "method"), METHODS.items())
def test_whatever_tells_a_date_carries_it_and_whatever_takes_it_back_calls_it_off(ask: str, method: str) -> None:
    calendar, event = event_in(written(ask))
    assert calendar["METHOD"] == method
    assert event["STATUS"] == ("CANCELLED" if method == "CANCEL" else "CONFIRMED")


def test_a_session_that_moves_is_the_same_event_with_a_higher_sequence() -> None:
    told = [
        written(),
        written("note_new_date", about={"moves": "1", "starts": "2026-07-01T10:00"}),
        written("final_note", about={"moves": "1", "starts": "2026-07-01T10:00"}),
        written("note_no_date", about={"moves": "2", "starts": ""}),
        written("note_new_date", about={"moves": "3"}),
        written("note_cancelled", about={"moves": "4"}),
    ]
    events = [event_in(one)[1] for one in told]
    assert {str(one["UID"]) for one in events} == {uid_of("ini-7f3a", "S1")}
    assert [int(one["SEQUENCE"]) for one in events] == [0, 1, 1, 2, 3, 4]


def test_a_session_without_a_date_is_called_off_without_naming_the_old_one() -> None:
    _, event = event_in(written("note_no_date", about={"starts": "", "moves": "1"}))
    assert "DTSTART" not in event


def test_a_text_does_not_say_the_date_of_a_meeting_that_is_cancelled() -> None:
    assert "2026" not in written("note_cancelled").text


def test_every_session_has_an_id_of_its_own_that_says_nothing() -> None:
    ids = {uid_of("ini-7f3a", "S1"), uid_of("ini-7f3a", "S2"), uid_of("ini-8", "S1")}
    assert len(ids) == 3
    assert all(len(one) == 32 and int(one, 16) for one in ids)


@pytest.mark.parametrize(
    "changes",
    [
        {"ask": "send_papers"},
        {"act": "escalate"},
        {"sensitivity": "quiet"},
        {"sensitivity": "never heard of"},
        {"about": {"starts": ""}},
        {"about": {"starts": "soon"}},
        {"about": {"zone": "Mars/Base"}},
        {"about": {"session": ""}},
    ],
)
def test_there_is_no_event_where_there_is_no_date_or_nothing_may_be_said(changes: dict[str, Any]) -> None:
    assert written(**changes).event is None


def test_the_same_notice_is_the_same_event_byte_by_byte() -> None:
    first, again = written().event, written().event
    assert first is not None and again is not None
    assert as_calendar(first, MANAGER, READER) == as_calendar(again, MANAGER, READER)


# --- when -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "starts", "utc"),
    [
        ("Asia/Baghdad", "2026-06-01T10:00", "07:00"),
        ("Asia/Baghdad", "2026-12-01T10:00", "07:00"),
        ("Europe/Istanbul", "2026-12-01T10:00", "07:00"),
        ("Europe/Zurich", "2026-06-01T10:00", "08:00"),
        ("Europe/Zurich", "2026-12-01T10:00", "09:00"),
    ],
)
def test_e3_30_the_hour_on_the_wall_is_kept_with_the_zones_rules_of_that_year(zone: str, starts: str, utc: str) -> None:
    calendar, event = event_in(written(about={"zone": zone, "starts": starts}))
    assert f"DTSTART;TZID={zone}:{starts.replace('-', '').replace(':', '')}00" in event.to_ical().decode()
    [rules] = calendar.walk("VTIMEZONE")
    there = datetime.fromisoformat(starts).replace(tzinfo=rules.to_tz())  # by what we wrote, not by what we know
    assert there.astimezone(UTC).strftime("%H:%M") == utc


@pytest.mark.parametrize("zone", ["Asia/Baghdad", "Europe/Istanbul"])
def test_a_zone_without_summer_time_has_one_rule_and_no_table_of_old_ones(zone: str) -> None:
    calendar, _ = event_in(written(about={"zone": zone}))
    [rules] = calendar.walk("VTIMEZONE")
    assert [part.name for part in rules.subcomponents] == ["STANDARD"]
    assert rules.subcomponents[0]["TZOFFSETTO"].to_ical() == "+0300"
    assert "comment" not in rules


def test_a_session_over_the_end_of_summer_time_ends_at_the_same_hour_on_the_wall() -> None:
    _, event = event_in(written(about={"zone": "Europe/Zurich", "starts": "2026-10-24T10:00", "days": "3"}))
    assert event["DTEND"].dt == datetime(2026, 10, 26, 17, 0, tzinfo=ZoneInfo("Europe/Zurich"))
    spent = event["DTEND"].dt.astimezone(UTC) - event["DTSTART"].dt.astimezone(UTC)
    assert spent == timedelta(days=2, hours=8)  # an hour longer than on the wall


def test_a_late_beginning_has_an_end_after_it() -> None:
    _, event = event_in(written(about={"starts": "2026-06-01T19:30"}))
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(hours=1)


@pytest.mark.parametrize("sensitivity", ["discreet", "restricted"])
def test_where_the_place_is_not_said_the_event_stands_in_the_readers_own_zone(sensitivity: str) -> None:
    message = written(sensitivity=sensitivity, about={"zone": "Europe/Zurich"})
    _, event = event_in(message)
    assert event["DTSTART"].dt == datetime(2026, 6, 1, 11, 0, tzinfo=ZoneInfo("Asia/Baghdad"))
    assert message.event is not None
    assert "Zurich" not in as_calendar(message.event, MANAGER, READER)


def test_a_reader_whose_zone_nobody_knows_gets_the_hour_in_utc() -> None:
    calendar, event = event_in(written(zone="Mars/Base", sensitivity="restricted"))
    assert event["DTSTART"].to_ical() == b"20260601T070000Z"
    assert calendar.walk("VTIMEZONE") == []


# --- what it never says -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sensitivity", ["open", "discreet", "restricted"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_e3_17_an_event_names_no_topic_no_place_and_nobody_but_its_reader(language: str, sensitivity: str) -> None:
    for ask in METHODS:
        message = written(ask, language, sensitivity=sensitivity, about={"party": "TR", "partner": "P1"})
        _, event = event_in(message)
        assert isinstance(message.event, Event)
        text = as_calendar(message.event, MANAGER, READER)
        assert "LOCATION" not in text
        assert not re.search(r"ini-7f3a|p-41|p-01|\b(S1|P1|TR)\b|(?i:jisr)", text)
        assert event["ORGANIZER"] == f"mailto:{MANAGER}"
        assert event["ATTENDEE"] == f"mailto:{READER}"  # one, no list
        assert "CN" not in event["ORGANIZER"].params
        assert event["CLASS"] == "PRIVATE"
        assert str(event["SUMMARY"]) in ("Meeting", "Appointment", "اجتماع", "موعد", "کۆبوونەوە", "چاوپێکەوتن")
