"""Vetting: two independent reviews, four eyes, a third when they split; what is decided wrongly is reopened."""

import pytest
from life import Life
from roster import LEAD, OFFICIAL, decided, invited, nominate, reviewed, rungs, seated, standing, vetting

from domain.record import MILESTONES


# --- nomination ---------------------------------------------------------------------------------------------------
def test_a_nomination_keeps_what_the_rules_need_and_where_the_person_works() -> None:
    life = nominate(
        vetting(),
        "p-20",
        country="TR",
        language="tr",
        party="TR",
        category="academic",
        capacity="former_official",
        capacity_since="2019-05-01",
        gender="woman",
        outside_capital=True,
        marginalised=True,
        first_time=True,
    )

    p, card = life.now.participants["p-20"], life.now.people["p-20"]
    assert (p.standing, p.party, p.category, p.outside_capital, p.marginalised) == (
        "nominated", "TR", "academic", True, True,
    )  # fmt: skip
    assert not p.serving  # a former official counts as non-official (A5)
    assert (card.country, card.zone, card.language) == ("TR", "Europe/Istanbul", "tr")


def test_nobody_is_entered_without_a_zone_to_reckon_working_hours_in() -> None:
    life = vetting()
    said = {"person": "p-20", "capacity": "non_official"}
    life.refused("people.known-zone", "participant_nominated", country="US", **said)
    life.refused("people.known-zone", "participant_nominated", country="IQ", zone="Asia/Nowhere", **said)
    life.report("participant_nominated", country="US", zone="America/New_York", **said)

    assert life.now.person("p-20").zone == "America/New_York"


def test_a_nominee_sits_for_a_party_of_the_charter() -> None:
    vetting().refused(
        "vetting.known-party",
        "participant_nominated",
        person="p-20",
        party="XX",
        country="IQ",
        capacity="non_official",
    )


def test_a_capacity_is_not_dated_ahead() -> None:
    life = vetting()
    said = {"person": "p-20", "country": "IQ", "capacity": "non_official"}
    life.refused("people.dated-ahead", "participant_nominated", capacity_since="2026-04-01", **said)


def test_e3_28_somebody_proposed_by_two_partners_is_nominated_once() -> None:
    life = nominate(vetting(), "p-20", partner="P1")
    life.refused(
        "vetting.already-nominated",
        "participant_nominated",
        person="p-20",
        partner="P2",
        country="IQ",
        capacity="non_official",
    )

    assert life.now.participants["p-20"].partner == "P1"


def test_somebody_rejected_is_proposed_anew_only_with_a_reason_and_is_looked_at_afresh() -> None:
    life = reviewed(nominate(vetting(), "p-20"), "p-20", ("reject", "reject"))
    life.report("vetting_decided", person="p-20", decision="rejected", by=LEAD)
    again = {"person": "p-20", "country": "IQ", "capacity": "non_official"}
    life.refused("vetting.new-round-reason", "participant_nominated", **again)
    life.report("participant_nominated", reason=True, **again)

    p = life.now.participants["p-20"]
    assert (p.round, p.standing, p.reviews) == (2, "nominated", ())


def test_a_nomination_is_taken_back_before_the_invitation_and_not_after() -> None:
    life = nominate(vetting(), "p-20").report("nominee_withdrawn", person="p-20")
    invited(life, "p-21").refused("vetting.standing", "nominee_withdrawn", person="p-21")

    assert standing(life, "p-20") == "withdrew"


def test_track_two_proposes_and_clears_no_serving_official() -> None:
    life = vetting(track="2")
    life.refused("composition.no-serving-official", "participant_nominated", person="p-20", country="IQ", **OFFICIAL)
    reviewed(nominate(life, "p-20"), "p-20")
    life.report(
        "capacity_verified",
        person="p-20",
        evidence="2026-02-20",
        capacity="serving_official",
        since="2026-02-01",
    )
    life.refused("composition.no-serving-official", "vetting_decided", person="p-20", decision="cleared", by=LEAD)


def test_late_nominations_are_taken_after_the_gate() -> None:
    life = seated(seated(vetting(), "p-20", **OFFICIAL), "p-21")
    life.report("gate_decided", of="vetting", decision="go")

    assert standing(nominate(life, "p-22"), "p-22") == "nominated"


# --- vetters and reviews ------------------------------------------------------------------------------------------
def test_only_a_vetter_of_the_initiative_reviews_and_only_who_was_asked() -> None:
    life = nominate(vetting(), "p-20")
    life.refused("vetting.known-vetter", "vetter_assigned", person="p-20", vetter="p-99")
    life.refused("vetting.assigned-first", "review_given", person="p-20", vetter="p-11", verdict="approve")
    life.report("vetter_assigned", person="p-20", vetter="p-11")
    life.refused("vetting.once", "vetter_assigned", person="p-20", vetter="p-11")
    life.report("vetter_added", vetter="p-99").refused("vetting.once", "vetter_added", vetter="p-99")
    life.report("vetter_assigned", person="p-20", vetter="p-99")


def test_nobody_vets_their_own_organisation_their_partners_or_their_own_nominee() -> None:
    life = nominate(vetting(), "p-20", organisation="inst-9")
    life.refused("vetting.conflict-of-interest", "vetter_assigned", person="p-20", vetter="p-11")
    life.report("person_card_changed", person="p-12", organisation="inst-2")
    nominate(life, "p-21", partner="P2")
    life.refused("vetting.conflict-of-interest", "vetter_assigned", person="p-21", vetter="p-12")
    nominate(life, "p-22", by="vetter:p-13")
    life.refused("vetting.conflict-of-interest", "vetter_assigned", person="p-22", vetter="p-13")


def test_a_declared_conflict_excludes_the_vetter_and_ends_what_they_owe() -> None:
    life = nominate(vetting(), "p-20").report("vetter_assigned", person="p-20", vetter="p-11")
    assert "review_nominee:p-20:p-11:1" in life.owed()
    life.report("vetter_conflict_declared", person="p-20", vetter="p-11")

    assert "review_nominee:p-20:p-11:1" not in life.owed()
    life.refused("vetting.conflict-of-interest", "review_given", person="p-20", vetter="p-11", verdict="approve")
    life.refused("vetting.once", "vetter_conflict_declared", person="p-20", vetter="p-11")


def test_a_vetter_reports_only_their_own_review_and_once() -> None:
    life = nominate(vetting(), "p-20")
    life.report("vetter_assigned", person="p-20", vetter="p-11").report("vetter_assigned", person="p-20", vetter="p-12")
    said = {"person": "p-20", "verdict": "approve"}
    life.refused("vetting.own-review", "review_given", vetter="p-11", by="vetter:p-12", **said)
    life.report("review_given", vetter="p-11", by="vetter:p-11", **said)
    life.refused("vetting.one-review-each", "review_given", vetter="p-11", by="vetter:p-11", **said)


def test_a_review_has_no_field_for_a_score() -> None:
    life = nominate(vetting(), "p-20").report("vetter_assigned", person="p-20", vetter="p-11")
    life.refused("report.invalid", "review_given", person="p-20", vetter="p-11", verdict="approve", score=7)

    assert set(MILESTONES["review_given"].model_fields) == {
        "person",
        "vetter",
        "verdict",
        "criteria",
        "assessment",
    }


def test_a_vetter_is_asked_after_3_and_7_working_days_then_the_lead() -> None:
    life = nominate(vetting(), "p-20")
    life.report("vetter_assigned", person="p-20", vetter="p-11")
    life.report("vetter_assigned", person="p-20", vetter="p-12")

    said = [one for one in rungs(life, 30) if one[0] == "review_nominee"]

    assert sorted(one for one in said if one[1] < 2) == [
        ("review_nominee", 0, "p-11"),
        ("review_nominee", 0, "p-12"),
        ("review_nominee", 1, "p-11"),
        ("review_nominee", 1, "p-12"),
    ]
    assert [one for one in said if one[1] == 2] == [("review_nominee", 2, "p-05")] * 2


# --- decisions ----------------------------------------------------------------------------------------------------
def test_a_decision_needs_two_reviews() -> None:
    life = reviewed(nominate(vetting(), "p-20"), "p-20", ("approve",))
    life.refused("vetting.two-reviews", "vetting_decided", person="p-20", decision="cleared", by=LEAD)
    assert "assign_vetters:p-20:1:2" in life.owed()


def test_e3_27_when_reviews_split_a_third_is_needed() -> None:
    life = reviewed(nominate(vetting(), "p-20"), "p-20", ("approve", "reject"))
    life.refused("vetting.split-needs-third", "vetting_decided", person="p-20", decision="cleared", by=LEAD)
    assert "assign_vetters:p-20:1:3" in life.owed()
    reviewed(life, "p-20", ("approve",), first=13)
    assert "decide_nominee:p-20:1" in life.owed()
    life.report("vetting_decided", person="p-20", decision="cleared", by=LEAD)

    assert standing(life, "p-20") == "cleared"
    assert not {one for one in life.owed() if "p-20" in one}


def test_whoever_proposed_or_vetted_a_nominee_does_not_decide() -> None:
    life = reviewed(nominate(vetting(), "p-20", partner="P1"), "p-20")
    for by in ("manager:p-01", "vetter:p-11", "partner:p-41"):  # entered it, vetted it, stands behind it
        life.refused("vetting.four-eyes", "vetting_decided", person="p-20", decision="cleared", by=by)


def test_when_the_vetting_lead_proposed_a_nominee_the_manager_is_asked_to_decide() -> None:
    life = reviewed(nominate(vetting(), "p-20", by=LEAD), "p-20")

    owing = {one.id: one.owes for one in life.journal.agenda({}).obligations}
    assert owing["decide_nominee:p-20:1"] == "p-01"


def test_nobody_is_cleared_against_the_reviews_and_rejecting_against_them_needs_a_reason() -> None:
    life = reviewed(nominate(vetting(), "p-20"), "p-20", ("reject", "reject"))
    life.refused("vetting.against-reviews", "vetting_decided", person="p-20", decision="cleared", by=LEAD)
    reviewed(nominate(life, "p-21"), "p-21")
    life.refused("vetting.against-reviews", "vetting_decided", person="p-21", decision="rejected", by=LEAD)
    life.report("vetting_decided", person="p-21", decision="rejected", by=LEAD, reason=True)


@pytest.mark.parametrize("capacity", ["serving_official", "former_official"])
def test_office_now_or_once_is_shown_by_dated_evidence(capacity: str) -> None:
    life = reviewed(nominate(vetting(), "p-20", capacity=capacity), "p-20")
    assert "verify_capacity:p-20:1:0" in life.owed()
    life.refused("vetting.capacity-evidence", "vetting_decided", person="p-20", decision="cleared", by=LEAD)
    life.report("capacity_verified", person="p-20", evidence="2026-02-20")
    life.report("vetting_decided", person="p-20", decision="cleared", by=LEAD)

    assert not {one for one in life.owed() if "verify_capacity" in one}


def test_nobody_is_cleared_before_somebody_was_asked_whether_it_is_safe() -> None:
    life = Life(quotas={"women": 0, "per_party": 0}).report("stage_begun_early", of="vetting", reason=True)
    reviewed(nominate(life, "p-20"), "p-20")
    life.refused("vetting.safety-consulted", "vetting_decided", person="p-20", decision="reserve", by=LEAD)
    life.report("safety_consulted", person="p-20")
    life.report("vetting_decided", person="p-20", decision="reserve", by=LEAD)


def test_a_decision_is_taken_once() -> None:
    life = decided(vetting(), "p-20")
    life.refused("vetting.standing", "vetting_decided", person="p-20", decision="cleared", by=LEAD)
    life.refused("vetting.standing", "vetter_assigned", person="p-20", vetter="p-13")


def test_e3_27_a_conflict_found_after_the_decision_reopens_it() -> None:
    life = seated(vetting(), "p-20")
    life.report("vetter_conflict_declared", person="p-20", vetter="p-11")

    assert "decision_reopened" in life.kinds()
    assert standing(life, "p-20") == "reopened"
    assert "assign_vetters:p-20:2:2" in life.owed()
    life.refused("vetting.two-reviews", "vetting_decided", person="p-20", decision="cleared", by=LEAD)
    reviewed(life, "p-20", ("approve",), first=13)
    life.report("vetting_decided", person="p-20", decision="cleared", by=LEAD)
    assert standing(life, "p-20") == "accepted"  # takes up the seat again


def test_e3_27_removing_a_vetter_reopens_what_rested_on_them() -> None:
    life = decided(vetting(), "p-20")
    reviewed(nominate(life, "p-21"), "p-21", ("approve", "approve", "approve"))
    life.report("vetting_decided", person="p-21", decision="cleared", by=LEAD)
    life.refused("vetting.known-vetter", "vetter_removed", vetter="p-99", reason=True)
    life.report("vetter_removed", vetter="p-11", reason=True)

    assert (standing(life, "p-20"), standing(life, "p-21")) == ("reopened", "cleared")


def test_a_vetter_who_left_in_good_standing_leaves_their_reviews() -> None:
    life = decided(vetting(), "p-20").report("vetter_removed", vetter="p-11", reviews_stand=True, reason=True)

    assert standing(life, "p-20") == "cleared"


# --- reserve, age -------------------------------------------------------------------------------------------------
def test_e3_8_somebody_from_the_reserve_is_promoted_only_while_the_vetting_is_young() -> None:
    life = decided(vetting(), "p-20", "reserve")
    life.pass_days(370)
    life.refused("vetting.expired", "reserve_promoted", person="p-20")
    life.refused("vetting.four-eyes", "vetting_renewed", person="p-20")
    life.report("vetting_renewed", person="p-20", by=LEAD).report("reserve_promoted", person="p-20")

    assert standing(life, "p-20") == "cleared"


def test_the_reserve_is_not_promoted_into_a_full_table() -> None:
    life = vetting(seats=2)
    decided(decided(decided(life, "p-20"), "p-21"), "p-22", "reserve")
    life.refused("composition.seats", "reserve_promoted", person="p-22")
    life.report("nominee_withdrawn", person="p-20").report("reserve_promoted", person="p-22")


def test_after_a_long_stall_old_vetting_and_consent_are_asked_for_again() -> None:
    life = seated(vetting(), "p-20")
    life.pass_days(10)
    life.report("stall_declared", reason=True)
    life.pass_days(420)
    assert not [one for one in life.owed() if one.startswith("renew_")]
    life.report("stall_resumed")
    owing = {one.id: one.owes for one in life.journal.agenda({}).obligations}
    assert owing["renew_vetting:p-20:1"] == "p-05"
    assert owing["renew_consent:p-20:1"] == "p-20"
    life.report("vetting_renewed", person="p-20", by=LEAD)
    life.report("consent_given", person="p-20", scopes=["participate"])
    assert not [one for one in life.owed() if one.startswith("renew_")]


# --- the gate -----------------------------------------------------------------------------------------------------
def test_the_gate_waits_for_every_decision_and_a_balanced_roster() -> None:
    life = vetting(track="2", quotas={"women": 0.5})
    life.refused("gate.requirements", "gate_decided", of="vetting", decision="go")  # nobody cleared
    decided(life, "p-20")
    assert "composition.women" in life.hear("gate_decided", of="vetting", decision="go").why
    reviewed(nominate(life, "p-21", gender="woman"), "p-21")
    assert "Undecided: p-21" in life.hear("gate_decided", of="vetting", decision="go").why
    life.report("vetting_decided", person="p-21", decision="cleared", by=LEAD)
    life.report("gate_decided", of="vetting", decision="go")

    seen = {one.rule for one in life.now.stages["vetting"].gates[0][1]}
    assert {"vetting.all-decided", "vetting.one-cleared", "composition.women"} <= seen
    assert "composition.elite-concentration" not in seen  # warns, never blocks


def test_e3_26_a_gate_met_once_is_never_rewritten_but_the_next_one_is_held() -> None:
    life = vetting(track="2", quotas={"women": 0.5})
    decided(decided(life, "p-20"), "p-21", gender="woman").report("gate_decided", of="vetting", decision="go")
    gates = life.now.stages["vetting"].gates
    life.report("participant_withdrew", person="p-21")

    assert "composition:composition.women" in [one.id for one in life.now.open_incidents]
    assert life.now.stages["vetting"].gates == gates
    life.refused("gate.held-by-incident", "gate_decided", of="sessions", decision="go")
    decided(life, "p-22", gender="woman")
    assert not [one for one in life.now.open_incidents if one.rule == "composition.women"]
