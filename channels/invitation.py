"""Sessions in the reader's calendar (iCalendar, RFC 5545 and 5546): a date, a moved date, a date that is off.

A session is one event for ever: its id says nothing, its sequence grows with every move. Who else comes, what it is
about and where it is are in no field. Where the initiative is open the event stands in the session's own zone,
elsewhere in the reader's, since a zone's name is a place. At `quiet` there is no invitation at all.
"""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import icalendar

from channels.catalogue import Words
from channels.message import Event
from domain.outgoing import Notice
from domain.record import canonical
from domain.vocabulary import Act, Sensitivity

Method = Literal["REQUEST", "CANCEL"]
METHODS: dict[str, Method] = {
    "note_date": "REQUEST",
    "note_new_date": "REQUEST",
    "final_note": "REQUEST",
    "note_no_date": "CANCEL",
    "note_cancelled": "CANCEL",
}
SAID_AT = (Sensitivity.OPEN, Sensitivity.DISCREET, Sensitivity.RESTRICTED)
EVENING = time(17)  # sessions have a beginning and a last day; the hour they end is nowhere written down
AT_LEAST = timedelta(hours=1)
PRODUCT = "-//Calendar//1.0//EN"  # ours by no name: the name of the program would say what kind of work it is


def event_of(notice: Notice, say: Words, reader: ZoneInfo) -> Event | None:
    """Return what the reader's calendar is told with this notice; None when there is nothing to tell it."""
    method = METHODS.get(notice.ask)
    session = notice.about.get("session", "")
    if method is None or notice.act != Act.TELL or notice.sensitivity not in SAID_AT or not session:
        return None
    starts, ends = _span(notice)
    if method == "REQUEST" and starts is None:
        return None
    zone = starts.tzinfo if starts and notice.sensitivity == Sensitivity.OPEN else reader
    assert isinstance(zone, ZoneInfo)
    kind = "open" if notice.sensitivity == Sensitivity.OPEN else "other"
    return Event(
        method=method,
        uid=uid_of(notice.initiative, session),
        sequence=_number(notice.about.get("moves", "")),
        stamp=notice.due_at,
        zone=zone.key,
        starts=_wall(starts, zone),
        ends=_wall(ends, zone),
        language=say.language,
        summary=say(f"event.{kind}"),
        description=say("event.about"),
    )


def uid_of(initiative: str, session: str) -> str:
    """Return the id of a session in everybody's calendar: always the same, and nobody can read from it which."""
    return hashlib.sha256(canonical(["event", initiative, session])).hexdigest()[:32]


def as_calendar(event: Event, organizer: str, attendee: str) -> str:
    """Return the event as a calendar program takes it. The reader is the only attendee it names."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", event.method)
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("sequence", event.sequence)
    made.add("dtstamp", event.stamp.astimezone(UTC))
    if event.starts is not None and event.ends is not None:
        zone = ZoneInfo(event.zone)
        if event.zone != "UTC":
            calendar.add_component(_rules(zone, event.starts.year, event.ends.year))
        made.add("dtstart", event.starts.replace(tzinfo=zone))
        made.add("dtend", event.ends.replace(tzinfo=zone))
    made.add("summary", event.summary, parameters={"language": event.language})
    made.add("description", event.description, parameters={"language": event.language})
    made.add("status", "CANCELLED" if event.method == "CANCEL" else "CONFIRMED")
    made.add("class", "PRIVATE")
    made.add("organizer", icalendar.vCalAddress(f"mailto:{organizer}"))
    asked = {"partstat": "NEEDS-ACTION", "rsvp": "TRUE"} if event.method == "REQUEST" else {}
    made.add("attendee", icalendar.vCalAddress(f"mailto:{attendee}"), parameters={"role": "REQ-PARTICIPANT", **asked})
    calendar.add_component(made)
    return str(calendar.to_ical(), "utf-8")


@lru_cache(maxsize=64)
def _rules(zone: ZoneInfo, first: int, last: int) -> icalendar.Timezone:
    """Return the zone's rules for the years of the event only: what it did decades ago confuses programs.

    They are looked for hour by hour, a tenth of a second long: kept for the next message.
    """
    since, until = date(first, 1, 1), date(last + 1, 1, 1)
    made = icalendar.Timezone.from_tzinfo(zone, zone.key, since, until)
    made.pop("comment", None)
    return made


def _span(notice: Notice) -> tuple[datetime | None, datetime | None]:
    """Return beginning and end in the session's zone, or neither."""
    try:
        zone = ZoneInfo(notice.about["zone"])
        starts = datetime.fromisoformat(notice.about["starts"]).replace(tzinfo=zone)
    except (KeyError, ValueError, OSError, ZoneInfoNotFoundError):
        return None, None
    last = starts.date() + timedelta(days=max(_number(notice.about.get("days", "")), 1) - 1)
    return starts, max(datetime.combine(last, EVENING, zone), starts + AT_LEAST)


def _wall(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.astimezone(zone).replace(tzinfo=None) if moment is not None else None


def _number(given: str) -> int:
    return int(given) if given.isdecimal() else 0
