"""Recommendations: what the dialogue offers to those who decide, written jointly and cleared word for word.

Gate: at least one recommendation cleared by all its authors, each cleared one held against the rubric.
The milestones stand in drafting, agreeing, trial_balloons and lineage; here is what the stage needs and asks.
"""

from collections.abc import Iterator

from domain.checklists import gate_finding
from domain.initiative import Initiative
from domain.nouns import Finding, Recommendation
from domain.obligations import Obligation, owed
from domain.rules import rule
from domain.stages import agreeing, lineage, transfer, trial_balloons
from domain.stages.drafting import concerned, is_cleared, since, uncleared
from domain.vocabulary import Role, Stage, TransferState

PURPOSE = "Outputs are written jointly, tested, scored, cleared by every author and agreed across divides."
STAGE = Stage.RECOMMENDATIONS
PARTS = (agreeing, lineage, trial_balloons, transfer)  # importing them fills the catalogue

ONE_CLEARED = rule(
    "recommendations.one-cleared",
    "At least one recommendation is cleared by all its authors.",
    "Report wording_cleared for each author of one.",
    "B3, F4",
)
SCORED = rule(
    "recommendations.quality-rubric",
    "Every cleared recommendation was held against the quality rubric.",
    "Report recommendation_scored with creative and realistic from 1 to 5.",
    "A75",
)


def requirements(now: Initiative) -> Iterator[Finding]:
    """Yield what the gate needs. Rules: recommendations.one-cleared, recommendations.quality-rubric."""
    cleared = [r for r in _living(now) if is_cleared(now, r) or r.submitted_at is not None]
    yield Finding(rule=ONE_CLEARED.id, met=bool(cleared), why=f"{len(cleared)} cleared.")
    unscored = [r.id for r in cleared if not r.rubric]
    yield Finding(rule=SCORED.id, met=not unscored, why=f"Not scored: {', '.join(unscored)}." if unscored else "")
    yield from gate_finding(now, STAGE)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what authors and the team owe each living recommendation that has not gone to Track 1."""
    for r in _living(now):
        if r.submitted_at is None and r.state not in transfer.FINAL:
            yield from _of_one(now, r)
            yield from transfer.before_event(now, r)


def _living(now: Initiative) -> tuple[Recommendation, ...]:
    return tuple(r for r in now.recommendations.values() if r.living)


def _of_one(now: Initiative, r: Recommendation) -> Iterator[Obligation]:
    written_at = r.revised_at or r.drafted_at
    assert written_at is not None, "a recommendation was drafted once"
    version = str(r.version)
    if not concerned(now, r):
        yield owed(now, "name_authors", Role.MANAGER, "task", written_at, STAGE, r.id, version, recommendation=r.id)
    for person in uncleared(now, r):
        if person in r.objected:
            continue
        who = now.participants.get(person)
        if who is None or who.may_be_written_to:
            yield owed(
                now,
                "clear_wording",
                person,
                "clearance",
                written_at,
                STAGE,
                r.id,
                version,
                person,
                recommendation=r.id,
            )
        else:  # nobody may write to them: somebody must ask, or take them off the authors
            ids = (r.id, version, person)
            yield owed(now, "settle_authorship", Role.MANAGER, "task", written_at, STAGE, *ids, recommendation=r.id)
    if r.objected and r.objected_at is not None:
        yield owed(
            now,
            "answer_objection",
            Role.MANAGER,
            "task",
            r.objected_at,
            STAGE,
            r.id,
            version,
            recommendation=r.id,
        )
    if not r.rubric and r.drafted_at is not None:
        yield owed(now, "score_recommendation", Role.MANAGER, "task", r.drafted_at, STAGE, r.id, recommendation=r.id)
    cleared_at = since(r, TransferState.CLEARED)
    if r.release_class is None and r.state is TransferState.CLEARED and cleared_at is not None:
        yield owed(now, "decide_release", Role.MANAGER, "task", cleared_at, STAGE, r.id, recommendation=r.id)
