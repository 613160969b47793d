"""Phases: a stage model is data, its order is guidance, its loops are normal."""

from datetime import timedelta

import pytest
from life import Life
from pydantic import ValidationError

from domain.nouns import Session
from domain.stage_models import STAGE_MODELS, StageModel
from domain.vocabulary import Stage


def closed_sessions(life: Life, count: int) -> Life:
    """Let sessions have been closed, a week apart, without the road that leads there."""
    for _ in range(count):
        life.at += timedelta(days=7)
        id = f"S{len(life.now.sessions) + 1}"
        session = Session(id=id, status="closed", closed_at=life.at)
        life.journal.now = life.now.put("sessions", id, session)
    return life


def reviews(life: Life) -> set[str]:
    return {one for one in life.owed() if one.startswith("review_phase")}


def test_the_known_models_lie_over_the_six_stages_in_order() -> None:
    assert [len(STAGE_MODELS[name].phases) for name in ("saunders", "kaye", "contingency")] == [5, 3, 4]
    order = list(Stage)
    for model in STAGE_MODELS.values():
        within = [order.index(phase.within) for phase in model.phases]
        assert within == sorted(within)
        assert all(phase.exit_test.endswith(".") for phase in model.phases)


@pytest.mark.parametrize("name", sorted(STAGE_MODELS))
def test_a_charter_names_a_model(name: str) -> None:
    assert Life(stage_model=name).now.charter.stage_model == STAGE_MODELS[name]


def test_a_charter_writes_its_own_model() -> None:
    phases = [{"id": "listen", "within": "sessions", "exit_test": "Everybody was heard.", "sessions": 1}]
    life = Life(stage_model={"id": "mine", "phases": phases}).report("phase_entered", phase="listen")
    assert [one for one, _ in life.now.phases] == ["listen"]


def test_an_unknown_model_and_impossible_phases_are_refused() -> None:
    with pytest.raises(ValidationError, match="unknown stage model; known are saunders"):
        Life(stage_model="sanders")
    phase = {"id": "a", "within": "sessions", "exit_test": "Done."}
    with pytest.raises(ValidationError, match="stands there twice"):
        StageModel.model_validate({"id": "mine", "phases": [phase, phase]})
    with pytest.raises(ValidationError, match="one of the six"):
        StageModel.model_validate({"id": "mine", "phases": [{**phase, "within": "closed"}]})


def test_an_unknown_phase_is_refused() -> None:
    Life().refused("phase.unknown", "phase_entered", phase="probing")
    life = Life(stage_model="kaye")
    life.refused("phase.unknown", "phase_entered", phase="probing")
    life.refused("phase.unknown", "phase_concluded", phase="probing")


def test_going_back_needs_a_reason_and_going_on_none() -> None:
    life = Life(stage_model="saunders")
    life.report("phase_entered", phase="mapping_and_naming").report("phase_entered", phase="scenario_building")
    life.refused("phase.earlier-needs-reason", "phase_entered", phase="probing")
    life.refused("phase.earlier-needs-reason", "phase_entered", phase="mapping_and_naming")
    life.report("phase_entered", phase="mapping_and_naming", reason=True)
    life.refused("phase.earlier-needs-reason", "phase_entered", phase="scenario_building")
    life.report("phase_entered", phase="acting_together")
    assert [one for one, _ in life.now.phases] == [
        "mapping_and_naming", "scenario_building", "mapping_and_naming", "acting_together",
    ]  # fmt: skip


def test_only_the_running_phase_is_concluded_and_it_is_not_entered_twice() -> None:
    life = Life(stage_model="kaye")
    life.refused("phase.not-running", "phase_concluded", phase="socialization")
    life.report("phase_entered", phase="socialization")
    life.refused("phase.already-running", "phase_entered", phase="socialization")
    life.report("phase_concluded", phase="socialization")
    life.refused("phase.not-running", "phase_concluded", phase="socialization")
    life.refused("phase.earlier-needs-reason", "phase_entered", phase="socialization")
    life.report("phase_entered", phase="socialization", reason=True)
    life.report("phase_concluded", phase="socialization")


def test_a_phase_is_reviewed_after_its_planned_sessions_and_the_review_ends_with_it() -> None:
    life = closed_sessions(Life(stage_model="saunders"), 4)  # what was before does not count
    life.at += timedelta(days=1)
    life.report("phase_entered", phase="mapping_and_naming")
    closed_sessions(life, 2)
    assert reviews(life) == set()
    closed_sessions(life, 1)
    assert reviews(life) == {"review_phase:mapping_and_naming:1"}
    said = [e for e in life.pass_days(7) if e.fields.get("ask") == "review_phase"]
    assert [e.fields["recipient"] for e in said] == ["p-04"]
    life.report("phase_concluded", phase="mapping_and_naming")
    assert reviews(life) == set()


def test_a_phase_entered_again_is_reviewed_again() -> None:
    life = Life(stage_model="kaye").report("phase_entered", phase="socialization")
    closed_sessions(life, 3).report("phase_entered", phase="filtering")
    assert reviews(life) == set()
    life.at += timedelta(days=1)
    life.report("phase_entered", phase="socialization", reason=True)
    assert reviews(life) == set()
    assert reviews(closed_sessions(life, 3)) == {"review_phase:socialization:3"}


def test_a_phase_without_a_planned_number_is_never_reviewed() -> None:
    life = Life(stage_model="kaye").report("phase_entered", phase="policy_adjustment")
    assert reviews(closed_sessions(life, 9)) == set()


def test_a_phase_of_a_model_that_was_replaced_asks_for_nothing() -> None:
    life = Life(stage_model="kaye").report("phase_entered", phase="socialization")
    life.report("charter_amended", stage_model="saunders", reason=True)
    assert reviews(closed_sessions(life, 5)) == set()
    life.report("phase_entered", phase="deciding_to_engage")
