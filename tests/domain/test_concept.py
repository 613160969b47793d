"""Concept: what must stand before a dialogue goes on, and what is only advice."""

from typing import Any

import pytest
from life import Life

from domain.lifecycle import requirements
from domain.vocabulary import Stage

TEXT = "text:" + "1" * 32
ITEMS = (
    "conflict_analysis", "stakeholder_map", "prior_efforts", "do_no_harm_screen", "duplication_check",
    "exit_criteria", "budget_envelope", "design_argument",
)  # fmt: skip


def convenor_accepted(life: Life) -> Life:
    for party in life.now.charter.parties:
        life.report("acceptability_recorded", party=party.id, answer="accepts")
    return life


def ready(life: Life) -> Life:
    """Bring everything the concept gate needs."""
    if life.now.theory_version == 0:
        life.report("theory_of_change_written", text=TEXT)
    for item in ITEMS:
        life.report("checklist_item_done", item=item)
    return convenor_accepted(life)


def unmet(life: Life) -> set[str]:
    return {one.rule for one in requirements(life.now, Stage.CONCEPT) if not one.met}


def passes(life: Life) -> bool:
    return life.hear("gate_decided", of="concept", decision="go").status == "accepted"


# --- theory of change ---------------------------------------------------------------------
def test_the_gate_needs_a_theory_of_change() -> None:
    life = ready(Life())
    assert unmet(life) == set()
    bare = Life()
    assert "concept.theory-written" in unmet(bare)
    bare.refused("gate.requirements", "gate_decided", of="concept", decision="go")
    assert passes(life)
    assert life.now.stage is Stage.PARTNERS


def test_the_decision_is_late_from_when_everything_was_there_and_not_from_the_opening() -> None:
    life = Life()
    life.pass_days(60)
    ready(life)
    assert not [e for e in life.pass_days(3) if e.fields.get("ask") == "decide_gate"]

    said = [
        (e.fields["rung"], e.fields["collapsed"]) for e in life.pass_days(60) if e.fields.get("ask") == "decide_gate"
    ]
    assert said == [(0, 0), (1, 0), (2, 0)]


def test_a_theory_is_written_once_and_then_revised() -> None:
    life = Life()
    life.refused("concept.theory-written", "theory_of_change_revised", text=TEXT, consulted=9, replied=7)
    life.report("theory_of_change_written", text=TEXT)
    life.refused("concept.theory-once", "theory_of_change_written", text=TEXT)


@pytest.mark.parametrize(
    "numbers",
    [{}, {"consulted": 9}, {"replied": 3}, {"consulted": 0, "replied": 0}, {"consulted": 3, "replied": 4}],
)
def test_a_revision_says_how_many_were_consulted_and_how_many_replied(numbers: dict[str, int]) -> None:
    life = Life().report("theory_of_change_written", text=TEXT)
    life.refused("concept.consultation", "theory_of_change_revised", text=TEXT, **numbers)


def test_a_revision_keeps_the_old_versions_and_restarts_nothing() -> None:
    life = ready(Life())
    passes(life)
    stages, gates = life.now.stages, life.now.stages[Stage.CONCEPT].gates
    other = "text:" + "2" * 32
    life.report("theory_of_change_revised", text=other, consulted=9, replied=7)

    assert life.now.theory_version == 2
    assert [(one["version"], one["text"], one["replied"]) for one in life.now.theory_history] == [
        (1, TEXT, 0),
        (2, other, 7),
    ]
    assert life.now.stages == stages
    assert life.now.stages[Stage.CONCEPT].gates == gates


def test_the_theory_is_asked_for_until_it_is_written() -> None:
    life = Life()
    assert "write_theory:1" in life.owed()
    said = [e.fields["rung"] for e in life.pass_days(30) if e.fields.get("ask") == "write_theory"]
    assert said == [0, 1, 2]
    life.report("theory_of_change_written", text=TEXT)
    assert "write_theory:1" not in life.owed()


# --- purpose, objective, scope ------------------------------------------------------------
@pytest.mark.parametrize("purposes", [["cultural"], ["acquaintance"], ["cultural", "acquaintance"]])
def test_exchange_and_acquaintance_alone_are_no_purpose(purposes: list[str]) -> None:
    life = ready(Life(purposes=purposes))
    assert unmet(life) == {"concept.purpose"}
    assert "revise_purpose:1" in life.owed()
    assert not passes(life)
    life.refused("concept.purpose", "purpose_revised", purposes=purposes, reason=True)
    life.report("purpose_revised", purposes="prevent,cultural", reason=True)
    assert "revise_purpose:1" not in life.owed()
    assert passes(life)


def test_a_change_of_the_objective_holds_nothing_up() -> None:
    life = ready(Life())
    life.report("objective_revised", objective="manage_crisis")
    assert passes(life)
    before = life.now.stages
    life.report("objective_revised", objective="transform_relationships", wording=TEXT)
    assert life.now.charter.objective == "transform_relationships"
    assert life.now.stages == before


def test_domestic_reconciliation_is_out_of_scope() -> None:
    life = ready(Life(external=False))
    assert unmet(life) == {"concept.external-relations"}
    assert "check_scope:1" in life.owed()
    life.report("scope_checked", external=True)
    assert "check_scope:1" not in life.owed()
    assert passes(life)


# --- convenor, acceptability, donors ------------------------------------------------------
def test_a_local_convenor_alone_needs_one_of_two_reasons() -> None:
    life = ready(Life(convenor="local_actor", third_party=False))
    assert unmet(life) == {"concept.local-convenor-reason"}
    assert "justify_convenor:1" in life.owed()
    alone = {"convenor": "local_actor", "third_party": False}
    life.refused("concept.local-convenor-reason", "convenor_changed", **alone)
    life.refused("report.invalid", "convenor_changed", **alone, no_third_party_reason="cheaper")
    life.report("convenor_changed", **alone, no_third_party_reason="technical_topic")
    assert "justify_convenor:1" not in life.owed()
    assert passes(convenor_accepted(life))


def test_a_local_convenor_with_a_third_party_needs_no_reason() -> None:
    assert passes(ready(Life(convenor="local_actor")))
    assert passes(ready(Life(convenor="local_actor", third_party=False, no_third_party_reason="mutual_trust")))


def test_each_party_is_asked_whether_it_accepts_the_convenor() -> None:
    life = Life().report("acceptability_recorded", party="IQ", answer="accepts")
    assert "concept.convenor-acceptability" in unmet(life)
    assert "ask_acceptability:TR:convenor" in life.owed()
    assert "ask_acceptability:IQ:convenor" not in life.owed()
    life.report("acceptability_recorded", party="TR", answer="conditional", conditions=TEXT)
    assert "concept.convenor-acceptability" not in unmet(life)
    assert not [one for one in life.owed() if one.startswith("ask_acceptability")]


def test_an_objection_is_an_answer_and_waits_to_be_settled() -> None:
    life = ready(Life()).report("acceptability_recorded", party="TR", answer="objects")
    assert unmet(life) == set()
    assert any(one.startswith("settle_objection:TR:convenor") for one in life.owed())
    life.report("acceptability_recorded", party="TR", answer="accepts")
    assert not [one for one in life.owed() if one.startswith("settle_objection")]


def test_another_convenor_is_asked_about_anew() -> None:
    life = ready(Life())
    life.pass_days(1)
    life.report("convenor_changed", convenor="international_organisation")
    assert unmet(life) == {"concept.convenor-acceptability"}
    assert len([one for one in life.owed() if one.startswith("ask_acceptability:")]) == 2


def test_acceptability_is_asked_of_known_parties_about_known_donors() -> None:
    life = Life().report("donor_recorded", donor="D1", conditions=TEXT)
    assert life.now.charter.donors == ("D1",)
    assert {"ask_acceptability:IQ:D1", "ask_acceptability:TR:D1"} <= life.owed()
    life.refused("report.unknown-id", "acceptability_recorded", party="XX", answer="accepts")
    life.refused("report.unknown-id", "acceptability_recorded", party="IQ", of="D2", answer="accepts")
    life.report("acceptability_recorded", party="IQ", of="D1", answer="objects")
    assert "ask_acceptability:IQ:D1" not in life.owed()
    assert "concept.convenor-acceptability" in unmet(life)  # a donor's answer is not the convenor's
    life.report("donor_recorded", donor="D1")
    assert life.now.charter.donors == ("D1",)


# --- the official channel, readiness, deadlock, urgency -----------------------------------
@pytest.mark.parametrize("channel", ["open", "blocked", "none"])
def test_whatever_becomes_of_the_official_channel_the_initiative_goes_on(channel: str) -> None:
    life = ready(Life())
    owed, stages = life.owed(), life.now.stages
    life.report("official_channel_changed", channel=channel, complements="joint-commission")
    assert life.now.official_channel == channel
    assert life.now.charter.complements == "joint-commission"
    assert life.now.closed_at is None
    assert (life.owed(), life.now.stages) == (owed, stages)
    assert passes(life)


@pytest.mark.parametrize("score", [0, 100])
def test_readiness_is_advice_and_holds_no_gate(score: int) -> None:
    life = ready(Life()).report("readiness_scored", score=score)
    assert life.now.charter.readiness == score
    assert passes(life)


def test_an_initiative_may_begin_in_deadlock() -> None:
    life = ready(Life(in_deadlock=True))
    assert life.now.official_channel == "blocked"
    assert not life.now.stalled
    assert passes(life)


def test_an_urgent_start_puts_starred_items_off_as_tasks() -> None:
    life = Life(urgent=True)
    assert life.now.stages[Stage.PARTNERS].status == "open"
    life.report("theory_of_change_written", text=TEXT)
    for item in ("do_no_harm_screen", "duplication_check", "design_argument"):
        life.report("checklist_item_done", item=item)
    assert passes(convenor_accepted(life))

    late = {"conflict_analysis", "stakeholder_map", "prior_efforts", "exit_criteria", "budget_envelope"}
    assert {f"complete_concept:{item}" for item in late} <= life.owed()
    assert any(e.fields.get("ask") == "complete_concept" for e in life.pass_days(7))
    for item in late:
        life.report("checklist_item_done", item=item)
    assert not [one for one in life.owed() if one.startswith("complete_concept")]


def test_a_start_that_is_not_urgent_puts_nothing_off() -> None:
    life = Life()
    assert not [one for one in life.owed() if one.startswith("complete_concept")]
    life.refused("gate.requirements", "gate_decided", of="concept", decision="go")


# --- the checklist ------------------------------------------------------------------------
def test_the_checklist_is_done_or_waived_with_a_reason() -> None:
    life = ready(Life(checklists={"concept": ["legal_opinion"]}))
    assert unmet(life) == {"gate.checklist"}
    assert "tick_checklist:concept:1" in life.owed()
    life.refused("report.reason-required", "checklist_item_waived", item="legal_opinion")
    life.report("checklist_item_waived", item="legal_opinion", of="concept", reason=True)
    assert "tick_checklist:concept:1" not in life.owed()
    assert life.now.checklist["legal_opinion"].waived
    assert passes(life)


@pytest.mark.parametrize(
    "fields",
    [{"item": "horoscope"}, {"item": "data_terms", "of": "concept"}, {"item": "lessons", "of": "closed"}],
)
def test_an_unknown_item_is_refused(fields: dict[str, str]) -> None:
    life = Life()
    life.refused("gate.unknown-item", "checklist_item_done", **fields)
    life.refused("gate.unknown-item", "checklist_item_waived", **fields, reason=True)


@pytest.mark.parametrize(
    ("kind", "fields", "item"),
    [
        ("design_argued", {"argument": TEXT}, "design_argument"),
        ("exit_criteria_set", {"criteria": TEXT}, "exit_criteria"),
        ("duplication_checked", {}, "duplication_check"),
    ],
)
def test_what_is_reported_by_itself_ticks_its_item(kind: str, fields: dict[str, Any], item: str) -> None:
    assert item in Life().report(kind, **fields).now.checklist


# --- among others -------------------------------------------------------------------------
def test_an_initiative_on_the_same_issue_is_to_be_coordinated_with() -> None:
    life = Life().report("duplication_checked", overlaps="ini-water, ini-aml")
    assert {"coordinate_overlap:ini-water", "coordinate_overlap:ini-aml"} <= life.owed()
    life.report("duplication_checked", overlaps=["ini-aml"])
    assert "coordinate_overlap:ini-water" not in life.owed()
    life.report("initiative_linked", initiative="ini-aml", relation="bridge")
    assert "coordinate_overlap:ini-aml" not in life.owed()


@pytest.mark.parametrize("progress", ["none", "stalled", "slow", "moving"])
def test_the_official_progress_on_an_issue_is_kept(progress: str) -> None:
    life = Life().report("issue_progress_changed", progress=progress)
    assert life.now.charter.issue_progress == progress


def test_an_objective_of_foreign_policy_is_linked() -> None:
    assert Life().report("foreign_policy_linked", tag="fp-7").now.charter.foreign_policy_tag == "fp-7"


def test_sensitivity_changes_with_a_reason() -> None:
    life = Life()
    life.refused("report.reason-required", "sensitivity_changed", sensitivity="quiet")
    life.report("sensitivity_changed", sensitivity="quiet", reason=True)
    assert life.now.charter.sensitivity == "quiet"
