"""Getting people to a session: visas, tickets, papers, briefing, and paying back what they spent.

Whoever lives in another country than the session's needs a visa and a ticket; online nobody does. Money goes
only to payees that were screened clear, in cash or otherwise.
"""

from collections.abc import Iterator
from datetime import date, datetime

from domain.composition import at_table
from domain.initiative import Initiative, known
from domain.nouns import Participant, Session
from domain.obligations import Obligation, owed
from domain.record import Said
from domain.rules import require, rule
from domain.stages.payees import clear_payee
from domain.stages.session_dates import SessionMilestone, counted_back, ends_at, session_in
from domain.values import Id, Ids
from domain.vocabulary import Role, Stage, Track
from domain.working_days import add_months

STAGE = Stage.SESSIONS

# --- rules --------------------------------------------------------------------------------------------------
IN_PERSON = rule(
    "sessions.in-person",
    "A session online needs neither visas nor tickets.",
    "Leave it out, or schedule the session in person.",
    "B3",
)
SEATED_TRAVELLER = rule(
    "sessions.travels-when-seated",
    "Visas and tickets are arranged for people who are seated.",
    "Invite the person and report their acceptance first.",
    "B3",
)
VISA_REFUSED = rule(
    "sessions.visa-was-refused",
    "Only somebody whose visa was refused is replaced for a session.",
    "Report visa_refused first.",
    "E3.8",
)
ALTERNATE = rule(
    "sessions.alternate-vetted",
    "An alternate comes from the reserve list of the same party, with a vetting still valid that day.",
    "Choose somebody else of the reserve list, or have the person vetted again.",
    "E3.8",
)


# --- who travels --------------------------------------------------------------------------------------------
def travels(p: Participant, s: Session) -> bool:
    """Tell whether this person crosses a border for this session."""
    return not s.online and p.country.partition("-")[0] != s.country.partition("-")[0]


def travellers(now: Initiative, s: Session) -> tuple[Participant, ...]:
    """Return the seated who cross a border for this session and were not refused a visa."""
    return tuple(p for p in at_table(now, s.id) if travels(p, s) and s.visas.get(p.person) != "refused")


def valid_on(now: Initiative, p: Participant, day: date) -> bool:
    """Tell whether this person's vetting will still be good on that day. Source: E3.8, F4."""
    at = p.vetted_at
    return at is not None and add_months(at.date(), now.charter.patience.vetting_months) >= day


def could_replace(now: Initiative, s: Session, gone: Participant, p: Participant) -> bool:
    """Tell whether p may come in for somebody: same party, known and vetted, and allowed at this table."""
    day = s.ends_on()
    fits = p.person != gone.person and p.party == gone.party and p.standing in ("reserve", "cleared", "invited")
    return fits and day is not None and valid_on(now, p, day) and not (now.track is Track.TWO and p.serving)


def alternates(now: Initiative, session: str, person: str) -> tuple[str, ...]:
    """Return who of the reserve list may come in for this person, those whose vetting lasts longest first."""
    s, gone = now.sessions[session], now.participants[person]
    able = [p for p in now.participants.values() if p.standing == "reserve" and could_replace(now, s, gone, p)]
    able = [p for p in able if p.may_be_written_to and not (travels(p, s) and s.visas.get(p.person) == "refused")]
    return tuple(p.person for p in sorted(able, key=lambda p: (str(p.vetted_at), p.person), reverse=True))


# --- agenda -------------------------------------------------------------------------------------------------
def before(now: Initiative, s: Session) -> Iterator[Obligation]:
    """Yield what must be ready before the first day."""
    going = travellers(now, s)
    for p in going:
        if p.person not in s.visas and p.may_be_written_to:
            yield counted_back(now, s, "send_visa_data", p.person, "visa_data", p.person)
    if any(p.person not in s.tickets for p in going):
        yield counted_back(now, s, "book_tickets", Role.LOGISTICS, "tickets")
    if s.papers_sent_at is None:
        yield counted_back(now, s, "send_papers", Role.FACILITATOR, "papers")
    if s.security_briefed_at is None:
        yield counted_back(now, s, "brief_security", Role.SECURITY_ADVISER, "security_brief")
    for person, at in s.visa_refused_at.items():
        if person not in s.replaced and s.visas.get(person) == "refused":
            yield _replacement(now, s, person, at)


def _replacement(now: Initiative, s: Session, person: str, at: datetime) -> Obligation:
    offered = alternates(now, s.id, person)[:3]
    about = {"session": s.id, "person": person, **({"alternates": ",".join(offered)} if offered else {})}
    ask, ladder, over = "replace_participant", "urgent_task", ends_at(s)
    return owed(now, ask, Role.MANAGER, ladder, at, STAGE, s.id, person, moot_after=over, **about)


def after(now: Initiative, s: Session) -> Iterator[Obligation]:
    """Yield what is paid back after a session held in person."""
    if s.closed_at is None or s.reimbursements_done_at is not None:
        return
    if any(travels(now.participants[one], s) and one not in s.reimbursed for one in s.present):
        yield owed(now, "reimburse", Role.LOGISTICS, "reimbursement", s.closed_at, STAGE, s.id, session=s.id)


# --- milestones ---------------------------------------------------------------------------------------------
def _traveller(now: Initiative, session: str, person: str) -> None:
    """Return if this person travels to a session in person. Raises: Refused."""
    s = session_in(now, session, "scheduled", "unscheduled", "open")
    require(not s.online, IN_PERSON, f"Session {session}.")
    known(now.participants, person, "participant")
    require(person in {p.person for p in at_table(now, session)}, SEATED_TRAVELLER, f"Person {person}.")


class VisaMilestone(SessionMilestone, abstract=True):
    """What the milestones about one person's visa for one session share."""

    person: Id

    def allow(self, now: Initiative, said: Said) -> None:
        _traveller(now, self.session, self.person)

    def stands(self, now: Initiative, how: str) -> Initiative:
        return self.changed(now, visas={**now.sessions[self.session].visas, self.person: how})


class VisaDataGiven(VisaMilestone):
    """Somebody handed in what the visa needs: passport name, dates, sponsor."""

    on_behalf_of_person: bool | None = None

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.stands(now, "given")


class VisaGranted(VisaMilestone):
    """Somebody's visa for a session was granted."""

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.stands(now, "granted")


class VisaRefused(VisaMilestone):
    """Somebody's visa for a session was refused; the reserve list is offered."""

    def apply(self, now: Initiative, said: Said) -> Initiative:
        at = {**now.sessions[self.session].visa_refused_at, self.person: said.at}
        return self.stands(now.change("sessions", self.session, visa_refused_at=at), "refused")


class ReplacementDecided(SessionMilestone):
    """For somebody whose visa was refused an alternate comes to this session, or the seat stays empty."""

    person: Id
    alternate: Id | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "scheduled", "unscheduled")
        gone = known(now.participants, self.person, "participant")
        require(s.visas.get(self.person) == "refused", VISA_REFUSED, f"Person {self.person}.")
        if self.alternate is not None:
            other = known(now.participants, self.alternate, "participant")
            require(could_replace(now, s, gone, other), ALTERNATE, f"Person {self.alternate}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        replaced = {**now.sessions[self.session].replaced, self.person: self.alternate}
        return self.changed(now, replaced=replaced)


class TicketsBooked(SessionMilestone):
    """Tickets to a session were booked for these people."""

    people: Ids

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "scheduled", "unscheduled", "open")
        for person in self.people:
            _traveller(now, self.session, person)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        every = dict.fromkeys((*now.sessions[self.session].tickets, *self.people))
        return self.changed(now, tickets=tuple(every))


class PapersSent(SessionMilestone):
    """The papers of a session went out to those seated."""

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "scheduled", "unscheduled", "open")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, papers_sent_at=said.at)


class SecurityBriefed(SessionMilestone):
    """The security brief of a session was given: the way there, phones, what not to carry."""

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "scheduled", "unscheduled", "open")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, security_briefed_at=said.at)


class ReimbursementPaid(SessionMilestone):
    """What somebody spent on a session was paid back, to a payee screened clear."""

    person: Id
    payee: Id
    cash: bool = False

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "open", "closed")
        known(now.participants, self.person, "participant")
        clear_payee(now, self.payee)  # in cash or otherwise

    def apply(self, now: Initiative, said: Said) -> Initiative:
        paid = dict.fromkeys((*now.sessions[self.session].reimbursed, self.person))
        return self.changed(now, reimbursed=tuple(paid))


class ReimbursementsSettled(SessionMilestone):
    """Nobody has anything more to claim for a session."""

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "closed")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, reimbursements_done_at=said.at)
