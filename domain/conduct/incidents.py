"""Incidents: what went wrong, who is at risk by it, and what it holds until it is resolved.

A breach tightens what follows and freezes what was breached; those at risk are told by a person they trust.
No message goes to them from here: it might be the one that gives them away. A breach may come after the end.
"""

from collections.abc import Iterator
from typing import Literal

from domain.initiative import Initiative, known
from domain.nouns import Incident
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.attribution import MARK, default_tightened, tightened
from domain.values import Id, Ids, Text
from domain.vocabulary import AttributionRule, IncidentKind, Role

LEAST = AttributionRule.NO_DISCLOSURE_OF_ATTENDANCE  # what follows a breach is at least this strict
BREACHES = (IncidentKind.LEAK, IncidentKind.BREACH_OF_RULE, IncidentKind.MEDIA)

# --- rules --------------------------------------------------------------------------------------------------
NEW_ID = rule(
    "incidents.new-id",
    "Each incident has an id of its own.",
    "Choose another id, or leave it out and one is made.",
    "F2.8",
)
OPEN = rule(
    "incidents.still-open",
    "The incident is resolved already.",
    "Report a new incident if something else happened.",
    "F2.8",
)
AT_RISK = rule(
    "incidents.at-risk",
    "Somebody told by a safe channel is one of those at risk, and is told once.",
    "Check the ids with `jisr show ID`.",
    "E3.16",
)
TOLD_FIRST = rule(
    "incidents.told-first",
    "An incident is resolved after everybody at risk was told by a channel that is safe for them.",
    "Tell them in person or by phone, and report person_told_safely for each.",
    "E3.16, B7",
)


# --- agenda -------------------------------------------------------------------------------------------------
def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what open incidents ask of the team; never of the people at risk themselves."""
    for one in now.open_incidents:
        if one.kind is IncidentKind.COMPOSITION:
            yield from _composition(now, one)
            continue
        about = {"incident": one.id, **({"session": one.session} if one.session else {})}
        if untold(now, one):
            who = now.holder(Role.SECURITY_ADVISER)
            by = Role.MANAGER if who in one.at_risk else Role.SECURITY_ADVISER
            yield _asked(now, "tell_people_at_risk", by, "urgent_task", one, one.id, **about)
        ladder = "urgent_task" if one.holds else "task"
        yield _asked(now, "resolve_incident", Role.MANAGER, ladder, one, one.id, **about)


def _composition(now: Initiative, one: Incident) -> Iterator[Obligation]:
    """Yield the repair of a broken rule; it may break again, so each time is an occasion of its own."""
    if one.holds and one.rule and now.closed_at is None:
        ids = (one.rule, one.opened_at.strftime("%Y%m%dT%H%M%S"))
        yield _asked(now, "repair_composition", Role.MANAGER, "urgent_task", one, *ids, broken=one.rule)


def _asked(now: Initiative, ask: str, by: Role, ladder: str, one: Incident, *ids: str, **about: str) -> Obligation:
    return owed(now, ask, by, ladder, one.opened_at, now.stage, *ids, moot_after=None, **about)


def untold(now: Initiative, one: Incident) -> tuple[str, ...]:
    """Return those at risk who were not told yet; the dead and the erased cannot be."""
    gone = {p.person for p in now.participants.values() if p.erased or p.standing == "died"}
    return tuple(person for person in one.at_risk if person not in one.told and person not in gone)


def must_be_quiet(now: Initiative) -> bool:
    """Tell whether messages must disclose nothing now, whatever the charter says: a breach is open."""
    return any(one.kind in BREACHES for one in now.open_incidents)


# --- milestones ---------------------------------------------------------------------------------------------
def _made(now: Initiative, given: str | None) -> str:
    """Return the id of a new incident: the given one, or the next free number."""
    number = len(now.incidents) + 1
    while given is None and f"incident-{number}" in now.incidents:
        number += 1
    return given or f"incident-{number}"


class BreachReported(Milestone):
    """A rule of the room was breached; the segment is frozen, what follows is stricter, a gate waits."""

    closed_too = True
    session: Id
    segment: Id = "main"
    breach: Literal["leak", "breach_of_rule", "media"]
    at_risk: Ids = ()
    incident: Id | None = None
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        known(known(now.sessions, self.session, "session").segments, self.segment, "segment")
        require(self.incident not in now.incidents, NEW_ID, f"Incident {self.incident}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        session = tightened(now.sessions[self.session], LEAST, since=self.segment)
        frozen = session.segments[self.segment].but(breached_at=said.at)
        segments = {**session.segments, self.segment: frozen}
        now = now.put("sessions", self.session, session.but(segments=segments))
        for other in now.sessions.values():
            if other.id != self.session and other.status not in ("closed", "cancelled"):
                now = now.put("sessions", other.id, tightened(other, LEAST))
        now = default_tightened(now, LEAST)
        now = now if MARK in now.marks else now.mark(MARK, said.at)
        made = Incident(
            id=_made(now, self.incident),
            kind=IncidentKind(self.breach),
            opened_at=said.at,
            session=self.session,
            segment=self.segment,
            holds=True,
            at_risk=self.at_risk,
        )
        return now.put("incidents", made.id, made)


class IncidentReported(Milestone):
    """Something happened that touches people's safety, or that somebody listens in, or else."""

    closed_too = True
    what: Literal["safety", "monitoring", "other"]
    session: Id | None = None
    at_risk: Ids = ()
    holds: bool = False
    incident: Id | None = None
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        if self.session is not None:
            known(now.sessions, self.session, "session")
        require(self.incident not in now.incidents, NEW_ID, f"Incident {self.incident}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        made = Incident(
            id=_made(now, self.incident),
            kind=IncidentKind(self.what),
            opened_at=said.at,
            session=self.session,
            holds=self.holds,
            at_risk=self.at_risk,
        )
        return now.put("incidents", made.id, made)


class PersonToldSafely(Milestone):
    """Somebody at risk was told of it by a channel that is safe for them, never by this system."""

    closed_too = True
    incident: Id
    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        one = known(now.incidents, self.incident, "incident")
        require(one.open, OPEN, f"Incident {one.id}.")
        require(self.person in untold(now, one), AT_RISK, f"Person {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        told = (*now.incidents[self.incident].told, self.person)
        return now.change("incidents", self.incident, told=told)


class IncidentResolved(Milestone):
    """An incident is dealt with, with the reason why it holds nothing more; what it tightened stays."""

    closed_too = True
    needs_reason = True
    incident: Id

    def allow(self, now: Initiative, said: Said) -> None:
        one = known(now.incidents, self.incident, "incident")
        require(one.open, OPEN, f"Incident {one.id}.")
        waiting = untold(now, one)
        require(not waiting, TOLD_FIRST, f"Not yet told: {', '.join(waiting)}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.change("incidents", self.incident, resolved_at=said.at)
