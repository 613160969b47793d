"""Recommendations: written jointly, scored, tested, cleared word for word, agreed across divides."""

import pytest
from life import Life
from written import ACTION, TEXT, asks, cleared, drafted, rules_of, rungs, states, submitted, writing

from domain import lifecycle
from domain.vocabulary import OutputKind, Stage


def met(life: Life, of: Stage = Stage.RECOMMENDATIONS) -> dict[str, bool]:
    return {finding.rule: finding.met for finding in lifecycle.requirements(life.now, of)}


@pytest.mark.parametrize("output", list(OutputKind))
def test_every_output_of_a_dialogue_can_be_drafted_a79_a80(output: OutputKind) -> None:
    assert drafted(output=output.value).now.recommendations["R1"].output is output


@pytest.mark.parametrize("output", ["agreement", "binding_agreement", "agreement (binding)"])
def test_a_binding_agreement_is_no_output_a8(output: str) -> None:
    writing().refused("report.invalid", "recommendation_drafted", recommendation="R1", output=output, authors=["p-21"])


def test_a_recommendation_has_authors_among_the_participants_and_an_id_of_its_own() -> None:
    life = writing()
    new = {"recommendation": "R1", "output": "policy_option"}
    life.refused("recommendations.authors", "recommendation_drafted", authors=[], **new)
    life.refused("report.unknown-id", "recommendation_drafted", authors=["p-99"], **new)
    drafted(life=life).refused("recommendations.new-id", "recommendation_drafted", authors=["p-21"], **new)

    assert life.now.recommendations["R1"].parties == ("IQ", "TR")


def test_a_recommendation_is_actionable_with_owner_step_and_horizon_a81() -> None:
    life = drafted(owner=None, step=None, horizon=None)
    assert not life.now.recommendations["R1"].actionable

    life.report("recommendation_revised", recommendation="R1", **ACTION)

    assert life.now.recommendations["R1"].actionable
    assert life.now.recommendations["R1"].version == 1


def test_each_author_is_asked_to_clear_after_5_and_10_working_days_then_the_manager_hears() -> None:
    life = drafted()

    said = rungs(life.pass_days(30), "clear_wording")

    assert [rung for rung in said if "p-21" in rung[0]] == [
        ("clear_wording:R1:1:p-21", 0, "p-21"),
        ("clear_wording:R1:1:p-21", 1, "p-21"),
        ("clear_wording:R1:1:p-21", 2, "p-01"),
    ]
    assert {rung[0] for rung in said} == {"clear_wording:R1:1:p-21", "clear_wording:R1:1:p-22"}


def test_silence_never_means_consent_f4() -> None:
    life = drafted().report("wording_cleared", recommendation="R1", person="p-21")
    life.pass_days(1000)

    assert life.now.recommendations["R1"].state == "draft"
    assert "clear_wording:R1:1:p-22" in life.owed()
    assert not met(life)["recommendations.one-cleared"]


def test_when_all_authors_cleared_it_is_cleared_and_its_release_waits_to_be_decided() -> None:
    life = cleared()

    assert states(life) == ["draft", "cleared"]
    assert "decide_release:R1" in life.owed()
    life.report("release_class_set", recommendation="R1", release_class="parties")
    assert "decide_release:R1" not in life.owed()


def test_changed_text_is_a_new_version_to_be_cleared_anew_e3_20() -> None:
    life = cleared().report("recommendation_revised", recommendation="R1", horizon="2028-01-01")
    assert states(life)[-1] == "cleared", "a new horizon changes no text"

    life.report("recommendation_revised", recommendation="R1", text=TEXT)

    assert life.now.recommendations["R1"].version == 2
    assert states(life) == ["draft", "cleared", "draft"]
    assert {"clear_wording:R1:2:p-21", "clear_wording:R1:2:p-22"} <= life.owed()
    life.refused("recommendations.current-version", "wording_cleared", recommendation="R1", person="p-21", version=1)


def test_an_objection_takes_the_clearance_back_and_the_manager_must_answer_it() -> None:
    life = cleared().report("wording_objected", recommendation="R1", person="p-21")

    assert states(life) == ["draft", "cleared", "draft"]
    assert "answer_objection:R1:1" in life.owed()
    assert "clear_wording:R1:1:p-21" not in life.owed(), "they have answered"
    life.report("wording_cleared", recommendation="R1", person="p-21")
    assert states(life)[-1] == "cleared"
    assert "answer_objection:R1:1" not in life.owed()


def test_nobody_waits_for_the_dead_and_nobody_writes_to_those_who_left_e3_9() -> None:
    life = drafted(authors=["p-21", "p-22", "p-23"])
    life.journal.now = life.now.change("participants", "p-22", standing="died")
    life.journal.now = life.now.change("participants", "p-23", standing="withdrew")

    assert life.owed() >= {"clear_wording:R1:1:p-21", "settle_authorship:R1:1:p-23"}
    assert not {"clear_wording:R1:1:p-22", "clear_wording:R1:1:p-23"} & life.owed()
    life.report("recommendation_revised", recommendation="R1", authors=["p-21", "p-24"])
    assert "settle_authorship:R1:1:p-23" not in life.owed()
    assert "clear_wording:R1:1:p-24" in life.owed()


def test_a_recommendation_whose_authors_are_all_gone_needs_new_ones() -> None:
    life = drafted(authors=["p-21"])
    life.journal.now = life.now.change("participants", "p-21", standing="died")

    assert "name_authors:R1:1" in life.owed()
    assert not met(life)["recommendations.one-cleared"]


def test_the_rubric_asks_for_creative_and_realistic_from_1_to_5_a75() -> None:
    life = cleared()
    assert not met(life)["recommendations.quality-rubric"]
    assert "score_recommendation:R1" in life.owed()
    life.refused("report.invalid", "recommendation_scored", recommendation="R1", creative=6, realistic=3)
    life.report("recommendation_scored", recommendation="R1", creative=5, realistic=3)

    assert life.now.recommendations["R1"].rubric == {"creative": 5, "realistic": 3}
    assert "score_recommendation:R1" not in life.owed()
    assert "quality_rubric" in life.now.checklist
    assert all(met(life).values())


def test_the_origin_marks_the_middle_ground_a76() -> None:
    life = drafted(origin="middle_ground")
    assert life.now.recommendations["R1"].origin == "middle_ground"
    life.report("origin_marked", recommendation="R1", origin="one_position")
    assert life.now.recommendations["R1"].origin == "one_position"


def test_consensus_needs_authorship_or_endorsement_of_two_parties_a77() -> None:
    life = drafted(authors=["p-21", "p-23"])
    agreed = {"recommendation": "R1", "by": "rapporteur:p-30"}
    life.refused("recommendations.joint-authorship", "consensus_recorded", parties=["IQ"], **agreed)
    life.refused("recommendations.joint-authorship", "consensus_recorded", parties=["IQ", "TR"], **agreed)
    life.refused("recommendations.known-party", "consensus_recorded", parties=["IQ", "XX"], **agreed)
    life.report("recommendation_endorsed", recommendation="R1", parties=["TR"])
    life.report("consensus_recorded", parties=["IQ", "TR"], **agreed)

    assert life.now.recommendations["R1"].consensus == ("IQ", "TR")


@pytest.mark.parametrize("by", ["facilitator:p-04", "co_facilitator:p-77", "manager:p-04"])
def test_a_facilitator_sets_no_outcome_alone_a65(by: str) -> None:
    life = submitted().report("recommendation_endorsed", recommendation="R1", parties=["IQ"])
    drafted("R2", life)
    rule = "recommendations.facilitator-no-vote"
    life.refused(rule, "consensus_recorded", recommendation="R2", parties=["IQ", "TR"], by=by)
    life.refused(rule, "recommendation_dropped", recommendation="R2", reason=True, by=by)
    life.refused(rule, "recommendation_endorsed", recommendation="R2", parties=["IQ"], by=by)
    life.refused(rule, "endorsement_withdrawn", recommendation="R1", party="IQ", by=by)
    life.refused(rule, "transfer_outcome_recorded", recommendation="R1", outcome="rejected", by=by)


def test_dissent_stands_beside_a_recommendation_also_after_its_transfer() -> None:
    life = submitted().report("dissent_noted", recommendation="R1", person="p-24", note=TEXT)

    assert life.now.recommendations["R1"].dissent == ("p-24",)


def test_an_endorsement_keeps_both_dates_when_it_is_withdrawn_after_transfer_e3_21() -> None:
    life = submitted()
    life.refused("recommendations.endorsed", "endorsement_withdrawn", recommendation="R1", party="TR")
    life.report("recommendation_endorsed", recommendation="R1", parties=["TR"], on="2026-02-20")
    rule = "recommendations.dates"
    life.refused(rule, "endorsement_withdrawn", recommendation="R1", party="TR", on="2026-02-01")
    life.refused(rule, "recommendation_endorsed", recommendation="R1", parties=["IQ"], on="2026-12-01")
    life.pass_days(60)
    life.report("endorsement_withdrawn", recommendation="R1", party="TR", on="2026-04-20")

    kept = life.now.recommendations["R1"].endorsements["TR"]
    assert (kept.on.isoformat(), str(kept.withdrawn_on)) == ("2026-02-20", "2026-04-20")
    assert states(life)[-1] == "submitted", "what was handed over stays so"
    assert rungs(life.pass_days(1), "support_withdrawn") == [("support_withdrawn:R1:TR:2026-04-20", 0, "p-01")]

    life.report("recommendation_endorsed", recommendation="R1", parties=["TR"], on="2026-04-25")
    again = life.now.recommendations["R1"].endorsements["TR"]
    assert again.withdrawn_on is None
    assert [(a.isoformat(), b.isoformat()) for a, b in again.earlier] == [("2026-02-20", "2026-04-20")]


def test_nothing_leaves_the_circle_before_every_author_cleared_it() -> None:
    life = drafted().report("release_class_set", recommendation="R1", release_class="internal")
    life.refused("recommendations.cleared-to-release", "release_class_set", recommendation="R1", release_class="public")


def test_a_recommendation_is_tested_in_a_session_or_a_linked_initiative_before_any_transfer_a74() -> None:
    life = drafted()
    rule = "recommendations.tested-where"
    life.refused(rule, "recommendation_tested", recommendation="R1")
    life.refused(rule, "recommendation_tested", recommendation="R1", initiative="ini-none")
    life.refused("report.unknown-id", "recommendation_tested", recommendation="R1", session="S9")
    life.report("initiative_linked", initiative="ini-child", relation="bridge")
    life.report("recommendation_tested", recommendation="R1", initiative="ini-child")

    assert states(life) == ["draft", "tested"]


def test_a_dropped_recommendation_asks_for_nothing_and_takes_nothing() -> None:
    life = drafted().refused("report.reason-required", "recommendation_dropped", recommendation="R1")
    life.report("recommendation_dropped", recommendation="R1", reason=True)

    assert not any("R1" in id for id in life.owed())
    life.refused("recommendations.living", "wording_cleared", recommendation="R1", person="p-21")


def test_what_was_handed_over_is_not_changed_afterwards() -> None:
    life = submitted()
    rule = "recommendations.not-submitted"
    life.refused(rule, "recommendation_revised", recommendation="R1", text=TEXT)
    life.refused(rule, "wording_objected", recommendation="R1", person="p-21")
    life.refused(rule, "recommendation_dropped", recommendation="R1", reason=True)


def test_motivations_are_kept_per_party_a78() -> None:
    life = writing().report("motivations_recorded", party="IQ", worksheet=TEXT)
    life.refused("recommendations.known-party", "motivations_recorded", party="XX", worksheet=TEXT)

    assert "motivations:IQ" in life.now.marks


def test_the_gate_wants_one_cleared_and_every_cleared_one_scored() -> None:
    life = drafted().refused("gate.requirements", "gate_decided", of="recommendations", decision="go")
    assert met(life)["recommendations.one-cleared"] is False
    cleared("R2", life).refused("gate.requirements", "gate_decided", of="recommendations", decision="go")
    life.report("recommendation_scored", recommendation="R2", creative=3, realistic=3)
    life.report("gate_decided", of="recommendations", decision="go")

    assert life.now.stage == "follow_up"


def test_the_catalogue_shows_the_rules_that_may_refuse() -> None:
    assert "recommendations.joint-authorship" in rules_of("consensus_recorded")
    assert "recommendations.facilitator-no-vote" in rules_of("recommendation_dropped")
    assert "recommendations.not-submitted" in rules_of("recommendation_scored")
    assert rules_of("transfer_submitted") >= {
        "transfer.cleared-first", "transfer.actionable", "transfer.embargo", "transfer.one-state",
    }  # fmt: skip


def test_at_most_one_message_per_author_is_due_however_late_the_clock_is() -> None:
    life = drafted()
    life.at = life.at.replace(year=2028)

    due = life.due()

    assert len(asks(due)) == len(set(asks(due)))
