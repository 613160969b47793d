"""A session's life as the calendar of one who sits there sees it: from the milestones to the invitations."""

from typing import Any

import icalendar
import pytest
from life import Life
from seated import ready, scheduled

from channels.invitation import as_calendar
from channels.wording import render
from domain.notices import notices
from domain.outgoing import Notice
from domain.record import Entry
from domain.vocabulary import Role, Sensitivity

READER = "p-22"  # lives in Turkey; the session is in Iraq


def told(life: Life, entries: list[Entry]) -> list[Notice]:
    return [one for one in notices(entries, life.now) if one.recipient == READER]


def calendar(life: Life, entries: list[Entry]) -> list[tuple[str, int, str, str]]:
    """Return what the reader's calendar is told: method, sequence, id, beginning."""
    found = []
    for one in told(life, entries):
        event = render(one, "ar", "Europe/Istanbul").event
        if event is not None:
            [read] = icalendar.Calendar.from_ical(as_calendar(event, "m@example.org", "r@example.net")).walk("VEVENT")
            starts = f"{read['DTSTART'].dt:%d.%m. %H:%M}" if "DTSTART" in read else ""
            found.append((event.method, event.sequence, str(read["UID"]), starts))
    return found


def test_e3_6_a_date_is_told_moved_taken_back_and_given_anew_in_one_and_the_same_event() -> None:
    life = scheduled()
    seen = calendar(life, life.pass_days(3))
    for kind, more in (
        ("session_postponed", {"starts": "2026-07-01T10:00", "reason": True}),
        ("session_unscheduled", {}),
        ("session_scheduled", {"starts": "2026-08-03T09:00"}),
        ("session_cancelled", {"reason": True}),
    ):
        fields: dict[str, Any] = {"session": "S1", **more}
        life.report(kind, **fields)
        seen += calendar(life, life.pass_days(3))

    assert [(method, sequence, starts) for method, sequence, _, starts in seen] == [
        ("REQUEST", 0, "01.06. 10:00"),
        ("REQUEST", 1, "01.07. 10:00"),
        ("CANCEL", 2, ""),
        ("REQUEST", 3, "03.08. 09:00"),
        ("CANCEL", 4, "03.08. 09:00"),
    ]
    assert len({id for _, _, id, _ in seen}) == 1


def test_the_final_note_brings_the_invitation_once_more() -> None:
    life = ready()
    entries = life.pass_days(91)
    assert [one[:2] for one in calendar(life, entries)] == [("REQUEST", 0), ("REQUEST", 0)]


@pytest.mark.parametrize("quiet", ["charter", "breach"])
def test_e3_16_where_nothing_may_be_disclosed_there_is_no_invitation(quiet: str) -> None:
    life = scheduled()
    if quiet == "charter":
        charter = life.now.charter.but(sensitivity=Sensitivity.QUIET)
        life.journal.now = life.now.but(charter=charter)
    else:
        life.report("breach_reported", session="S1", breach="media")
    entries = life.pass_days(3)
    assert any(one.ask == "note_date" for one in told(life, entries))
    assert calendar(life, entries) == []
    assert not any({"starts", "moves"} & one.about.keys() for one in told(life, entries))


def test_every_notice_says_by_id_who_manages_the_initiative() -> None:
    life = scheduled()
    assert {one.about["manager"] for one in told(life, life.pass_days(3))} == {life.now.charter.roles[Role.MANAGER]}
