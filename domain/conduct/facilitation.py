"""Facilitation: who sits in the chair, declared neutral session by session, open to objection.

Whoever facilitates has no seat at the table. When facilitators change, the old ones stay listed for the time
they served and their declarations for sessions ahead fall away. The handover note is a matter of roles.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from domain.initiative import Initiative, known
from domain.nouns import Objection, Session
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.session_dates import session_in
from domain.values import Id, Text
from domain.vocabulary import Role, Stage

CHAIRS = (Role.FACILITATOR, Role.CO_FACILITATOR)
Chair = Literal["facilitator", "co_facilitator"]
AHEAD = ("scheduled", "unscheduled")

# --- rules --------------------------------------------------------------------------------------------------
HOLDS_ROLE = rule(
    "facilitation.holds-role",
    "Only whoever facilitates now declares neutrality, and only a filled chair can be left.",
    "Report facilitator_appointed first.",
    "A67, E3.14",
)
NEW_HOLDER = rule(
    "facilitation.new-holder",
    "That person sits in this chair already.",
    "Nothing to do.",
    "F2.8",
)
NOT_AT_TABLE = rule(
    "facilitation.not-at-the-table",
    "Whoever facilitates has no seat at the table and hosts no session that is still ahead.",
    "Choose somebody else, or let the person leave the roster first.",
    "A24, A65, B4",
)
PARTY = rule(
    "facilitation.party-of-ours",
    "An objection comes from a party of this initiative, or from one that stays unnamed.",
    "Leave party= out, or name a party of the charter.",
    "E3.15",
)
OBJECTION_ONCE = rule(
    "facilitation.objection-once",
    "That objection stands in the record already.",
    "Choose another id, or leave it out and one is made; an objection is resolved once.",
    "F2.8",
)


# --- agenda -------------------------------------------------------------------------------------------------
def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what the chair asks for: somebody to take it, an answer to objections."""
    if now.closed_at is not None:
        return
    left = [one for one in now.former_roles if one[0] in CHAIRS]
    ahead = [s for s in now.sessions.values() if s.status in ("scheduled", "open")]
    if ahead and Role.FACILITATOR not in now.roles:
        since = max((at for role, _, at in left if role is Role.FACILITATOR), default=None)
        began = min(s.scheduled_at or now.opened_at for s in ahead)
        vacant = max(since, began) if since else began
        yield _asked(now, "appoint_facilitator", vacant, "urgent_task", str(len(left)))
    for s in now.sessions.values():
        if s.status in (*AHEAD, "open"):
            yield from _objections(now, s)


def _objections(now: Initiative, s: Session) -> Iterator[Obligation]:
    for one in s.objections.values():
        if one.resolved_at is None:
            about = {"session": s.id, "objection": one.id}
            yield _asked(now, "resolve_objection", one.at, "urgent_task", s.id, one.id, **about)


def _asked(now: Initiative, ask: str, since: datetime, ladder: str, *ids: str, **about: str) -> Obligation:
    return owed(now, ask, Role.MANAGER, ladder, since, Stage.SESSIONS, *ids, moot_after=None, **about)


# --- milestones: neutrality ---------------------------------------------------------------------------------
class NeutralityDeclared(Milestone):
    """A facilitator declared to be neutral towards every party, for this one session."""

    session: Id
    person: Id
    on_behalf_of_person: bool | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, *AHEAD, "open")
        chairs = [now.roles.get(chair) for chair in CHAIRS]
        require(self.person in chairs, HOLDS_ROLE, f"Person {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        declared = {**now.sessions[self.session].neutrality, self.person: said.at}
        return now.change("sessions", self.session, neutrality=declared)


class NeutralityObjected(Milestone):
    """A party objects to the facilitator of a session; which party may stay unnamed."""

    session: Id
    objection: Id | None = None
    party: Id | None = None
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, *AHEAD, "open")
        require(self.party is None or now.party(self.party) is not None, PARTY, f"Party {self.party}.")
        require(self.objection not in s.objections, OBJECTION_ONCE, f"Objection {self.objection}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        before = now.sessions[self.session].objections
        number = len(before) + 1
        while self.objection is None and f"objection-{number}" in before:
            number += 1
        id = self.objection or f"objection-{number}"
        made = Objection(id=id, at=said.at, party=self.party)
        return now.change("sessions", self.session, objections={**before, id: made})


class ObjectionResolved(Milestone):
    """An objection to the facilitator was talked over and settled, with the reason."""

    needs_reason = True
    session: Id
    objection: Id

    def allow(self, now: Initiative, said: Said) -> None:
        objections = known(now.sessions, self.session, "session").objections
        one = known(objections, self.objection, "objection")
        require(one.resolved_at is None, OBJECTION_ONCE, f"Objection {one.id} is resolved.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        before = now.sessions[self.session].objections
        after = {**before, self.objection: before[self.objection].but(resolved_at=said.at)}
        return now.change("sessions", self.session, objections=after)


# --- milestones: the chair ----------------------------------------------------------------------------------
def _vacated(now: Initiative, role: Role, said: Said) -> Initiative:
    """Return the initiative with a chair left: listed as former, nothing declared for sessions ahead."""
    person = now.roles.get(role)
    if person is None:
        return now
    roles = {one: holder for one, holder in now.roles.items() if one is not role}
    now = now.but(roles=roles, former_roles=(*now.former_roles, (role, person, said.at)))
    if person in (roles.get(chair) for chair in CHAIRS):
        return now
    for s in now.sessions.values():
        if s.status in AHEAD and person in s.neutrality:
            still = {one: at for one, at in s.neutrality.items() if one != person}
            now = now.change("sessions", s.id, neutrality=still)
    return now


class FacilitatorSteppedDown(Milestone):
    """A facilitator left the chair, at once; for past sessions they stay listed."""

    role: Chair = "facilitator"

    def allow(self, now: Initiative, said: Said) -> None:
        require(Role(self.role) in now.roles, HOLDS_ROLE, f"Nobody is {self.role}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return _vacated(now, Role(self.role), said)


class FacilitatorAppointed(Milestone):
    """Somebody took the chair; whoever sat there left it with that, and neutrality is declared anew."""

    person: Id
    role: Chair = "facilitator"

    def allow(self, now: Initiative, said: Said) -> None:
        require(now.roles.get(Role(self.role)) != self.person, NEW_HOLDER, f"Person {self.person}.")
        there = now.participants.get(self.person)
        at_table = there is not None and there.on_roster
        hosts = [s.id for s in now.sessions.values() if s.host == self.person and s.status in AHEAD]
        require(not at_table and not hosts, NOT_AT_TABLE, f"Person {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        role = Role(self.role)
        now = _vacated(now, role, said)
        now = now.but(roles={**now.roles, role: self.person})
        return now.but(facilitator_since=said.at) if role is Role.FACILITATOR else now


class FacilitatorProfileRecorded(Milestone):
    """What a facilitator brings was put down with evidence: knowledge, understanding, neutrality."""

    person: Id
    contextual_knowledge: Text
    cultural_understanding: Text
    political_neutrality: Text

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.mark(f"facilitator_profile:{self.person}", said.at)
