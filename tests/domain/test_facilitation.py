"""Facilitation: neutral for each session, open to objection, replaced without losing who sat there before."""

from datetime import timedelta

from life import Life
from seated import EVERYBODY, asks, change, held, ready, said, scheduled, table

from domain.vocabulary import Role

PRESENT = list(EVERYBODY)
TEXT = "text:" + "1" * 32
PROFILE = dict.fromkeys(("contextual_knowledge", "cultural_understanding", "political_neutrality"), TEXT)


def test_neutrality_is_asked_for_before_each_session_and_of_each_facilitator() -> None:
    life = scheduled()
    scheduled(life, "S2", "2026-09-01T10:00")
    life.report("facilitator_appointed", person="p-09", role="co_facilitator")
    life.report("neutrality_declared", session="S1", person="p-04")

    asked = {one for one in life.owed() if one.startswith("declare_neutrality")}

    assert asked == {"declare_neutrality:S1:p-09", "declare_neutrality:S2:p-04", "declare_neutrality:S2:p-09"}


def test_only_those_who_facilitate_declare() -> None:
    life = scheduled()
    life.refused("facilitation.holds-role", "neutrality_declared", session="S1", person="p-20")


def test_e3_14_a_new_facilitator_declares_anew_and_the_old_one_stays_listed() -> None:
    life = held()
    scheduled(life, "S2", "2026-09-01T10:00").report("neutrality_declared", session="S2", person="p-04")
    life.at += timedelta(days=3)
    life.report("facilitator_appointed", person="p-09")

    now = life.now
    assert now.roles[Role.FACILITATOR] == "p-09"
    assert now.former_roles == ((Role.FACILITATOR, "p-04", life.at),)
    assert now.sessions["S1"].neutrality.keys() == {"p-04"}  # the past stays as it was
    assert now.sessions["S2"].neutrality == {}
    assert now.facilitator_since == life.at
    life.report("venue_attested", session="S2")
    life.refused("sessions.neutrality-declared", "session_opened", session="S2", present=PRESENT)
    life.refused("facilitation.holds-role", "neutrality_declared", session="S2", person="p-04")
    life.report("neutrality_declared", session="S2", person="p-09")
    life.report("session_opened", session="S2", present=PRESENT)


def test_e3_14_a_handover_note_of_a_former_facilitator_is_asked_for() -> None:
    life = held()
    life.at += timedelta(days=1)
    life.report("facilitator_stepped_down")
    asked = {one for one in life.owed() if one.startswith("file_handover_note:facilitator")}
    assert len(asked) == 1
    life.report("handover_note_filed", role="facilitator")

    assert not asked & life.owed()


def test_an_empty_chair_is_chased_while_sessions_are_ahead() -> None:
    life = scheduled()
    assert not [one for one in life.owed() if one.startswith("appoint_facilitator")]
    life.report("facilitator_stepped_down")
    life.refused("facilitation.holds-role", "facilitator_stepped_down")
    assert "appoint_facilitator:1" in life.owed()
    assert [one[2] for one in said(life.pass_days(6), "appoint_facilitator")] == ["p-01"] * 3
    life.refused("sessions.neutrality-declared", "session_opened", session="S1", present=PRESENT)
    life.report("facilitator_appointed", person="p-09")
    assert "appoint_facilitator:1" not in life.owed()


def test_a_charter_without_a_facilitator_is_asked_for_one_when_a_session_is_scheduled() -> None:
    life = table(Life(roles={"manager": "p-01"}))
    assert "appoint_facilitator:0" not in life.owed()
    assert "appoint_facilitator:0" in scheduled(life).owed()


def test_whoever_facilitates_neither_sits_at_the_table_nor_hosts() -> None:
    life = scheduled(host="inst-1")
    life.refused("facilitation.not-at-the-table", "facilitator_appointed", person="p-20")
    life.refused("facilitation.not-at-the-table", "facilitator_appointed", person="inst-1")
    life.refused("facilitation.new-holder", "facilitator_appointed", person="p-04")
    change(life, "p-20", standing="withdrew")
    life.report("facilitator_appointed", person="p-20")


def test_a_facilitator_who_becomes_co_facilitator_keeps_what_was_declared() -> None:
    life = ready().report("facilitator_appointed", person="p-04", role="co_facilitator")
    life.report("facilitator_appointed", person="p-09")

    assert life.now.sessions["S1"].neutrality.keys() == {"p-04"}


def test_e3_15_a_party_objects_without_being_named() -> None:
    life = ready().report("neutrality_objected", session="S1")

    assert life.now.sessions["S1"].objections["objection-1"].party is None
    assert "resolve_objection:S1:objection-1" in asks(life)
    entry = next(e for e in life.entries if e.kind == "neutrality_objected")
    assert entry.fields == {"session": "S1"}
    life.report("objection_resolved", session="S1", objection="objection-1", reason=True)
    assert "resolve_objection:S1:objection-1" not in asks(life)


def test_an_objection_of_a_party_is_one_of_ours_and_stands_once() -> None:
    life = ready()
    life.refused("facilitation.party-of-ours", "neutrality_objected", session="S1", party="XX")
    life.report("neutrality_objected", session="S1", party="TR", objection="O1")
    life.refused("facilitation.objection-once", "neutrality_objected", session="S1", objection="O1")
    life.refused("report.reason-required", "objection_resolved", session="S1", objection="O1")
    life.refused("report.unknown-id", "objection_resolved", session="S1", objection="O2", reason=True)
    life.report("objection_resolved", session="S1", objection="O1", reason=True)
    life.refused("facilitation.objection-once", "objection_resolved", session="S1", objection="O1", reason=True)


def test_a_profile_is_recorded_with_its_three_grounds() -> None:
    life = Life()
    life.refused("report.invalid", "facilitator_profile_recorded", person="p-04", political_neutrality="yes")
    life.report("facilitator_profile_recorded", person="p-04", **PROFILE)

    assert life.now.marks["facilitator_profile:p-04"] == life.at
