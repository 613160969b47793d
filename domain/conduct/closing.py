"""The end, and what may come after it: an initiative is closed, cancelled, or taken up again years later.

What was written stays readable for ever. After the end only the retention date is watched.
"""

from collections.abc import Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo

from domain.engine_facts import IMPORTED, StageDone
from domain.initiative import Initiative
from domain.nouns import Stall
from domain.obligations import Obligation, owed
from domain.record import EngineFact, Milestone, Said
from domain.rules import require, rule
from domain.stages import follow_up
from domain.stages.follow_up import tick_item, wave_mark
from domain.values import Text
from domain.vocabulary import Ending, Role, Sensitivity, Stage, Wave
from domain.working_days import add_months

REQUIREMENTS = rule(
    "close.requirements",
    "The initiative cannot be closed as completed yet: something is missing.",
    "Report what is missing, or close with outcome=no_go or outcome=cancelled and a reason.",
    "B3, F2.10",
)
REASON = rule(
    "close.reason",
    "An initiative that ends without being completed ends with a reason.",
    "Add one with --reason.",
    "E3.38",
)
NOT_CLOSED = rule(
    "close.not-closed",
    "The initiative is not closed.",
    "Nothing to reopen; a single stage is taken up again with stage_reopened.",
    "E3.38",
)


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield the retention date after the end, the snapshots of the evaluation, roles to confirm on return."""
    if now.closed_at is not None:
        if _before(now, IMPORTED, now.closed_at):  # what was over before it was entered here owes nothing
            yield from _after_the_end(now, now.closed_at)
        return
    if now.reopened_at is not None and _before(now, "roles_confirmed", now.reopened_at):
        ids = (_day(now.reopened_at),)
        yield owed(now, "confirm_roles", Role.MANAGER, "task", now.reopened_at, now.stage, *ids)
    if Role.EVALUATION_LEAD in now.roles:
        yield from _snapshots(now)


def _after_the_end(now: Initiative, closed_at: datetime) -> Iterator[Obligation]:
    if _before(now, "retention_run", closed_at):
        steward = now.person(now.holder(Role.DATA_STEWARD) or "")
        due_on = add_months(closed_at.date(), now.charter.patience.retention_months)
        due = datetime.combine(due_on, time.min, ZoneInfo(steward.zone))
        ids = (due_on.isoformat(),)
        yield owed(now, "purge", Role.DATA_STEWARD, "retention", due, Stage.CLOSED, *ids)
    if wave_mark(Wave.CLOSE) in now.marks and wave_mark(Wave.PLUS_12) not in now.marks:
        year_on = add_months(closed_at.date(), 12)
        yield owed(
            now,
            "evaluate",
            Role.EVALUATION_LEAD,
            "evaluation",
            year_on,
            Stage.CLOSED,
            "plus_12",
            wave="plus_12",
        )
    if now.cancelled:
        yield from _cancellation_told(now, closed_at)


def _cancellation_told(now: Initiative, closed_at: datetime) -> Iterator[Obligation]:
    """Yield who hears of a cancellation: in a quiet initiative by voice, otherwise each by a message."""
    people = [p.person for p in now.seated] + [p.focal for p in now.partners.values() if p.signed and p.focal]
    ids = (_day(closed_at),)
    for person in dict.fromkeys(people):
        if now.charter.sensitivity is Sensitivity.QUIET:
            yield owed(
                now,
                "tell_in_person",
                Role.MANAGER,
                "task",
                closed_at,
                Stage.CLOSED,
                person,
                *ids,
                person=person,
            )
        else:
            yield owed(now, "cancelled_note", person, "tell", closed_at, Stage.CLOSED, person, *ids)


def _snapshots(now: Initiative) -> Iterator[Obligation]:
    """Yield the snapshots before the end, where somebody leads the evaluation."""
    midway = now.stages[Stage.RECOMMENDATIONS].opened_at
    for wave, anchor in ((Wave.T0, now.opened_at), (Wave.MID, midway)):
        if anchor is not None and wave_mark(wave) not in now.marks:
            yield owed(
                now,
                "evaluate",
                Role.EVALUATION_LEAD,
                "evaluation",
                anchor,
                now.stage,
                wave.value,
                wave=wave.value,
            )


def _before(now: Initiative, mark: str, moment: datetime) -> bool:
    """The mark was never made, or last made before this moment."""
    return mark not in now.marks or now.marks[mark] < moment


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


# --- milestones --------------------------------------------------------------------------------------------
class InitiativeClosed(Milestone):
    """The initiative ended: completed, not taken up after all, or cancelled."""

    outcome: Ending = Ending.COMPLETED
    summary: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        if self.outcome is not Ending.COMPLETED:
            require(said.reason is not None, REASON)
            return
        missing = [finding for finding in follow_up.requirements(now) if not finding.met]
        require(not missing, REQUIREMENTS, " ".join(f"{f.rule}: {f.why}".strip() for f in missing))

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if now.stalled:
            stall = now.stalls[-1]
            now = now.but(stalls=(*now.stalls[:-1], stall.but(until=max(said.at, stall.since))))
        return now.but(closed_at=said.at, cancelled=self.outcome is Ending.CANCELLED)

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        if self.outcome is not Ending.COMPLETED or not before.is_open(Stage.FOLLOW_UP):
            return ()
        return (StageDone(stage=Stage.FOLLOW_UP, findings=tuple(follow_up.requirements(before))),)


class InitiativeReopened(Milestone):
    """A closed initiative was taken up again, with a reason; the time between counts for no reminder."""

    closed_too = True
    needs_reason = True

    def allow(self, now: Initiative, said: Said) -> None:
        require(now.closed_at is not None and said.at >= now.closed_at, NOT_CLOSED)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        assert now.closed_at is not None, "allow has looked"
        between = Stall(since=now.closed_at, until=said.at, closed=True)
        return now.but(closed_at=None, cancelled=False, reopened_at=said.at, stalls=(*now.stalls, between))


class RolesConfirmed(Milestone):
    """Everybody in a role was asked whether they still hold it, after the initiative was taken up again."""

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark("roles_confirmed", said.at)


class RetentionRunDone(Milestone):
    """What must not be kept any longer was removed; what must be kept stays."""

    closed_too = True
    evidence: Text | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return tick_item(now, "retention_run", said).mark("retention_run", said.at)
