"""People at the table without the road that leads there: for tests of what happens once they sit."""

from datetime import UTC, date, datetime
from typing import Any

from life import Life

from domain.charter import Person
from domain.nouns import Participant
from domain.record import Entry
from domain.vocabulary import Capacity, Gender

BEFORE = datetime(2026, 2, 20, 8, 0, tzinfo=UTC)
ZONES = {"IQ": "Asia/Baghdad", "TR": "Europe/Istanbul", "CH": "Europe/Zurich"}
FIRST_DAY = "2026-06-01T10:00"  # a Monday
EVERYBODY = ("p-20", "p-21", "p-22", "p-23")


def seat(life: Life, person: str, country: str, **fields: Any) -> None:
    """Put somebody at the table (or where `standing` says), as if vetted and invited."""
    given = {
        "party": country,
        "standing": "accepted",
        "vetted_at": BEFORE,
        "answered_at": BEFORE,
        "terms_accepted_at": BEFORE,
        "attested_on": date(2026, 2, 20),
        **fields,
    }
    now = life.now.put("people", person, Person(country=country, zone=ZONES[country]))
    life.journal.now = now.put("participants", person, Participant(person=person, country=country, **given))


def table(life: Life | None = None) -> Life:
    """Return a life whose sessions have begun, with an official and a woman of each party at the table."""
    life = life or Life()
    life.report("stage_begun_early", of="sessions", reason=True)
    for official, woman, country in (("p-20", "p-21", "IQ"), ("p-22", "p-23", "TR")):
        seat(life, official, country, capacity=Capacity.SERVING_OFFICIAL, gender=Gender.MAN)
        seat(life, woman, country, gender=Gender.WOMAN, first_time=True, outside_capital=True)
    return life


def scheduled(life: Life | None = None, session: str = "S1", starts: str = FIRST_DAY, **fields: Any) -> Life:
    """Return a life with the table and one session in Baghdad on the calendar."""
    return (life or table()).report("session_scheduled", session=session, starts=starts, **fields)


def ready(life: Life | None = None, session: str = "S1") -> Life:
    """Return a life with a session whose gate would let it open."""
    life = life or scheduled()
    life.report("neutrality_declared", session=session, person="p-04")
    return life.report("venue_attested", session=session)


def opened(life: Life | None = None, session: str = "S1", present: tuple[str, ...] = EVERYBODY) -> Life:
    return ready(life, session).report("session_opened", session=session, present=list(present))


def held(life: Life | None = None, session: str = "S1") -> Life:
    return opened(life, session).report("session_closed", session=session)


def change(life: Life, person: str, **changes: Any) -> None:
    life.journal.now = life.now.change("participants", person, **changes)


def asks(life: Life, session: str = "S1") -> set[str]:
    """Return what is owed about one session, without the rest of the initiative."""
    every = life.journal.agenda(life.calendars).obligations
    return {one.id for one in every if dict(one.about).get("session") == session}


def said(entries: list[Entry], ask: str) -> list[tuple[str, int, str]]:
    """Return what was said of one ask: kind, rung, recipient."""
    return [
        (e.kind, e.fields["rung"], e.fields["recipient"])
        for e in entries
        if e.fields.get("ask") == ask and "rung" in e.fields
    ]


def days(entries: list[Entry], ask: str) -> list[str]:
    """Return on which days rungs of one ask came due."""
    return [e.fields["due_at"][:10] for e in entries if e.fields.get("ask") == ask and "rung" in e.fields]
