"""Phases of a stage model: entered, concluded, entered again. Order is guidance; going back has a reason."""

from collections.abc import Iterator

from domain.initiative import Initiative
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stage_models import Phase
from domain.values import Id, Text
from domain.vocabulary import Role

UNKNOWN_PHASE = rule(
    "phase.unknown",
    "The stage model of this initiative has no such phase.",
    "See its phases with `jisr show ID`, or amend the charter with another stage_model.",
    "B2",
)
BACK = rule(
    "phase.earlier-needs-reason",
    "Going back to a phase, or entering one again, needs a reason.",
    "Add one with --reason; loops are normal.",
    "B2, A39",
)
RUNNING = rule(
    "phase.already-running",
    "That phase is running.",
    "Report phase_concluded when its exit test is met, or enter another phase.",
    "B2",
)
NOT_RUNNING = rule(
    "phase.not-running",
    "Only the phase that is running is concluded.",
    "Report phase_entered first.",
    "B2",
)


def running(now: Initiative) -> str | None:
    """Return the phase entered last, unless it was concluded."""
    return now.phases[-1][0] if now.phases and _concluded(now) not in now.marks else None


def _concluded(now: Initiative) -> str:
    """Return the mark that the phase entered last is concluded: each entering has its own."""
    return f"phase_concluded:{len(now.phases)}"


def _place(now: Initiative, phase: str) -> int | None:
    model = now.charter.stage_model
    return model.place(phase) if model is not None else None


def _phase(now: Initiative, id: str | None) -> Phase | None:
    model = now.charter.stage_model
    return next((one for one in model.phases if one.id == id), None) if model is not None else None


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield the review of a phase that has had as many sessions as were planned for it."""
    id = running(now)
    phase = _phase(now, id)
    if now.closed_at is not None or id is None or phase is None or not phase.sessions:
        return
    since = now.phases[-1][1]
    closed = sorted(s.closed_at for s in now.sessions.values() if s.closed_at and s.closed_at >= since)
    if len(closed) >= phase.sessions:
        held = closed[phase.sessions - 1]
        ids = (id, str(len(now.phases)))
        yield owed(now, "review_phase", Role.FACILITATOR, "task", held, phase.within, *ids, phase=id)


class PhaseEntered(Milestone):
    """The dialogue entered a phase of its stage model; the one before ends with it."""

    phase: Id

    def allow(self, now: Initiative, said: Said) -> None:
        _known(now, self.phase)
        place = _place(now, self.phase)
        require(running(now) != self.phase, RUNNING, f"Phase {self.phase}.")
        before = [one for one in (_place(now, id) for id, _ in now.phases) if one is not None]
        forward = all(place is not None and place > one for one in before)
        require(forward or said.reason is not None, BACK, f"Phase {self.phase}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.but(phases=(*now.phases, (self.phase, said.at)))


class PhaseConcluded(Milestone):
    """A phase has done its work: its exit test is met."""

    phase: Id
    evidence: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        _known(now, self.phase)
        require(running(now) == self.phase, NOT_RUNNING, f"Running: {running(now) or 'none'}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(_concluded(now), said.at)


def _known(now: Initiative, phase: str) -> None:
    """Raises: Refused phase.unknown."""
    model = now.charter.stage_model
    known = ", ".join(one.id for one in model.phases) if model is not None else "none"
    require(_place(now, phase) is not None, UNKNOWN_PHASE, f"Not {phase}; known: {known}.")
