"""Incidents: a breach tightens what follows, freezes what leaked, and those at risk are told by people."""

from datetime import timedelta

from life import Life
from seated import EVERYBODY, change, held, opened, ready, said, scheduled, table

from domain.conduct.incidents import must_be_quiet, untold
from domain.stages.attribution import NOTHING, may_disclose
from domain.vocabulary import AttributionRule, Capacity

STRICT = AttributionRule.NO_DISCLOSURE_OF_ATTENDANCE
PARTS = "opening:on_record,talks:chatham_house,closing:chatham_house"


def rules(life: Life, session: str) -> list[AttributionRule]:
    return [one.rule for one in life.now.sessions[session].segments.values()]


def leaked(**more: object) -> Life:
    life = held(scheduled(segments=PARTS))
    scheduled(life, "S2", "2026-09-01T10:00", segments="main:public", closed_door=False)
    more = {"at_risk": ["p-21", "p-23"], "incident": "L1", **more}
    return life.report("breach_reported", session="S1", segment="talks", breach="leak", **more)


def test_e3_16_a_leak_tightens_the_later_segments_and_the_default() -> None:
    life = leaked()

    assert rules(life, "S1") == [AttributionRule.ON_RECORD, STRICT, STRICT]
    assert rules(life, "S2") == [STRICT]
    assert life.now.sessions["S2"].closed_door
    assert life.now.charter.attribution_rule is STRICT
    scheduled(life, "S3", "2026-10-01T10:00")
    assert rules(life, "S3") == [STRICT]


def test_e3_16_what_is_stricter_already_stays() -> None:
    life = scheduled(segments="main:chatham_house,b:off_record_no_use")
    life.report("breach_reported", session="S1", breach="media")

    assert rules(life, "S1") == [STRICT, AttributionRule.OFF_RECORD_NO_USE]


def test_e3_16_after_a_breach_nothing_new_is_looser_than_the_default() -> None:
    life = leaked()
    date = {"session": "S3", "starts": "2026-10-01T10:00"}
    life.refused("attribution.floor-after-breach", "session_scheduled", **date, segments="main:public")
    life.refused("attribution.floor-after-breach", "segment_defined", session="S2", segment="b", rule="chatham_house")
    life.report("segment_defined", session="S2", segment="b", rule="off_record_no_use")


def test_e3_16_exports_of_the_leaked_segment_are_frozen_even_after_loosening() -> None:
    life = leaked()
    assert may_disclose(life.now, "S1", "talks") == NOTHING
    assert may_disclose(life.now, "S1", "opening").identity
    assert may_disclose(life.now, "S1") == NOTHING
    edit = {"session": "S1", "segment": "talks", "rule": "public"}
    life.report("attribution_rule_loosened", **edit, consents=list(EVERYBODY))

    assert may_disclose(life.now, "S1", "talks") == NOTHING


def test_e3_16_those_at_risk_are_told_by_a_person_and_never_by_us() -> None:
    life = leaked()
    entries = life.pass_days(6)

    assert [one[2] for one in said(entries, "tell_people_at_risk")] == ["p-01"] * 3
    about_leak = [e for e in entries if e.fields.get("about", {}).get("incident") == "L1"]
    assert not {e.fields["recipient"] for e in about_leak} & {"p-21", "p-23"}
    assert must_be_quiet(life.now)


def test_e3_16_an_incident_is_resolved_only_after_everybody_at_risk_was_told() -> None:
    life = leaked()
    life.refused("incidents.told-first", "incident_resolved", incident="L1", reason=True)
    life.refused("incidents.at-risk", "person_told_safely", incident="L1", person="p-20")
    life.report("person_told_safely", incident="L1", person="p-21")
    life.refused("incidents.at-risk", "person_told_safely", incident="L1", person="p-21")
    change(life, "p-23", standing="died")
    assert "tell_people_at_risk:L1" not in life.owed()
    life.report("incident_resolved", incident="L1", reason=True)

    assert not must_be_quiet(life.now)
    assert rules(life, "S2") == [STRICT]  # what it tightened stays


def test_a_security_adviser_who_is_at_risk_is_not_the_one_who_tells() -> None:
    life = table(Life(roles={"manager": "p-01", "facilitator": "p-04", "security_adviser": "p-06"}))
    life.report("incident_reported", what="safety", at_risk=["p-21"], incident="A")
    life.report("incident_reported", what="safety", at_risk=["p-06"], incident="B")
    owes = {o.id: o.owes for o in life.journal.agenda({}).obligations}

    assert owes["tell_people_at_risk:A"] == "p-06"
    assert owes["tell_people_at_risk:B"] == "p-01"


def test_an_open_breach_holds_the_next_session_and_the_next_gate() -> None:
    life = leaked(at_risk=[])
    ready(life, "S2")
    present = list(EVERYBODY)
    life.refused("sessions.composition-holds", "session_opened", session="S2", present=present)
    life.report("session_report_filed", session="S1")
    life.refused("gate.held-by-incident", "gate_decided", of="sessions", decision="go")
    life.report("incident_resolved", incident="L1", reason=True)
    life.report("session_opened", session="S2", present=present)


def test_an_incident_needs_an_id_of_its_own_and_gets_one_if_none_is_given() -> None:
    life = opened().report("incident_reported", what="other", incident="incident-2")
    life.refused("incidents.new-id", "incident_reported", what="other", incident="incident-2")
    life.refused("incidents.new-id", "breach_reported", session="S1", breach="leak", incident="incident-2")
    life.report("breach_reported", session="S1", breach="breach_of_rule")
    life.report("incident_reported", what="monitoring", session="S1")
    life.refused("report.unknown-id", "incident_reported", what="other", session="S9")
    life.refused("report.unknown-id", "breach_reported", session="S1", segment="no", breach="leak")

    assert [one for one in life.now.incidents if ":" not in one] == ["incident-2", "incident-3", "incident-4"]


def test_an_incident_is_resolved_once_and_with_a_reason() -> None:
    life = table().report("incident_reported", what="safety", incident="I1")
    life.refused("report.reason-required", "incident_resolved", incident="I1")
    assert "resolve_incident:I1" in life.owed()
    life.report("incident_resolved", incident="I1", reason=True)
    life.refused("incidents.still-open", "incident_resolved", incident="I1", reason=True)
    life.refused("incidents.still-open", "person_told_safely", incident="I1", person="p-21")
    assert "resolve_incident:I1" not in life.owed()


def test_a_composition_that_breaks_twice_is_asked_for_twice() -> None:
    life = held()
    repairs = []
    for _ in range(2):
        life.at += timedelta(days=1)
        for person in ("p-20", "p-22"):
            change(life, person, capacity=Capacity.FORMER_OFFICIAL)
        life.pass_days(1)
        life.report("note_taken", session="S1")
        repairs += [one for one in life.owed() if one.startswith("repair_composition")]
        for person in ("p-20", "p-22"):
            change(life, person, capacity=Capacity.SERVING_OFFICIAL)
        life.report("note_taken", session="S1")
        assert not [one for one in life.owed() if one.startswith("repair_composition")]

    assert len(set(repairs)) == 2


def test_those_at_risk_who_were_erased_cannot_be_told() -> None:
    life = leaked()
    change(life, "p-21", erased=True)

    assert untold(life.now, life.now.incidents["L1"]) == ("p-23",)
