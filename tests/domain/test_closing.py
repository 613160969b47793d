"""The end: completed, not taken up, cancelled; and an initiative that comes back after years."""

from datetime import timedelta

from life import Life
from written import TEXT, drafted, rungs, submitted, writing

from domain.journal import Journal


def ended(outcome: str = "no_response") -> Life:
    life = submitted().report("transfer_outcome_recorded", recommendation="R1", outcome=outcome)
    return life.report("network_handed_over", custodian="inst-5").report("initiative_closed")


def test_an_initiative_closes_when_every_submitted_recommendation_has_its_final_state() -> None:
    life = submitted()
    answer = life.hear("initiative_closed")
    assert answer.rule == "close.requirements"
    assert "close.final-states" in answer.why
    assert "close.network-handed-over" in answer.why
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="rejected")
    assert "close.final-states" not in life.hear("initiative_closed").why
    life.report("network_handed_over", custodian="inst-5").report("initiative_closed")

    assert life.now.stage == "closed"
    seen = {finding.rule: finding.met for finding in life.now.stages["follow_up"].gates[-1][1]}
    assert seen == {"close.final-states": True, "close.network-handed-over": True}


def test_the_checklist_of_the_end_is_done_before_it() -> None:
    life = writing(waived=[]).report("stage_skipped", of="recommendations", reason=True)
    life.report("network_handed_over", custodian="inst-5")
    assert "gate.checklist" in life.hear("initiative_closed").why
    life.report("evaluation_recorded", wave="close").report("lesson_recorded", lesson=TEXT)
    life.report("retention_run_done")
    assert "debriefing" in life.hear("initiative_closed").why
    assert "lessons" not in life.hear("initiative_closed").why


def test_no_go_and_cancelled_need_a_reason_and_nothing_else() -> None:
    for outcome in ("no_go", "cancelled"):
        life = Life().refused("close.reason", "initiative_closed", outcome=outcome)
        life.report("initiative_closed", outcome=outcome, reason=True)
        assert life.now.closed_at == life.at
        assert life.now.cancelled is (outcome == "cancelled")


def test_after_the_end_only_the_retention_date_is_watched() -> None:
    life = ended()

    assert life.owed() == {"purge:2028-03-01"}
    assert rungs(life.pass_days(800)) == [("purge:2028-03-01", 0, "p-01"), ("purge:2028-03-01", 1, "p-01")]
    life.report("retention_run_done")
    assert life.owed() == set()


def test_a_year_after_the_end_an_evaluation_that_was_going_on_is_asked_for_once_more_b6() -> None:
    life = submitted().report("transfer_outcome_recorded", recommendation="R1", outcome="adopted")
    life.report("network_handed_over", custodian="inst-5").report("evaluation_recorded", wave="close")
    life.report("initiative_closed")
    assert [rung[0] for rung in rungs(life.pass_days(368))] == ["evaluate:plus_12"]
    life.report("evaluation_recorded", wave="plus_12")

    assert life.owed() == {"purge:2028-03-01"}


def test_snapshots_at_the_start_and_midway_are_asked_for_where_somebody_leads_the_evaluation() -> None:
    life = writing(roles={"manager": "p-01", "evaluation_lead": "p-33"})
    assert {"evaluate:t0", "evaluate:mid"} <= life.owed()
    life.report("evaluation_recorded", wave="t0").report("evaluation_recorded", wave="mid")
    assert not {"evaluate:t0", "evaluate:mid"} & life.owed()


def test_a_cancellation_is_told_by_message_or_by_voice_as_sensitivity_asks_e3_38() -> None:
    life = writing(sensitivity="restricted").report("initiative_closed", outcome="cancelled", reason=True)
    assert sorted(r[2] for r in rungs(life.pass_days(3), "cancelled_note")) == [
        "p-21",
        "p-22",
        "p-23",
        "p-24",
    ]
    assert not rungs(life.entries, "tell_in_person")

    life = writing(sensitivity="quiet").report("initiative_closed", outcome="cancelled", reason=True)
    said = rungs(life.pass_days(10), "tell_in_person")
    assert {who for _, _, who in said} == {"p-01"}
    assert not rungs(life.entries, "cancelled_note")


def test_a_closed_initiative_hears_only_what_may_come_late() -> None:
    life = ended()
    life.refused("initiative.closed", "recommendation_endorsed", recommendation="R1", parties=["IQ"])
    life.refused("initiative.closed", "initiative_closed")
    life.report("note_added", note=TEXT).report("lesson_recorded", lesson=TEXT)


def test_reopened_after_two_years_everything_is_readable_and_roles_are_confirmed_e3_38() -> None:
    life = drafted("R2", submitted())
    life.refused("close.not-closed", "initiative_reopened", reason=True)
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="rejected")
    life.report("network_handed_over", custodian="inst-5").report("initiative_closed")
    before = life.now
    life.at += timedelta(days=730)
    life.refused("report.reason-required", "initiative_reopened")
    life.report("initiative_reopened", reason=True)

    assert life.now.recommendations == before.recommendations
    assert life.now.roles == before.roles
    assert "confirm_roles:2028-02-29" in life.owed()
    assert "clear_wording:R2:1:p-21" in life.owed()
    assert not rungs(life.pass_days(1), "clear_wording"), "two years of silence are not caught up"
    assert rungs(life.pass_days(8), "clear_wording"), "the chase goes on with the time it had left"
    life.report("roles_confirmed")
    assert "confirm_roles:2028-02-29" not in life.owed()
    assert Journal.fold(life.entries).now.closed_at is None


def test_closing_ends_a_stall() -> None:
    life = Life().report("stall_declared", reason=True)
    life.report("initiative_closed", outcome="no_go", reason=True)

    assert not life.now.stalled
    assert {id.split(":")[0] for id in life.owed()} == {"purge"}
