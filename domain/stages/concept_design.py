"""What the concept says: theory of change, purpose, objective, scope, design, exit criteria."""

from typing import Annotated, Any

from pydantic import Field

from domain.initiative import Initiative
from domain.nouns import Ticked
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import Commas, Text
from domain.vocabulary import Objective, Purpose

# --- rules --------------------------------------------------------------------------------
THEORY = rule(
    "concept.theory-written",
    "The initiative has a written theory of change.",
    "Report theory_of_change_written with its text.",
    "A29",
)
THEORY_ONCE = rule(
    "concept.theory-once",
    "The theory of change is written already; a change of it is a revision.",
    "Report theory_of_change_revised with consulted=... and replied=...",
    "A30, A31",
)
CONSULTATION = rule(
    "concept.consultation",
    "A revision of the theory of change says how many participants were consulted and how many replied.",
    "Add consulted=... and replied=...; nobody replies who was not consulted.",
    "A30",
)
SERVES_DIALOGUE = rule(
    "concept.purpose",
    "The purpose is to analyse, prevent or help resolve a conflict, not only exchange or acquaintance.",
    "Report purpose_revised with at least one of analyse, prevent, help_resolve.",
    "A6, A7",
)

FOR_DIALOGUE = frozenset({Purpose.ANALYSE, Purpose.PREVENT, Purpose.HELP_RESOLVE})

Purposes = Annotated[tuple[Purpose, ...], Commas, Field(min_length=1)]


def chartered(now: Initiative, **changes: Any) -> Initiative:
    """Return the initiative with these fields of its charter changed."""
    return now.but(charter=now.charter.but(**changes))


def ticked(now: Initiative, item: str, said: Said) -> Initiative:
    """Return the initiative with a checklist item done."""
    return now.put("checklist", item, Ticked(at=said.at, by=said.by))


def next_version(now: Initiative, said: Said, text: str, consulted: int, replied: int) -> Initiative:
    """Return the initiative with one more version of its theory of change; the old ones stay readable."""
    version = now.theory_version + 1
    written = {
        "version": version,
        "at": said.at.isoformat(),
        "text": text,
        "consulted": consulted,
        "replied": replied,
    }
    return now.but(theory_version=version, theory_history=(*now.theory_history, written))


# --- milestones --------------------------------------------------------------------------------
class TheoryOfChangeWritten(Milestone):
    """The theory of change was written down for the first time."""

    text: Text

    def allow(self, now: Initiative, said: Said) -> None:
        require(now.theory_version == 0, THEORY_ONCE, f"It stands at version {now.theory_version}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return next_version(now, said, self.text, 0, 0)


class TheoryOfChangeRevised(Milestone):
    """The theory of change was revised after a consultation; nothing stops or starts anew because of it."""

    text: Text
    consulted: int | None = Field(default=None, ge=0, le=10_000, description="participants asked")
    replied: int | None = Field(default=None, ge=0, le=10_000, description="participants who replied")

    def allow(self, now: Initiative, said: Said) -> None:
        require(now.theory_version > 0, THEORY, "There is nothing to revise yet.")
        consulted, replied = self.consulted, self.replied
        require(consulted is not None and replied is not None, CONSULTATION)
        assert consulted is not None and replied is not None
        require(consulted > 0 and replied <= consulted, CONSULTATION, f"{replied} of {consulted}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return next_version(now, said, self.text, self.consulted or 0, self.replied or 0)


class PurposeRevised(Milestone):
    """The purpose of the initiative was put in other words of the list."""

    needs_reason = True
    purposes: Purposes

    def allow(self, now: Initiative, said: Said) -> None:
        require(bool(FOR_DIALOGUE & set(self.purposes)), SERVES_DIALOGUE)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return chartered(now, purposes=self.purposes)


class ObjectiveRevised(Milestone):
    """The objective was changed: relationships, crisis, or a long-term solution. Nothing is held up by it."""

    objective: Objective
    wording: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return chartered(now, objective=self.objective)


class ScopeChecked(Milestone):
    """Somebody checked whether the subject lies in external relations or in domestic reconciliation."""

    external: bool
    note: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return chartered(now, external=self.external).mark("scope_checked", said.at)


class DesignArgued(Milestone):
    """It was argued how the design serves the objective; ticks design_argument."""

    argument: Text

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return ticked(now, "design_argument", said)


class ExitCriteriaSet(Milestone):
    """It was written down when the initiative has done its work or should stop; ticks exit_criteria."""

    criteria: Text

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return ticked(now, "exit_criteria", said)
