"""What the engine finds out itself. A closed set; people never report these."""

from datetime import datetime
from typing import Any

from domain.initiative import Initiative
from domain.nouns import Finding, Incident, StageState
from domain.record import EngineFact, Said
from domain.vocabulary import Act, IncidentKind, Stage, StageStatus

IMPORTED = "imported"  # the mark of when an earlier initiative was entered here


class InitiativeImported(EngineFact):
    """The initiative was over before it was entered here; what is known of it was imported from a list.

    `source` and `row` say from which file (a digest) and where it stood; `content` is a digest of what the row says.
    Its stages count as passed elsewhere, and nothing is owed from before: nobody is reminded of anything.
    """

    source: str
    row: int
    content: str
    sessions: int | None = None
    participants: int | None = None
    recommendations: int | None = None
    adopted: int | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        passed = {stage: StageState(status=StageStatus.SKIPPED, done_at=said.at) for stage in now.stages}
        passed[Stage.VETTING] = StageState()  # no roster was imported, so no rule of composition watches over one
        return now.but(stages=passed).mark(IMPORTED, said.heard_at)


class StageOpened(EngineFact):
    """A stage opened: the one before is done or skipped, or it was begun early."""

    stage: Stage
    early: bool = False

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("stages", self.stage, status=StageStatus.OPEN, opened_at=said.at, done_at=None)


class StageDone(EngineFact):
    """A stage's gate was passed; `findings` are the rule results the decision saw, kept for ever."""

    stage: Stage
    findings: tuple[Finding, ...] = ()

    def apply(self, now: Initiative, said: Said) -> Initiative:
        gates = (*now.stages[self.stage].gates, (said.at, self.findings))
        return now.change("stages", self.stage, status=StageStatus.DONE, done_at=said.at, gates=gates)


class CompositionBroken(EngineFact):
    """A standing rule of composition no longer holds; while open, it holds the next gate."""

    rule: str
    holds: bool = True
    why: str = ""

    def apply(self, now: Initiative, said: Said) -> Initiative:
        id = f"composition:{self.rule}"
        incident = Incident(id=id, kind=IncidentKind.COMPOSITION, opened_at=said.at, rule=self.rule, holds=self.holds)
        return now.put("incidents", id, incident)


class CompositionRepaired(EngineFact):
    """The rule holds again."""

    rule: str

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("incidents", f"composition:{self.rule}", resolved_at=said.at)


class CompositionChecked(EngineFact):
    """Composition and quorum were looked at before a session; the results are kept."""

    session: str
    rung: int
    findings: tuple[Finding, ...]


class ParticipantSuspended(EngineFact):
    """A rule no longer lets this person sit at this table (for example appointed to office on track 2)."""

    person: str
    rule: str

    def apply(self, now: Initiative, said: Said) -> Initiative:
        before = now.participants[self.person].standing
        return now.change("participants", self.person, standing="suspended", left_at=said.at, before=before)


class DecisionReopened(EngineFact):
    """A vetting decision no longer stands on reviews that count; it must be taken again."""

    person: str
    rule: str

    def apply(self, now: Initiative, said: Said) -> Initiative:
        p = now.participants[self.person]
        reopened = p.but(standing="reopened", before=p.standing, decided_at=None, vetted_at=None)
        # a new round, so that whoever must act is asked anew
        return now.put("participants", self.person, reopened.but(round=p.round + 1, chase_from=said.at))


class InvitationExpired(EngineFact):
    """Nobody answered in time; the seat is free again."""

    person: str

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("participants", self.person, standing="expired")


class IndicatorAlerted(EngineFact):
    """A reading crossed its threshold."""

    indicator: str
    value: float
    threshold: float


class IndicatorCalmed(EngineFact):
    """A reading came back behind its threshold."""

    indicator: str
    value: float


class RungReached(EngineFact):
    """A rung of a ladder came due: one message (or check) to one person. `collapsed` rungs were passed over."""

    obligation: str
    ask: str
    rung: int
    act: Act
    recipient: str
    due_at: datetime
    collapsed: int = 0
    about: dict[str, str] = {}

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("settled", self.obligation, self.rung)


class RungLapsed(EngineFact):
    """A rung came due after it had become pointless; nobody was written to."""

    obligation: str
    ask: str
    rung: int
    recipient: str
    due_at: datetime
    collapsed: int = 0

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("settled", self.obligation, self.rung)


class NoticeSuppressed(EngineFact):
    """A message was not sent because the person must not be written to; the rung counts as settled."""

    obligation: str
    ask: str
    rung: int
    recipient: str
    due_at: datetime
    why: str

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.put("settled", self.obligation, self.rung)


class NoticeDelivered(EngineFact):
    """What the channel said of one message: sent, rejected, unknown or suppressed.

    `code` says why it did not arrive; `tried` are the ways that failed before this one, each with its code.
    """

    obligation: str
    rung: int
    recipient: str
    channel: str
    status: str
    message: str = ""
    code: str | None = None
    tried: tuple[str, ...] | None = None


class ReportRefused(EngineFact):
    """A report nobody waited for was refused; nothing changed but this line."""

    refused_kind: str
    rule: str
    why: str = ""


class ReportUnreadable(EngineFact):
    """A message reached the engine that is no report; it is not repeated here, it might disclose something."""

    door: str
    digest: str


class InitiativeTold(EngineFact):
    """Another initiative was sent a report by this one."""

    initiative: str
    told_kind: str
    delivered: bool
    told_fields: dict[str, Any] = {}
