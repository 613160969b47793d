"""Sessions: dates that move, a gate that looks, a room that keeps silent, and what is asked afterwards."""

from datetime import timedelta

import pytest
from life import OPENED, Life
from seated import EVERYBODY, asks, change, days, held, opened, ready, said, scheduled, seat, table

from domain.charter import Party
from domain.lifecycle import requirements
from domain.record import MILESTONES
from domain.stages.session_dates import hosting_rounds
from domain.stages.session_room import Weight, balance
from domain.vocabulary import AttributionRule, Capacity, Role, Stage

PRESENT = list(EVERYBODY)


# --- dates --------------------------------------------------------------------------------------------------
def test_a_session_keeps_wall_time_and_zone_and_falls_under_the_charters_rule() -> None:
    s = scheduled(country="CH", zone="Europe/Zurich").now.sessions["S1"]

    assert s.starts_at() is not None and s.starts_at().isoformat() == "2026-06-01T10:00:00+02:00"
    assert s.segments["main"].rule is AttributionRule.CHATHAM_HOUSE
    assert s.closed_door


def test_a_start_with_an_offset_and_an_unknown_zone_are_refused_as_misshapen() -> None:
    life = table()
    life.refused("report.invalid", "session_scheduled", session="S1", starts="2026-06-01T10:00+03:00")
    life.refused("report.invalid", "session_scheduled", session="S1", starts="2026-06-01T10:00", zone="Mars/North")


def test_a_session_is_scheduled_once_and_then_moved() -> None:
    life = scheduled()
    life.refused("sessions.status", "session_scheduled", session="S1", starts="2026-07-01T10:00")
    life.refused("sessions.later-date", "session_postponed", session="S1", starts="2026-05-01T10:00", reason=True)
    life.refused("sessions.earlier-date", "session_brought_forward", session="S1", starts="2026-07-01T10:00")
    life.refused("report.reason-required", "session_postponed", session="S1", starts="2026-07-01T10:00")
    life.refused("report.unknown-id", "session_unscheduled", session="S9")


def test_e3_6_a_third_postponement_forces_a_review_before_anything_else() -> None:
    life = ready()
    for month in (7, 8, 9):
        life.refused("sessions.no-review-due", "session_reviewed", session="S1")
        life.report("session_postponed", session="S1", starts=f"2026-{month:02}-01T10:00", reason=True)
    rule = "sessions.review-after-postponements"
    life.refused(rule, "session_opened", session="S1", present=PRESENT)
    life.refused(rule, "session_postponed", session="S1", starts="2026-10-01T10:00", reason=True)
    life.refused(rule, "session_brought_forward", session="S1", starts="2026-05-01T10:00")
    assert "review_session:S1:3" in asks(life)

    life.report("session_unscheduled", session="S1")
    life.refused(rule, "session_scheduled", session="S1", starts="2026-10-01T10:00")
    life.report("session_reviewed", session="S1")
    life.report("session_scheduled", session="S1", starts="2026-10-01T10:00")

    assert life.now.sessions["S1"].postponements == 3
    assert "review_session:S1:3" not in asks(life)


def test_e3_6_a_session_without_a_date_asks_only_for_a_date_and_quotes_none() -> None:
    life = scheduled()
    for month in (7, 8, 9):
        life.report("session_postponed", session="S1", starts=f"2026-{month:02}-01T10:00", reason=True)
    life.report("session_unscheduled", session="S1")

    notes = {f"note_no_date:S1:4:{person}" for person in EVERYBODY}
    assert asks(life) == {"review_session:S1:3", "reschedule_session:S1:4", *notes}
    entries = life.pass_days(250)
    assert {e.fields["ask"] for e in entries if "session" in e.fields.get("about", {})} == {
        "review_session",
        "reschedule_session",
        "note_no_date",
    }
    assert not any("2026-0" in str(e.fields["about"]) for e in entries if "about" in e.fields)


def test_e3_7_brought_forward_rungs_in_the_past_collapse_to_one() -> None:
    life = scheduled()
    life.pass_days(10)
    life.report("session_brought_forward", session="S1", starts="2026-04-08T10:00")

    entries = life.pass_days(1)
    visa = [e for e in entries if e.fields.get("obligation") == "send_visa_data:S1:p-22"]

    assert [(e.fields["rung"], e.fields["collapsed"]) for e in visa] == [(2, 2)]  # T-60, T-45, T-35
    assert len(said(entries, "send_papers")) == 0


def test_a_rung_that_was_said_is_not_said_again_for_a_new_date() -> None:
    life = scheduled()
    first = life.pass_days(35)  # T-60 has passed
    life.report("session_postponed", session="S1", starts="2026-08-31T10:00", reason=True)
    second = life.pass_days(170)

    sent = [(e.fields["obligation"], e.fields["rung"]) for e in first + second if e.kind == "rung_reached"]
    assert len(sent) == len(set(sent))
    assert said(first, "send_visa_data") == [("rung_reached", 0, "p-22"), ("rung_reached", 0, "p-23")]
    assert {one[1] for one in said(second, "send_visa_data")} == {1, 2}


def test_when_the_date_moves_everybody_seated_is_told_once_per_move() -> None:
    life = scheduled()
    life.report("session_postponed", session="S1", starts="2026-07-01T10:00", reason=True)
    seat(life, "p-24", "TR", answered_at=life.at + timedelta(days=1))  # sat down after the move
    change(life, "p-21", do_not_contact=True)

    told = said(life.pass_days(3), "note_new_date")

    assert told == [("rung_reached", 0, person) for person in ("p-20", "p-22", "p-23")]
    life.report("session_postponed", session="S1", starts="2026-08-03T10:00", reason=True)
    assert len(said(life.pass_days(3), "note_new_date")) == 4


def test_the_first_date_is_told_once_to_each_who_sits_and_to_each_who_sits_down_later() -> None:
    life = scheduled()
    change(life, "p-21", do_not_contact=True)
    assert [one[2] for one in said(life.pass_days(3), "note_date")] == ["p-20", "p-22", "p-23"]

    life.report("session_postponed", session="S1", starts="2026-07-01T10:00", reason=True)
    life.pass_days(3)
    seat(life, "p-24", "TR", answered_at=life.at)
    later = life.pass_days(90)

    assert said(later, "note_date") == [("rung_reached", 0, "p-24")]
    assert said(later, "note_new_date") == []


def test_a_date_that_moves_before_it_was_told_is_told_once_as_it_stands_now() -> None:
    life = scheduled()
    life.report("session_postponed", session="S1", starts="2026-07-01T10:00", reason=True)
    told = life.pass_days(3)

    assert said(told, "note_date") == []
    assert len(said(told, "note_new_date")) == 4


def test_a_cancelled_session_asks_nothing_and_says_so_to_those_seated() -> None:
    life = scheduled()
    life.report("session_cancelled", session="S1", reason=True)

    assert asks(life) == {f"note_cancelled:S1:1:{person}" for person in EVERYBODY}
    life.refused("sessions.status", "session_scheduled", session="S1", starts="2026-07-01T10:00")


def test_hosts_are_counted_in_rounds_and_never_mediate() -> None:
    life = table()
    life.refused(
        "sessions.host-does-not-facilitate",
        "session_scheduled",
        session="S1",
        starts="2026-06-01T10:00",
        host="p-04",
    )
    held(scheduled(life, host="inst-1"), "S1")
    scheduled(life, "S2", "2026-09-01T10:00", host="inst-1")

    assert life.now.sessions["S2"].round == 2
    assert hosting_rounds(life.now) == {"inst-1": 1}


# --- counted back from the first day ------------------------------------------------------------------------
def test_what_a_session_asks_for_is_counted_back_from_its_first_day() -> None:
    life = scheduled()
    entries = life.pass_days(91)  # to 31 May

    assert days(entries, "check_composition") == ["2026-05-18", "2026-05-28"]  # T-3 is a Friday
    assert days(entries, "brief_security")[0] == "2026-05-25"
    assert days(entries, "declare_neutrality") == [
        "2026-05-25",
        "2026-05-28",
    ]  # T-2 is a Saturday: one message
    assert days(entries, "send_papers")[0] == "2026-05-11"
    assert set(days(entries, "final_note")) == {
        "2026-05-28",
        "2026-05-29",
    }  # Saturday T-2, before the weekends
    assert sorted(one[2] for one in said(entries, "final_note")) == PRESENT


def test_the_composition_is_checked_and_the_findings_kept() -> None:
    life = scheduled()
    checks = [e for e in life.pass_days(91) if e.kind == "composition_checked"]

    assert [e.fields["rung"] for e in checks] == [0, 1]
    assert checks[0].fields["session"] == "S1"
    assert {"composition.women", "composition.needs-official"} <= {f["rule"] for f in checks[0].fields["findings"]}


def test_the_composition_check_is_made_anew_for_a_new_date() -> None:
    life = scheduled()
    life.pass_days(85)
    life.report("session_postponed", session="S1", starts="2026-08-31T10:00", reason=True)

    assert len([e for e in life.pass_days(95) if e.kind == "composition_checked"]) == 2


def test_nothing_is_asked_of_those_who_must_not_be_written_to() -> None:
    life = scheduled()
    change(life, "p-22", do_not_contact=True)

    assert not any(one.endswith("p-22") for one in asks(life))
    assert "final_note:S1:p-23" in asks(life)


def test_after_the_last_day_what_was_not_said_lapses() -> None:
    life = table()
    life.pass_days(100)  # the session was three days ago
    life.report("session_scheduled", session="S1", starts="2026-06-06T10:00")

    kinds = {e.kind for e in life.pass_days(1) if dict(e.fields).get("obligation", "").find(":S1") > 0}

    assert kinds == {"rung_lapsed"}


# --- the gate -----------------------------------------------------------------------------------------------
def test_a_session_opens_when_everything_stands_and_its_gate_is_kept() -> None:
    life = opened()

    assert life.now.sessions["S1"].status == "open"
    kept = next(e for e in life.entries if e.kind == "composition_checked")
    assert {"sessions.quorum", "composition.women"} <= {f["rule"] for f in kept.fields["findings"]}


def test_only_the_seated_sit() -> None:
    life = ready()
    change(life, "p-23", standing="invited")
    life.refused("sessions.seated-only", "session_opened", session="S1", present=PRESENT)
    life.refused("sessions.seated-only", "session_opened", session="S1", present=["p-20", "p-99"])


def test_the_terms_of_the_safe_space_come_first() -> None:
    life = ready()
    change(life, "p-23", terms_accepted_at=None)
    life.refused("sessions.terms-accepted", "session_opened", session="S1", present=PRESENT)
    life.report("session_opened", session="S1", present=["p-20", "p-21", "p-22"])
    life.refused("sessions.terms-accepted", "attendance_recorded", session="S1", arrived=["p-23"])


def test_officials_sit_in_personal_capacity_or_not_at_all() -> None:
    life = ready()
    change(life, "p-20", attested_on=None)
    life.refused("sessions.personal-capacity", "session_opened", session="S1", present=PRESENT)


def test_an_official_who_accepts_without_attesting_breaks_the_composition_until_he_does() -> None:
    life = opened()
    seat(life, "p-24", "IQ", capacity=Capacity.SERVING_OFFICIAL, standing="invited", attested_on=None)
    life.report("invitation_answered", person="p-24", answer="accepted", by="participant:p-24")
    broken = [e.fields["rule"] for e in life.entries if e.kind == "composition_broken"]
    assert "composition.personal-capacity" in broken
    life.report("personal_capacity_attested", person="p-24", on=life.at.date().isoformat(), by="participant:p-24")
    repaired = [e.fields["rule"] for e in life.entries if e.kind == "composition_repaired"]
    assert repaired == ["composition.personal-capacity"]


def test_a_session_does_not_open_while_its_composition_is_broken() -> None:
    life = ready()
    for person in ("p-20", "p-22"):
        change(life, person, capacity=Capacity.FORMER_OFFICIAL)
    life.refused("sessions.composition-holds", "session_opened", session="S1", present=PRESENT)


def test_an_official_who_is_only_cleared_does_not_make_a_table_of_track_one_and_a_half() -> None:
    life = ready()
    for person in ("p-20", "p-22"):
        change(life, person, standing="cleared")
    life.refused("sessions.composition-holds", "session_opened", session="S1", present=["p-21", "p-23"])


def test_an_incident_that_holds_keeps_the_session_shut() -> None:
    life = ready().report("incident_reported", what="safety", holds=True, incident="I1")
    life.refused("sessions.composition-holds", "session_opened", session="S1", present=PRESENT)
    life.report("incident_resolved", incident="I1", reason=True)
    life.report("session_opened", session="S1", present=PRESENT)


def test_a_session_needs_its_share_and_somebody_of_every_party() -> None:
    life = ready()
    life.refused("sessions.quorum", "session_opened", session="S1", present=[])
    life.refused("sessions.quorum", "session_opened", session="S1", present=["p-20", "p-22"])  # 2 of 4, 60 %
    seat(life, "p-25", "IQ")
    life.refused("sessions.quorum", "session_opened", session="S1", present=["p-20", "p-21", "p-25"])  # no TR
    life.report("session_opened", session="S1", present=["p-20", "p-21", "p-22"])


def test_a_facilitator_declares_neutrality_for_this_very_session() -> None:
    life = ready()
    scheduled(life, "S2", "2026-09-01T10:00").report("venue_attested", session="S2")
    life.refused("sessions.neutrality-declared", "session_opened", session="S2", present=PRESENT)
    life.report("session_opened", session="S1", present=PRESENT)


def test_a_co_facilitator_declares_too() -> None:
    life = ready().report("facilitator_appointed", person="p-09", role="co_facilitator")
    life.refused("sessions.neutrality-declared", "session_opened", session="S1", present=PRESENT)
    life.report("neutrality_declared", session="S1", person="p-09")
    life.report("session_opened", session="S1", present=PRESENT)


def test_an_open_objection_keeps_the_session_shut() -> None:
    life = ready().report("neutrality_objected", session="S1")
    life.refused("sessions.objection-open", "session_opened", session="S1", present=PRESENT)
    life.report("objection_resolved", session="S1", objection="objection-1", reason=True)
    life.report("session_opened", session="S1", present=PRESENT)


def test_a_venue_is_attested_unless_people_meet_online() -> None:
    life = scheduled().report("neutrality_declared", session="S1", person="p-04")
    life.refused("sessions.venue-attested", "session_opened", session="S1", present=PRESENT)

    online = scheduled(online=True).report("neutrality_declared", session="S1", person="p-04")
    assert "attest_venue:S1" not in asks(online)
    online.report("session_opened", session="S1", present=PRESENT)


# --- in the room --------------------------------------------------------------------------------------------
def test_late_arrivals_and_early_leaving_are_recorded() -> None:
    life = opened(present=("p-20", "p-21", "p-22"))
    life.report("attendance_recorded", session="S1", arrived=["p-23"], left=["p-20"])
    life.refused("sessions.leaves-who-is-there", "attendance_recorded", session="S1", left=["p-20"])

    s = life.now.sessions["S1"]
    assert (s.present, s.left) == (EVERYBODY, ("p-20",))


def test_e3_3_when_the_last_official_leaves_office_in_the_room_the_session_goes_on() -> None:
    life = opened()
    for person in ("p-20", "p-22"):
        change(life, person, capacity=Capacity.NON_OFFICIAL)
    life.report("note_taken", session="S1")

    assert life.now.sessions["S1"].status == "open"
    assert [one.rule for one in life.now.open_incidents if one.holds] == ["composition.needs-official"]
    life.report("session_closed", session="S1")


def test_notes_and_episodes_are_counted_and_can_carry_no_person() -> None:
    life = opened()
    life.report("note_taken", session="S1").report("note_taken", session="S1", segment="main")
    life.report("episode_logged", session="S1", action="break")
    life.refused("report.invalid", "episode_logged", session="S1", action="break", person="p-20")

    assert (life.now.sessions["S1"].notes, life.now.sessions["S1"].episodes) == (2, 1)
    for kind in ("note_taken", "episode_logged", "power_balance_noted"):
        assert not {"person", "people", "party"} & set(MILESTONES[kind].model_fields)


def test_of_an_off_record_segment_nothing_is_noted() -> None:
    life = opened(scheduled(segments="opening:public,talks:off_record_no_use"))
    life.refused("sessions.off-record-no-notes", "note_taken", session="S1", segment="talks")
    life.report("note_taken", session="S1", segment="opening")


def test_the_balance_between_the_parties_is_visible() -> None:
    life = ready()
    life.refused("sessions.order-of-parties", "speaking_order_set", session="S1", order=["IQ"])
    life.report("speaking_order_set", session="S1", order=["TR", "IQ"])
    life.report("power_balance_noted", session="S1", measure="speaking_order")
    life.report("session_opened", session="S1", present=PRESENT)

    assert balance(life.now) == {"IQ": Weight(2, 1, 0), "TR": Weight(2, 0, 1)}
    assert life.now.sessions["S1"].balance_noted_at == life.at
    assert life.now.party("IQ") == Party(id="IQ", country="IQ")


def test_when_somebody_listens_in_a_smaller_agenda_is_offered() -> None:
    life = opened()
    life.refused("sessions.nobody-listens", "agenda_downgrade_decided", session="S1", downgraded=True)
    life.report("session_monitored", session="S1")
    life.refused("sessions.once", "session_monitored", session="S1")
    assert asks(life) == {"consider_downgrade:S1"}
    life.report("agenda_downgrade_decided", session="S1", downgraded=True)

    assert asks(life) == set()
    assert life.now.sessions["S1"].monitored


# --- after --------------------------------------------------------------------------------------------------
def test_after_a_session_feedback_and_a_report_are_asked_for() -> None:
    life = held()
    feedback = {f"give_feedback:S1:{person}" for person in EVERYBODY}
    assert asks(life) == {*feedback, "file_report:S1", "reimburse:S1"}

    life.refused("sessions.was-present", "feedback_given", session="S1", person="p-99")
    for person in EVERYBODY:
        life.report("feedback_given", session="S1", person=person)
    life.refused("sessions.once", "feedback_given", session="S1", person="p-20")
    life.report("session_report_filed", session="S1").report("reimbursements_settled", session="S1")
    life.refused("sessions.once", "session_report_filed", session="S1")

    assert asks(life) == set()


def test_feedback_is_asked_after_three_working_days_and_the_report_after_ten() -> None:
    life = held()
    entries = life.pass_days(40)

    assert [one[1] for one in said(entries, "file_report")] == [0, 1, 2]
    assert days(entries, "give_feedback")[0] == "2026-03-04"
    assert days(entries, "file_report")[0] == "2026-03-15"  # ten Iraqi working days after Sunday 1 March


def test_e3_36_a_session_heard_weeks_later_is_history_and_asks_nobody_for_anything() -> None:
    life = table()
    life.pass_days(60)
    before = OPENED + timedelta(days=20)
    for kind, fields in (
        ("session_scheduled", {"starts": "2026-03-20T10:00"}),
        ("neutrality_declared", {"person": "p-04"}),
        ("venue_attested", {}),
        ("session_opened", {"present": PRESENT}),
        ("session_closed", {}),
    ):
        life.report(kind, session="S1", at=before, **fields)

    assert life.now.sessions["S1"].backfilled
    assert asks(life) == set()
    assert not [e for e in life.pass_days(60) if "S1" in str(e.fields.get("obligation"))]
    assert all(one.met for one in requirements(life.now, Stage.SESSIONS))


def test_the_stages_gate_asks_for_a_held_session_nothing_open_and_reports() -> None:
    def unmet(life: Life) -> list[str]:
        return [one.rule for one in requirements(life.now, Stage.SESSIONS) if not one.met]

    life = ready()
    assert unmet(life) == ["sessions.one-held"]
    life.report("session_opened", session="S1", present=PRESENT)
    assert unmet(life) == ["sessions.one-held", "sessions.none-open"]
    life.refused("gate.requirements", "gate_decided", of="sessions", decision="go")
    life.report("session_closed", session="S1")
    assert unmet(life) == ["sessions.reports-filed"]
    life.report("session_report_waived", session="S1", reason=True)
    assert unmet(life) == []
    life.report("gate_decided", of="sessions", decision="go")


def test_nobody_is_asked_to_decide_the_gate_while_another_session_lies_ahead() -> None:
    life = held().report("session_report_filed", session="S1")
    assert "decide_gate:sessions:1" in life.owed()
    life.report("session_scheduled", session="S2", starts="2026-09-01T10:00")

    assert "decide_gate:sessions:1" not in life.owed()


@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.RAPPORTEUR])
def test_a_vacant_role_falls_to_the_manager(role: Role) -> None:
    life = held() if role is Role.RAPPORTEUR else scheduled()
    ask = "file_report" if role is Role.RAPPORTEUR else "send_papers"
    life.journal.now = life.now.but(roles={k: v for k, v in life.now.roles.items() if k is not role})
    owes = {o.ask: o.owes for o in life.journal.agenda({}).obligations}

    assert owes[ask] == "p-01"


def test_a_session_travels_as_json_and_comes_back_the_same() -> None:
    life = scheduled().report("visa_refused", session="S1", person="p-22")
    life.report("replacement_decided", session="S1", person="p-22")
    life.report("neutrality_objected", session="S1")
    life.report("breach_reported", session="S1", breach="media", at_risk=["p-21"])

    assert type(life.now).model_validate_json(life.now.model_dump_json()) == life.now
