"""The three verbs of an initiative. Values in, values out: no clock, no chance, no input or output.

decide(initiative, report, heard_at) -> facts     what a report leads to, or Refused by a rule
tick(initiative, agenda, at) -> facts             what the clock leads to: the clock is just another reporter
evolve(initiative, entry) -> initiative           what an entry changes
"""

from datetime import datetime
from typing import Any

from domain import composition, lifecycle
from domain.agenda import Agenda, Due, silence
from domain.engine_facts import (
    CompositionBroken,
    CompositionChecked,
    CompositionRepaired,
    InvitationExpired,
    NoticeSuppressed,
    ParticipantSuspended,
    RungLapsed,
    RungReached,
)
from domain.initiative import Initiative
from domain.nouns import Answered
from domain.opening import InitiativeOpened, opening
from domain.record import CLOCK_SKEW, EngineFact, Entry, Fact, Report, Said
from domain.rules import require, rule
from domain.vocabulary import Act, IncidentKind, StageStatus, Track

KEY_REUSED = rule(
    "report.key-reused",
    "This key was used before for another report.",
    "Give a new report a new key; repeat an old report word for word.",
    "CONTRACT",
)
IN_THE_FUTURE = rule(
    "report.in-the-future",
    "A milestone is something that has happened; this one is dated in the future.",
    "Report it when it has happened, or correct the date and its zone.",
    "CONTRACT",
)
BEFORE_OPENING = rule(
    "report.before-opening",
    "The report is dated before the initiative was opened.",
    "Correct the date; what happened earlier belongs into the charter or into an import.",
    "CONTRACT",
)
REASON_REQUIRED = rule(
    "report.reason-required",
    "This milestone needs a reason.",
    "Add one with --reason.",
    "A39, F2.8",
)
CLOSED = rule(
    "initiative.closed",
    "The initiative is closed.",
    "Reopen it with initiative_reopened and a reason.",
    "E3.38",
)


def answered(now: Initiative, report: Report) -> Answered | None:
    """Return what this key was answered with before. Raises: Refused report.key-reused."""
    before = now.answered.get(report.key) if report.key else None
    if before is not None:
        require(before.digest == report.digest(), KEY_REUSED)
    return before


def decide(now: Initiative, report: Report, heard_at: datetime) -> tuple[Fact, ...]:
    """Return the facts a report leads to: itself first, then what the engine finds out because of it.

    Raises: Refused by any rule of the book; nothing has changed then.
    """
    answered(now, report)
    milestone = report.milestone()
    said = Said(by=report.by, at=report.at or heard_at, heard_at=heard_at, reason=report.reason)
    require(said.at <= heard_at + CLOCK_SKEW, IN_THE_FUTURE)
    require(said.at >= now.opened_at - CLOCK_SKEW, BEFORE_OPENING)
    require(now.closed_at is None or milestone.closed_too, CLOSED)
    require(bool(report.reason) or not milestone.needs_reason, REASON_REQUIRED)
    if milestone.stage is not None:
        status = now.stages[milestone.stage].status
        fine = status in (StageStatus.OPEN, StageStatus.DONE)
        require(fine, lifecycle.STAGE_NOT_OPEN, f"{milestone.stage} is {status}.")
    milestone.allow(now, said)
    after = milestone.apply(now, said)
    facts: list[Fact] = [milestone]
    for fact in milestone.then(now, after, said):
        facts.append(fact)
        after = fact.apply(after, said)
    return (*facts, *standing(after, said))


def standing(now: Initiative, said: Said) -> tuple[EngineFact, ...]:
    """Return what the rules that hold for ever find out now: seats that must be left, breaks, repairs."""
    found: list[EngineFact] = []
    if now.track is Track.TWO:
        for person in now.participants.values():
            if person.on_roster and person.serving:
                one = ParticipantSuspended(person=person.person, rule=composition.NO_OFFICIALS.id)
                found.append(one)
                now = one.apply(now, said)
    broken = {one.rule: one for one in composition.broken(now)}
    open_breaks = {i.rule for i in now.open_incidents if i.kind is IncidentKind.COMPOSITION}
    for id, finding in broken.items():
        if id not in open_breaks:
            found.append(CompositionBroken(rule=id, holds=id not in composition.WARNS, why=finding.why))
    found.extend(CompositionRepaired(rule=id) for id in sorted(filter(None, open_breaks)) if id not in broken)
    return tuple(found)


def tick(now: Initiative, agenda: Agenda, at: datetime) -> tuple[EngineFact, ...]:
    """Return what has come due at this moment, and what it leads to."""
    said = Said(by="engine:jisr", at=at, heard_at=at)
    facts: list[EngineFact] = []
    for due in agenda.due(at):
        facts.extend(reached(now, due, at))
    after = now
    for fact in facts:
        after = fact.apply(after, said)
    return (*facts, *standing(after, said))


def reached(now: Initiative, due: Due, at: datetime) -> tuple[EngineFact, ...]:
    """Return the facts of one rung: said, lapsed or suppressed, and what its act brings about."""
    about = dict(due.obligation.about)
    if due.act is Act.ESCALATE and due.recipient != due.obligation.owes:
        about["owes"] = due.obligation.owes  # whoever takes it up must know whom to ask
    same: dict[str, Any] = {
        "obligation": due.obligation.id,
        "ask": due.obligation.ask,
        "rung": due.rung,
        "recipient": due.recipient,
        "due_at": due.due_at,
    }
    if due.obligation.moot_after is not None and at > due.obligation.moot_after:
        return (RungLapsed(**same, collapsed=due.collapsed),)
    if due.act is Act.CHECK:
        results = composition.for_session(now, about["session"])
        looked = RungReached(**same, act=due.act, collapsed=due.collapsed, about=about)
        return (looked, CompositionChecked(session=about["session"], rung=due.rung, findings=results))
    why = silence(now, due.recipient)
    if why is not None:
        told: EngineFact = NoticeSuppressed(**same, why=why)
    else:
        told = RungReached(**same, act=due.act, collapsed=due.collapsed, about=about)
    if due.act is Act.EXPIRE and due.obligation.ask == "answer_invitation":
        return (told, InvitationExpired(person=due.obligation.owes))
    return (told,)


def evolve(now: Initiative | None, entry: Entry) -> Initiative:
    """Return the initiative after an entry; the first one opens it."""
    fact = entry.fact()
    if isinstance(fact, InitiativeOpened):
        return opening(fact.charter, entry.at)
    assert now is not None, "the first entry of a record is initiative_opened"
    after = fact.apply(now, entry.said())
    if entry.key and entry.digest:
        before = after.answered.get(entry.key)
        seq = (*before.seq, entry.seq) if before else (entry.seq,)
        after = after.put("answered", entry.key, Answered(digest=entry.digest, seq=seq))
    return after
