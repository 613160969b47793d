"""Nobody who is dead, erased, withdrawn, put out or asked for silence is written to, by whatever path.

Each change comes through the real workflow and the real roster; each path is one by which somebody is written to.
The others at the table are written to all the same, so that a path that is closed for everybody fails.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from life import Life
from seated import EVERYBODY, opened, scheduled

from cli.setup import make_home
from client import Jisr
from storage import notices, roster
from storage.roster_input import read_person
from tests.conftest import House
from tests.stories.conftest import Command
from tests.stories.running import quiet, seated_life, take_up
from tests.workflows.watching import MANAGER, REASON, caught_up, recorded, until

GONE, OTHER = "p-21", "p-23"
OF_THE_ROSTER = ("person_died", "person_erased", "do_not_contact_asked")
OF_ONE_TABLE = ("participant_withdrew", "participant_removed", "participant_barred")
TODAY, SOON = "2026-04-27T10:00", "2026-05-06T10:00"


def at_work(**changes: Any) -> Life:
    """Return a life with people at the table, at ten in the morning of a working day of all of them."""
    life = seated_life(**changes)
    life.pass_days(57)
    life.at = life.at.replace(hour=8)
    return life


def planned(life: Life) -> None:
    life.report("session_scheduled", session="S1", starts=SOON)
    life.journal.tick(life.calendars, life.at)


def going_on(life: Life) -> None:
    opened(scheduled(life, starts=TODAY))
    life.journal.tick(life.calendars, life.at)


def seen(_life: Life) -> None:
    pass


Report = dict[str, Any]
Way = tuple[Callable[[Life], None], tuple[Report, ...], str]
BREACH = {"kind": "breach_reported", "session": "S1", "breach": "leak", "at_risk": ["p-21", "p-23"]}
PATHS: dict[str, Way] = {
    "a first date, for the calendar": (
        seen, ({"kind": "session_scheduled", "session": "S1", "starts": SOON},), "note_date",
    ),
    "a new date, for the calendar": (
        planned, ({"kind": "session_postponed", "session": "S1", "starts": "2026-05-20T10:00", "reason": REASON},),
        "note_new_date",
    ),
    "a session called off": (
        planned, ({"kind": "session_cancelled", "session": "S1", "reason": REASON},), "note_cancelled",
    ),
    "the initiative called off": (
        planned, ({"kind": "initiative_closed", "outcome": "cancelled", "reason": REASON},), "cancelled_note",
    ),
    "a reminder": (going_on, ({"kind": "session_closed", "session": "S1"},), "give_feedback"),
    "a breach": (going_on, ({"kind": "session_closed", "session": "S1"}, BREACH), "tell_people_at_risk"),
}  # fmt: skip
TASKS = {"tell_people_at_risk": "p-01"}  # of those at risk nobody is written to at all: a human is asked to tell them


async def goes(jisr: Jisr, life: Life, kind: str) -> None:
    """Let the change come as it comes in life: of the person by the roster, of one table by its manager."""
    report = {"kind": kind, "person": GONE, "by": MANAGER}
    if kind in OF_THE_ROSTER:
        await jisr.roster_change(uuid4().hex, GONE, report | {"at": life.at.isoformat()})
    else:
        answer = await jisr.report(life.now.id, kind, person=GONE, by=MANAGER, reason=REASON)
        assert answer.status == "accepted", answer

    async def heard() -> bool:
        return any(one.kind == kind for one in recorded(jisr.desk.database, life.now.id))

    await until(heard)


def written(house: House, person: str, ask: str) -> list[Path]:
    """Return the messages that went out to somebody."""
    return list(house.settings.outbox.rglob(f"*-{person}-{ask}-*.txt"))


def known(house: House) -> None:
    for id in EVERYBODY:
        roster.add_person(house.database, read_person({"id": id, "name_latin": f"Name {id}", "language": "en"}))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", (*OF_THE_ROSTER, *OF_ONE_TABLE))
async def test_nobody_who_is_gone_is_written_to(house: House, kind: str, path: str) -> None:
    prepare, reports, ask = PATHS[path]
    life = at_work(ladders={"feedback": {"rungs": [{"offset": "0wd", "act": "remind"}]}})
    prepare(life)
    known(house)
    async with house.worker(), house.client() as jisr:
        await take_up(house, life)
        await caught_up(jisr, life.now.id)
        await goes(jisr, life, kind)
        answers = await jisr.report_many(life.now.id, [{**report, "by": MANAGER} for report in reports])
        assert {one.status for one in answers} <= {"accepted"}, answers

        async def other() -> list[Path]:
            return written(house, TASKS.get(ask, OTHER), ask)

        assert await until(other)
        await quiet(jisr, life.now.id)

        assert written(house, GONE, ask) == []


@pytest.mark.parametrize("kind", (*OF_THE_ROSTER, *OF_ONE_TABLE))
async def test_a_message_that_waited_when_somebody_went_is_held_back_and_that_is_an_entry(
    house: House, kind: str
) -> None:
    life = at_work()
    planned(life)
    known(house)
    make_home(house.settings)
    outbox = house.settings.outbox
    outbox.rmdir() if outbox.is_dir() else None
    outbox.write_text("no folder: nothing can be delivered now")
    async with house.worker(), house.client() as jisr:
        await take_up(house, life)

        async def waits() -> bool:
            every = notices.of_initiative(house.database, life.now.id)
            return {GONE, OTHER} <= {one.notice.recipient for one in every if one.notice.ask == "note_date"}

        await until(waits)
        await goes(jisr, life, kind)
        outbox.unlink()
        outbox.mkdir(mode=0o700)
        await quiet(jisr, life.now.id)

        assert written(house, OTHER, "note_date")
        assert written(house, GONE, "note_date") == []
        told = [one.fields for one in recorded(house.database, life.now.id) if one.kind == "notice_delivered"]
        assert [one["status"] for one in told if one["recipient"] == GONE] == ["suppressed"]


async def test_somebody_the_roster_knows_to_be_silent_is_silent_where_they_are_named_later(house: House) -> None:
    life = at_work()
    life.report("stage_begun_early", of="vetting", reason=True)
    known(house)
    roster.add_person(house.database, read_person({"id": "p-77", "name_latin": "Name p-77"}))
    roster.stop(house.database, "p-77", life.at)
    async with house.worker(), house.client() as jisr:
        await take_up(house, life)
        id = life.now.id
        nominee = {"person": "p-77", "country": "IQ", "party": "IQ", "capacity": "non_official"}
        named = await jisr.report(id, "participant_nominated", **nominee, by=MANAGER)
        assert named.status == "accepted", named

        async def heard() -> bool:
            return any(one.kind == "do_not_contact_asked" for one in recorded(house.database, id))

        await until(heard)
        state = (await jisr.state(id))["state"]
        assert state["participants"]["p-77"]["do_not_contact"]
        assert "initiative_told" not in [one.kind for one in recorded(house.database, id)]


@pytest.mark.parametrize("kind", ["person_died", "do_not_contact_asked", "capacity_changed", "person_unreachable"])
async def test_what_one_initiative_hears_of_a_person_reaches_the_roster_and_the_others(house: House, kind: str) -> None:
    known(house)
    one, other = at_work(), at_work()
    fields = {"capacity": "former_official", "since": "2026-04-01"} if kind == "capacity_changed" else {}
    async with house.worker(), house.client() as jisr:
        for life in (one, other):
            await take_up(house, life)
            await caught_up(jisr, life.now.id)
        answer = await jisr.report(one.now.id, kind, person="p-20", by=MANAGER, at=one.at, **fields)
        assert answer.status == "accepted", answer

        async def heard() -> bool:
            return any(entry.kind == kind for entry in recorded(house.database, other.now.id))

        await until(heard)
        for life in (one, other):
            await quiet(jisr, life.now.id)
            assert [entry.kind for entry in recorded(house.database, life.now.id)].count(kind) == 1
        person = roster.person(house.database, "p-20")
        assert person is not None
        told = (person.deceased_on, person.do_not_contact_since, person.capacities, person.unreachable_since)
        assert [bool(one) for one in told].count(True) == 1


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (("capacity", "p-21", "serving_official", "--since", "2026-04-01"), "capacity_changed"),  # appointed to office
        (("capacity", "p-20", "former_official", "--since", "2026-04-01"), "capacity_changed"),  # resigned
        (("deceased", "p-21"), "person_died"),
        (("withdrew", "p-21"), "participant_withdrew"),
        (("stop", "p-21"), "do_not_contact_asked"),
        (("unreachable", "p-21"), "person_unreachable"),  # bounced
    ],
)
async def test_a_change_that_is_typed_reaches_every_live_initiative(
    house: House, jisr: Command, typed: tuple[str, ...], kind: str
) -> None:
    known(house)
    lives = [seated_life(), seated_life()]
    for life in lives:
        life.at = datetime.now(UTC)  # what is typed happens today
    async with house.worker(), house.client() as client:
        for life in lives:
            await take_up(house, life)
            await caught_up(client, life.now.id)

        code, told, _ = await jisr("people", *typed, "--by", MANAGER)

        assert (code, set(told["reached"]), told["gone"]) == (0, {life.now.id for life in lives}, [])
        for life in lives:
            heard = [one for one in await caught_up(client, life.now.id) if one.kind == kind]
            assert [one.by for one in heard] == [MANAGER]
