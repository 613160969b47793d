"""Stage models: known ways to look at a dialogue, as data laid over the six stages. None of them is code.

A charter names one (`stage_model: saunders`), writes its own, or has none. The order of phases is guidance.
Sources: Saunders (sustained dialogue), Kaye (RAND), Fisher and Keashly (contingency): B2. `sessions` is the
planned number (0: none known); a phase is reviewed when as many were closed since it was entered.
"""

from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from domain.values import Given, Id
from domain.vocabulary import Stage


class Phase(Given):
    """One phase of a stage model: where it lives among the six stages and when it has done its work."""

    id: Id
    within: Stage
    exit_test: str = Field(max_length=300)
    sessions: int = Field(default=0, ge=0, le=100)

    @field_validator("within")
    @classmethod
    def _one_of_the_six(cls, given: Stage) -> Stage:
        if given is Stage.CLOSED:
            raise ValueError("a phase lives within one of the six stages")
        return given


class StageModel(Given):
    """A way to look at the dialogue (Saunders, Kaye, your own): data laid over the six stages, never code."""

    id: Id
    phases: tuple[Phase, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({phase.id for phase in self.phases}) != len(self.phases):
            raise ValueError("the same phase stands there twice")
        return self

    def place(self, phase: str) -> int | None:
        """Return where a phase stands in the order, from 0; None if it is not of this model."""
        return next((n for n, one in enumerate(self.phases) if one.id == phase), None)


def _phase(id: str, within: Stage, sessions: int, exit_test: str) -> Phase:
    return Phase(id=id, within=within, sessions=sessions, exit_test=exit_test)


SAUNDERS = StageModel(
    id="saunders",
    phases=(
        _phase("deciding_to_engage", Stage.VETTING, 0, "People from every side have agreed to meet and talk."),
        _phase("mapping_and_naming", Stage.SESSIONS, 3, "The group itself says what it must focus on."),
        _phase("probing", Stage.SESSIONS, 3, "The group sees what drives the problem and wants to change it."),
        _phase(
            "scenario_building",
            Stage.RECOMMENDATIONS,
            2,
            "Steps are named: what stands in the way, with which means, by whom, in which order.",
        ),
        _phase("acting_together", Stage.FOLLOW_UP, 0, "Others have taken up the steps, or were won for them."),
    ),
)
KAYE = StageModel(
    id="kaye",
    phases=(
        _phase("socialization", Stage.SESSIONS, 3, "Participants share a language and see each other's limits."),
        _phase("filtering", Stage.RECOMMENDATIONS, 2, "The ideas have reached a wider circle in every party."),
        _phase("policy_adjustment", Stage.FOLLOW_UP, 0, "A decision-maker has changed, or refused, something."),
    ),
)
# Begin where the conflict stands; each phase hands over to a milder one.
CONTINGENCY = StageModel(
    id="contingency",
    phases=(
        _phase("destruction", Stage.CONCEPT, 0, "Violence is held back so far that people can travel and meet."),
        _phase("segregation", Stage.PARTNERS, 1, "The parties no longer see each other only as a threat."),
        _phase("polarisation", Stage.SESSIONS, 2, "Trust suffices to look at causes and needs, not positions."),
        _phase("discussion", Stage.RECOMMENDATIONS, 2, "Interests can be traded directly between the parties."),
    ),
)

STAGE_MODELS: dict[str, StageModel] = {one.id: one for one in (SAUNDERS, KAYE, CONTINGENCY)}


def by_name(given: Any) -> Any:
    """Take `saunders` for the model of that name."""
    if not isinstance(given, str):
        return given
    if given not in STAGE_MODELS:
        raise ValueError(f"unknown stage model; known are {', '.join(STAGE_MODELS)}, or write its phases")
    return STAGE_MODELS[given]


NamedModel = Annotated[StageModel, BeforeValidator(by_name)]
