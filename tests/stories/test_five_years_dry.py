"""Five years of one initiative, played through the pure core: the size of it, and the invariants that must hold."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from domain.agenda import Agenda
from domain.errands import errands
from domain.vocabulary import StallPolicy
from examples.five_years import make
from rehearsal.expect import spoken
from tests.stories.told import Told, calendars, played, states

SETTLED = ("rung_reached", "rung_lapsed", "notice_suppressed")


@pytest.fixture(scope="module")
def rivers() -> Told:
    return played(*make.parent(), until=datetime(2032, 1, 1, tzinfo=UTC))


def test_it_has_the_size_of_a_real_one(rivers: Told) -> None:
    assert 430 <= len(rivers.answers) <= 480
    assert {answer.status for answer in rivers.answers} == {"accepted"}
    assert 800 <= len(spoken(rivers.entries)) <= 1000
    assert rivers.journal.now.stage == "closed"
    assert len([s for s in rivers.journal.now.sessions.values() if s.status == "closed"]) == 8
    assert rivers.seconds < 30


def test_f2_1_nothing_is_said_twice(rivers: Told) -> None:
    settled = [e.fields for e in rivers.entries if e.kind in SETTLED]
    twice = Counter((f["recipient"], f["obligation"], f["rung"]) for f in settled)

    assert [told for told, times in twice.items() if times > 1] == []
    assert [o for o, times in Counter((f["obligation"], f["rung"]) for f in settled).items() if times > 1] == []


def test_f2_2_the_dead_and_those_who_left_are_left_alone(rivers: Told) -> None:
    died = next(e.at for e in rivers.entries if e.kind == "person_died")
    moved = next(e.at for e in rivers.entries if e.kind == "capacity_changed")

    assert [e.fields for e in spoken(rivers.entries) if e.fields["recipient"] == "p-67" and e.at > died] == []
    assert [e.fields for e in spoken(rivers.entries) if e.fields["recipient"] == "p-65" and e.at > moved] == []


def test_f2_3_in_a_stall_only_what_runs_is_said_and_afterwards_one_rung_a_thing_at_once(rivers: Told) -> None:
    before = None
    for first, now in states(rivers.entries):
        if before is not None and before.stalled and first.kind in SETTLED:
            ladders = {one.id: one.ladder for one in Agenda(before, calendars()).obligations}
            policy = before.charter.ladder(ladders[first.fields["obligation"]]).in_stall
            assert policy in (StallPolicy.RUN, StallPolicy.ONLY), first.fields
        before = now
    at_once = Counter((e.heard_at, e.fields["obligation"]) for e in rivers.entries if e.kind in SETTLED)
    assert max(at_once.values()) == 1


def test_f2_3_no_resume_brings_a_flood(rivers: Told) -> None:
    for stall in rivers.journal.now.stalls:
        assert stall.until is not None
        stale = [
            e.fields["obligation"]
            for e in spoken(rivers.entries)
            if e.at >= stall.until
            and stall.since <= datetime.fromisoformat(e.fields["due_at"]) < stall.until - timedelta(days=1)
        ]
        assert stale == []


def test_f2_5_at_no_instant_does_an_official_sit_at_a_track_two_table(rivers: Told) -> None:
    for entry, now in states(rivers.entries):
        assert [p.person for p in now.roster if p.serving] == [], entry.at


def test_f2_10_what_was_submitted_has_one_state_and_its_whole_history(rivers: Told) -> None:
    submitted = [r for r in rivers.journal.now.recommendations.values() if r.submitted_at]

    assert [r.id for r in submitted] == ["R1", "R2", "R5", "R6"]
    for r in submitted:
        assert r.states[-1]["state"] == r.state.value
        assert [line["state"] for line in r.states].count("submitted") == 1
        assert [line["at"] for line in r.states] == sorted(line["at"] for line in r.states)


def test_at_the_end_nothing_is_owed_but_the_purge_two_years_later(rivers: Told) -> None:
    ahead = rivers.journal.agenda(calendars()).ahead(datetime(2035, 1, 1, tzinfo=UTC))

    assert {due.obligation.ask for due in ahead} <= {"purge", "evaluate"}


def test_the_record_tells_the_same_state_again(rivers: Told) -> None:
    _, last = states(rivers.entries)[-1]
    assert last == rivers.journal.now


def test_the_child_takes_over_what_was_passed_on_and_the_member_who_took_office_sits_there(rivers: Told) -> None:
    charter, reports = make.child()
    given = [errand.report for errand in errands(rivers.entries, rivers.journal.now)]
    lines = sorted([*reports, *given], key=lambda line: datetime.fromisoformat(line["at"]))
    child = played(charter, lines, datetime(2029, 6, 1, tzinfo=UTC))

    assert 55 <= len(reports) <= 70
    assert [a.rule for a in child.answers if a.status != "accepted"] == []
    now = child.journal.now
    assert now.recommendations["ini-rivers.R3"].came_from == ("ini-rivers/R3",)
    assert now.recommendations["ini-rivers.R3"].state == "adopted"
    assert "p-65" in [p.person for p in now.seated if p.serving]
