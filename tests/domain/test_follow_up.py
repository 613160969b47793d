"""Follow-up: handed over, chased, answered by whomever; and what counts besides adoption."""

from datetime import date, timedelta

import pytest
from life import Life
from written import TEXT, cleared, drafted, rungs, states, submitted, writing

from domain.stages.transfer import FINAL

SENT = {"recommendation": "R1", "office": "office-9"}


def following(life: Life | None = None) -> Life:
    return (life or cleared()).report("stage_begun_early", of="follow_up", reason=True)


def test_only_what_every_author_cleared_goes_to_track_1() -> None:
    life = following(drafted()).report("wording_cleared", recommendation="R1", person="p-21")
    life.refused("transfer.cleared-first", "transfer_submitted", **SENT)
    life.pass_days(400)
    life.refused("transfer.cleared-first", "transfer_submitted", **SENT)
    life.report("wording_cleared", recommendation="R1", person="p-22").report("transfer_submitted", **SENT)

    assert states(life) == ["draft", "cleared", "submitted"]


def test_only_what_says_who_does_what_by_when_goes_to_track_1_a81() -> None:
    life = following(cleared(owner=None))
    assert "make_actionable:R1:1" in life.owed()
    life.refused("transfer.actionable", "transfer_submitted", **SENT)
    life.report("recommendation_revised", recommendation="R1", owner="p-22")
    assert "submit_recommendation:R1:1" in life.owed()
    life.report("transfer_submitted", **SENT)

    assert "submit_recommendation:R1:1" not in life.owed()


def test_a_finding_asks_nobody_to_act_and_needs_no_owner() -> None:
    life = following(cleared(output="joint_analysis", owner=None, step=None, horizon=None))
    life.report("transfer_submitted", **SENT)


def test_nothing_is_handed_over_before_its_embargo_ends() -> None:
    until = (cleared().at + timedelta(days=20)).date()
    life = following(cleared().report("embargo_set", recommendation="R1", until=until.isoformat()))
    life.refused("transfer.embargo", "transfer_submitted", **SENT)
    assert not rungs(life.pass_days(19), "submit_recommendation")
    life.pass_days(1)
    life.report("transfer_submitted", **SENT)


def test_the_outcome_is_chased_at_30_90_180_365_days_then_the_closing_question() -> None:
    life = submitted(life=writing(roles={"manager": "p-01", "director": "p-03", "track1_liaison": "p-31"}))
    life.report("network_handed_over", custodian="inst-5")

    said = [
        (obligation, rung, who) for obligation, rung, who in rungs(life.pass_days(430)) if obligation.endswith(":R1:1")
    ]

    assert said == [
        *(("chase_outcome:R1:1", rung, "p-31") for rung in (0, 1, 2)),
        ("chase_outcome:R1:1", 3, "p-01"),
        ("closing_question:R1:1", 0, "p-01"),
        ("closing_question:R1:1", 1, "p-03"),
    ]


@pytest.mark.parametrize("outcome", [state.value for state in FINAL])
def test_every_outcome_ends_the_chase(outcome: str) -> None:
    life = submitted().report("transfer_acknowledged", recommendation="R1")
    life.report("transfer_under_consideration", recommendation="R1")
    life.report("transfer_outcome_recorded", recommendation="R1", outcome=outcome, by_body="office-2")

    assert not [i for i in life.owed() if i.startswith(("chase_outcome", "closing_question"))]
    assert states(life)[-1] == life.now.recommendations["R1"].state == outcome


def test_the_history_of_states_is_complete_and_the_current_one_is_its_last_f2_10() -> None:
    life = submitted()
    for kind in ("transfer_acknowledged", "transfer_under_consideration"):
        life.report(kind, recommendation="R1")
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="partly_adopted")

    assert states(life) == [
        "draft", "cleared", "submitted", "acknowledged", "under_consideration", "partly_adopted",
    ]  # fmt: skip
    assert all(line["at"] and line["by"] for line in life.now.recommendations["R1"].states)


def test_a_recommendation_has_exactly_one_state_that_goes_forward() -> None:
    life = submitted().report("transfer_under_consideration", recommendation="R1")
    life.refused("transfer.one-state", "transfer_submitted", **SENT)
    life.refused("transfer.one-state", "transfer_acknowledged", recommendation="R1")
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="rejected")
    life.refused("transfer.one-state", "transfer_outcome_recorded", recommendation="R1", outcome="adopted")
    life.refused("transfer.one-state", "transfer_acknowledged", recommendation="R1")
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="adopted", reason=True)


def test_a_late_answer_takes_the_place_of_no_response() -> None:
    life = submitted().report("transfer_outcome_recorded", recommendation="R1", outcome="no_response")
    life.refused("transfer.one-state", "transfer_outcome_recorded", recommendation="R1", outcome="no_response")
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="adopted")

    assert states(life)[-2:] == ["no_response", "adopted"]


def test_what_was_rejected_may_go_to_another_office_with_a_reason() -> None:
    life = submitted().report("transfer_outcome_recorded", recommendation="R1", outcome="rejected")
    life.refused("transfer.one-state", "transfer_submitted", recommendation="R1", office="office-2")
    life.report("transfer_submitted", recommendation="R1", office="office-2", reason=True)

    assert "chase_outcome:R1:2" in life.owed()


def test_track_1_cannot_answer_what_it_never_had() -> None:
    life = following()
    life.refused("transfer.submitted-first", "transfer_acknowledged", recommendation="R1")
    life.refused("transfer.submitted-first", "transfer_outcome_recorded", recommendation="R1", outcome="adopted")


def test_adopted_by_another_body_names_it_and_the_check_goes_to_that_body_e3_19() -> None:
    life = submitted()
    by_other = {"recommendation": "R1", "outcome": "adopted_by_other_body"}
    life.refused("transfer.by-body", "transfer_outcome_recorded", **by_other)
    life.report("transfer_outcome_recorded", by_body="regulator-1", **by_other)

    checks = [one for one in life.journal.agenda({}).obligations if one.ask == "check_implementation"]
    assert [dict(one.about)["body"] for one in checks] == ["regulator-1"]


def test_it_may_be_overtaken_before_it_was_submitted_e3_19() -> None:
    life = cleared()
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="superseded")

    assert states(life) == ["draft", "cleared", "superseded"]
    following(life).refused("transfer.one-state", "transfer_submitted", **SENT)
    assert not [i for i in life.owed() if "R1" in i]


def test_an_implementation_is_checked_180_days_after_adoption_and_again_when_done_in_part() -> None:
    life = submitted()
    life.refused("follow_up.adopted-first", "implementation_checked", recommendation="R1", implemented="no")
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="adopted")
    assert rungs(life.pass_days(185), "check_implementation")[0][1:] == (0, "p-01")
    life.report("implementation_checked", recommendation="R1", implemented="partly")
    assert [i for i in life.owed() if i.startswith("check_implementation")]
    life.report("implementation_checked", recommendation="R1", implemented="yes")

    assert not [i for i in life.owed() if i.startswith("check_implementation")]


def test_a_submission_is_due_before_an_official_event_and_follows_its_date_a87() -> None:
    life = cleared().report("official_event_set", recommendation="R1", event_on="2026-06-01")
    assert "submit_before_event:R1:2026-06-01" in life.owed()
    life.report("official_event_set", recommendation="R1", event_on="2026-07-01")
    days = [
        entry.fields["due_at"][:10]
        for entry in life.pass_days(121)
        if entry.kind == "rung_reached" and entry.fields["ask"] == "submit_before_event"
    ]

    assert [date.fromisoformat(day) <= date(2026, 7, 1) for day in days] == [True, True, True]
    assert days[0] == "2026-06-01", "thirty days before the new date; the old one is quoted nowhere"


def test_after_the_event_a_reminder_is_pointless_and_lapses() -> None:
    life = cleared().report("official_event_set", recommendation="R1", event_on="2026-03-04")
    life.at += timedelta(days=30)
    life.journal.tick({}, life.at)

    lapsed = [e for e in life.entries if e.kind == "rung_lapsed"]
    assert [e.fields["ask"] for e in lapsed] == ["submit_before_event"]


def test_carriers_are_named_with_a_route_and_stand_with_the_recommendation_a82_a83() -> None:
    life = cleared().report("carrier_named", recommendation="R1", carrier="p-24", office="office-9", route=TEXT)
    following(life).report("transfer_submitted", carrier="p-25", channel="letter", addressee="office-9a", **SENT)
    life.report("carrier_named", carrier="p-26", office="office-8")

    sent = life.now.recommendations["R1"]
    assert sent.carriers == ("p-24", "p-25")
    assert (sent.office, sent.addressee, sent.carrier, sent.channel) == (
        "office-9",
        "office-9a",
        "p-25",
        "letter",
    )


def test_influence_agenda_people_and_insight_count_without_adoption_a83_a85_a86_b5() -> None:
    life = cleared().report("influence_noted", recommendation="R1").report("influence_noted")
    life.report("agenda_entered", recommendation="R1", office="office-9")
    life.report("person_moved_noted", person="p-22", office="office-9")
    life.report("insight_delivered", office="office-9", channel="briefing")

    found = life.now.recommendations["R1"]
    assert (found.influence, found.agenda_entered_at, found.state) == (1, life.at, "cleared")
    assert {"influence_noted", "person_moved:p-22", "insight:office-9"} <= set(life.now.marks)


def test_when_the_last_answer_is_in_network_evaluation_and_closing_are_asked_for_in_turn() -> None:
    life = submitted()
    assert "hand_over_network" not in life.owed()
    life.report("transfer_outcome_recorded", recommendation="R1", outcome="no_response")
    assert {"hand_over_network", "evaluate:close"} <= life.owed()
    life.report("network_handed_over", custodian="inst-5").report("evaluation_recorded", wave="close")

    assert not {"hand_over_network", "evaluate:close"} & life.owed()
    assert "decide_closing" in life.owed()
    life.refused("follow_up.wave-once", "evaluation_recorded", wave="close")


def test_lessons_templates_and_policies_stay_with_the_institution_a89() -> None:
    life = writing().report("lesson_recorded", lesson=TEXT).report("policy_adopted", institution="inst-1")

    assert "lessons" in life.now.checklist
    assert "policy:inst-1" in life.now.marks
