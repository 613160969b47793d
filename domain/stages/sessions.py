"""Sessions: people meet behind closed doors, in a composition that holds, with somebody neutral in the chair.

A session's own gate is its opening: whoever is present is seated, has accepted the terms, and is enough; the
facilitators have declared themselves neutral for this session; nothing holds. The stage's gate asks that
people have met and that what came of it is written down.

The room is spread over four files: session_dates (when), this one (opening to closing), session_room (what
happens in it and after), session_logistics (visas to reimbursement); attribution says what may be told of it.
"""

from collections.abc import Iterable, Iterator

from domain import composition
from domain.checklists import gate_finding
from domain.composition import QUORUM
from domain.engine_facts import CompositionChecked
from domain.initiative import Initiative
from domain.nouns import Finding, Session
from domain.obligations import Obligation
from domain.record import EngineFact, Said
from domain.rules import require, rule
from domain.stages import session_dates, session_logistics, session_room
from domain.stages.session_dates import REVIEW, SessionMilestone, counted_back, session_in
from domain.stages.session_room import BACKFILL
from domain.values import Ids
from domain.vocabulary import Role, Stage

PURPOSE = "People meet, safely and off the record, and what came of it is written down."
STAGE = Stage.SESSIONS

# --- rules --------------------------------------------------------------------------------------------------
HELD = rule(
    "sessions.one-held",
    "At least one session has been held.",
    "Report session_opened and session_closed.",
    "B3",
)
NONE_OPEN = rule(
    "sessions.none-open",
    "No session is going on.",
    "Report session_closed.",
    "B3",
)
REPORTS = rule(
    "sessions.reports-filed",
    "Every session has its report, or somebody said why there is none.",
    "Report session_report_filed, or session_report_waived with a reason.",
    "B3, F4",
)
SEATED_ONLY = rule(
    "sessions.seated-only",
    "Only those who were vetted, invited and have accepted sit in the room.",
    "Invite the person and report their acceptance, or leave them out of present=.",
    "B3, F2.5",
)
TERMS = rule(
    "sessions.terms-accepted",
    "Everybody present has accepted the terms of the safe space.",
    "Have the terms accepted (terms_accepted) before the session begins.",
    "A68",
)
PERSONAL = rule(
    "sessions.personal-capacity",
    "Every official present has attested to sit in personal capacity.",
    "Report personal_capacity_attested for each official named.",
    "A4",
)
COMPOSITION = rule(
    "sessions.composition-holds",
    "A session opens only while the composition holds and no incident holds the gate.",
    "Repair the composition (see `jisr show ID`), or resolve the incident; sessions held stay as they are.",
    "F2.4, F2.5, E3.26",
)
NEUTRALITY = rule(
    "sessions.neutrality-declared",
    "Somebody facilitates, and everybody who does has declared neutrality for this very session.",
    "Report neutrality_declared for each facilitator, or facilitator_appointed when there is none.",
    "A67, E3.14",
)
OBJECTION = rule(
    "sessions.objection-open",
    "An objection to the facilitator stands open.",
    "Talk with the party, then report objection_resolved with a reason.",
    "A67, E3.15",
)
VENUE = rule(
    "sessions.venue-attested",
    "The neutrality of the venue has been attested; a session online needs no venue.",
    "Report venue_attested for the session.",
    "A18",
)
ABSENT = rule(
    "sessions.leaves-who-is-there",
    "Only somebody who is in the room can leave it.",
    "Check the ids; report arrivals with arrived=.",
    "A28",
)


# --- requirements and agenda --------------------------------------------------------------------------------
def requirements(now: Initiative) -> Iterator[Finding]:
    """Yield what the gate needs. Rules: sessions.one-held, sessions.none-open, sessions.reports-filed."""
    every = now.sessions.values()
    held = [s.id for s in every if s.status == "closed"]
    yield Finding(rule=HELD.id, met=bool(held), why=f"{len(held)} held.")
    going_on = [s.id for s in every if s.status == "open"]
    yield Finding(rule=NONE_OPEN.id, met=not going_on, why=_list("Open", going_on))
    without = [s.id for s in every if session_room.report_owed(s)]
    yield Finding(rule=REPORTS.id, met=not without, why=_list("Without", without))
    yield from gate_finding(now, STAGE)


def _list(what: str, ids: list[str]) -> str:
    return f"{what}: {', '.join(ids)}." if ids else ""


def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what sessions ask for: of their dates, before the first day, and after the last."""
    yield from session_dates.agenda(now)
    for session in now.sessions.values():
        if session.status == "scheduled" and session.starts is not None:
            yield from _before(now, session)
            yield from session_logistics.before(now, session)
        yield from session_room.agenda(now, session)
        if session.status == "closed" and not session.backfilled:
            yield from session_logistics.after(now, session)


def _before(now: Initiative, s: Session) -> Iterator[Obligation]:
    """Yield what must stand before a session opens. The ids carry no date: what was said once stays said.

    Only the composition check, which is no message, is made anew for a new date.
    """
    again = (str(s.moves),) if s.moves else ()
    yield counted_back(now, s, "check_composition", Role.MANAGER, "composition_check", *again)
    for person in facilitators(now):
        if person not in s.neutrality:
            yield counted_back(now, s, "declare_neutrality", person, "neutrality", person)
    if not s.online and s.venue_attested_at is None:
        yield counted_back(now, s, "attest_venue", Role.MANAGER, "venue")
    for p in session_dates.reachable(now, s.id):
        yield counted_back(now, s, "final_note", p.person, "final_note", p.person)


def facilitators(now: Initiative) -> tuple[str, ...]:
    """Return who facilitates now, each once."""
    found = (now.roles.get(Role.FACILITATOR), now.roles.get(Role.CO_FACILITATOR))
    return tuple(dict.fromkeys(person for person in found if person is not None))


# --- the session's gate -------------------------------------------------------------------------------------
def may_sit(now: Initiative, session: str, people: Iterable[str]) -> None:
    """Return if all of these may sit in the room of this session. Raises: Refused."""
    people = tuple(people)
    seated = {p.person: p for p in composition.at_table(now, session)}
    strangers = [person for person in people if person not in seated]
    require(not strangers, SEATED_ONLY, _list("Not seated", strangers))
    no_terms = [person for person in people if seated[person].terms_accepted_at is None]
    require(not no_terms, TERMS, _list("Not yet", no_terms))
    for_office = [one for one in people if seated[one].serving and seated[one].attested_on is None]
    require(not for_office, PERSONAL, _list("Not yet", for_office))


def unmet(now: Initiative) -> list[Finding]:
    """Return the rules of composition that are broken: of the roster, and of the table for those seated."""
    table = {composition.NO_OFFICIALS.id, composition.AN_OFFICIAL.id, composition.A_NON_OFFICIAL.id}
    every = {f.rule: f for f in composition.findings(now) if f.rule not in composition.WARNS}
    every |= {f.rule: f for f in composition.findings(now, now.seated) if f.rule in table and not f.met}
    return [one for one in every.values() if not one.met]


class SessionOpened(SessionMilestone):
    """A session began with these people in the room; the engine keeps what its gate saw."""

    present: Ids

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "scheduled")
        require(not s.review_needed, REVIEW, f"Postponed {s.postponements} times.")
        may_sit(now, self.session, self.present)
        holding = [one.id for one in now.open_incidents if one.holds]
        require(not holding, COMPOSITION, _list("Held by", holding))
        broken = unmet(now)
        require(not broken, COMPOSITION, " ".join(f"{f.rule}: {f.why}".strip() for f in broken))
        short = [f.why for f in composition.quorum(now, self.session, self.present) if not f.met]
        require(not short, QUORUM, " ".join(short))
        there = facilitators(now)
        require(bool(there), NEUTRALITY, "Nobody facilitates.")
        undeclared = [person for person in there if person not in s.neutrality]
        require(not undeclared, NEUTRALITY, _list("Not yet", undeclared))
        objections = [one.id for one in s.objections.values() if one.resolved_at is None]
        require(not objections, OBJECTION, _list("Open", objections))
        require(s.online or s.venue_attested_at is not None, VENUE, f"Session {s.id}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, status="open", opened_at=said.at, present=self.present)

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        seen = (*composition.findings(before), *composition.quorum(before, self.session, self.present))
        return (CompositionChecked(session=self.session, rung=GATE_RUNG, findings=seen),)


GATE_RUNG = -1  # a check made by the session's gate and not by a rung


class AttendanceRecorded(SessionMilestone):
    """People came late or left early; who was present at any time stays so."""

    arrived: Ids = ()
    left: Ids = ()

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "open")
        may_sit(now, self.session, self.arrived)
        there = {*s.present, *self.arrived} - (set(s.left) - set(self.arrived))
        strangers = [person for person in self.left if person not in there]
        require(not strangers, ABSENT, _list("Not there", strangers))

    def apply(self, now: Initiative, said: Said) -> Initiative:
        s = now.sessions[self.session]
        gone = [person for person in s.left if person not in self.arrived]
        present, left = dict.fromkeys((*s.present, *self.arrived)), dict.fromkeys((*gone, *self.left))
        return self.changed(now, present=tuple(present), left=tuple(left))


class SessionClosed(SessionMilestone):
    """A session ended. Heard more than a week late it is a backfill: nobody is asked for anything."""

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "open")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        late = said.heard_at - said.at > BACKFILL
        return self.changed(now, status="closed", closed_at=said.at, backfilled=late)
