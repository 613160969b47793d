"""In the room and after: who may be heard first, notes without names, care, feedback, the report.

What is logged here never says who: notes and episodes are counted, their words live in the database, and no
field of theirs can carry a person.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, NamedTuple

from domain.initiative import Initiative, known
from domain.nouns import Session
from domain.obligations import Obligation, owed
from domain.record import Said
from domain.rules import require, rule
from domain.stages.session_dates import SessionMilestone, session_in
from domain.values import Id, Ids, Text
from domain.vocabulary import AttributionRule, Role, Stage

STAGE = Stage.SESSIONS
BACKFILL = timedelta(days=7)  # a session whose end is heard later than this is history, nobody is asked

# --- rules --------------------------------------------------------------------------------------------------
ONCE = rule(
    "sessions.once",
    "That stands in the record of this session already.",
    "Nothing to do.",
    "F2.8",
)
WAS_PRESENT = rule(
    "sessions.was-present",
    "Only somebody who was present gives feedback on a session.",
    "Check the id, or report attendance_recorded first.",
    "F4",
)
OFF_RECORD = rule(
    "sessions.off-record-no-notes",
    "Of an off-record segment nothing is noted.",
    "Leave it out; note what belongs to another segment there.",
    "B8",
)
PARTIES_ORDER = rule(
    "sessions.order-of-parties",
    "The speaking order names each party of the initiative once.",
    "Name every party of the charter once.",
    "A28",
)
NOT_MONITORED = rule(
    "sessions.nobody-listens",
    "The session was not reported as monitored.",
    "Report session_monitored first.",
    "B7",
)


# --- agenda -------------------------------------------------------------------------------------------------
def report_owed(s: Session) -> bool:
    """Tell whether a held session still waits for its report; history put in afterwards does not."""
    done = s.report_filed_at is not None or s.report_waived_at is not None
    return s.status == "closed" and not s.backfilled and not done


def agenda(now: Initiative, s: Session) -> Iterator[Obligation]:
    """Yield what one session asks for while somebody listens in, and after it."""
    if s.monitored and s.monitored_at and s.agenda_settled_at is None and s.status in ("scheduled", "open"):
        yield owed(
            now,
            "consider_downgrade",
            Role.FACILITATOR,
            "urgent_task",
            s.monitored_at,
            STAGE,
            s.id,
            session=s.id,
        )
    if s.status != "closed" or s.backfilled or s.closed_at is None:
        return
    for person in s.present:
        if person not in s.feedback and now.participants[person].may_be_written_to:
            yield owed(now, "give_feedback", person, "feedback", s.closed_at, STAGE, s.id, person, session=s.id)
    if report_owed(s):
        yield owed(now, "file_report", Role.RAPPORTEUR, "report", s.closed_at, STAGE, s.id, session=s.id)


# --- the balance between the parties ------------------------------------------------------------------------
class Weight(NamedTuple):
    """How much room one party had: seats, rounds in its country, and how often it spoke first."""

    seats: int
    hosted: int
    first: int


def balance(now: Initiative) -> dict[str, Weight]:
    """Return the balance between the parties, for the manager's eyes. Source: A28."""
    held = [s for s in now.sessions.values() if s.opened_at is not None]
    return {
        party.id: Weight(
            seats=sum(p.party == party.id for p in now.seated),
            hosted=sum(not s.online and s.country == party.country for s in held),
            first=sum(s.speaking_order[:1] == (party.id,) for s in held),
        )
        for party in now.charter.parties
    }


# --- milestones: before and in the room ---------------------------------------------------------------------
class VenueAttested(SessionMilestone):
    """Somebody looked at the venue and attests that it is neutral ground for every party."""

    evidence: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "scheduled", "unscheduled", "open")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, venue_attested_at=said.at)


class SessionMonitored(SessionMilestone):
    """State security sits in the room or listens in; taking the agenda down a step is offered."""

    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "scheduled", "open")
        require(not s.monitored, ONCE, f"Session {s.id} is marked as monitored.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, monitored=True, monitored_at=said.at)


class AgendaDowngradeDecided(SessionMilestone):
    """Since somebody listens in, the agenda was taken down to safe matters, or kept as it was."""

    downgraded: bool

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "scheduled", "open")
        require(s.monitored, NOT_MONITORED, f"Session {s.id}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, agenda_settled_at=said.at)


class SpeakingOrderSet(SessionMilestone):
    """The order in which the parties speak was set, so that the balance stays visible."""

    order: Ids

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "scheduled", "open")
        parties = sorted(party.id for party in now.charter.parties)
        require(sorted(self.order) == parties, PARTIES_ORDER, f"Parties: {', '.join(parties)}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, speaking_order=self.order)


class PowerBalanceNoted(SessionMilestone):
    """An imbalance of power was noted, and what was done to even it out."""

    note: Text | None = None
    measure: Literal["speaking_order", "seating", "caucus", "pre_meeting", "interpretation", "other", "none"] = "none"

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "scheduled", "open", "closed")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, balance_noted_at=said.at)


class NoteTaken(SessionMilestone):
    """A note was taken of what was said, never of who said it; the record only counts it."""

    segment: Id | None = None
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "open", "closed")
        given = [known(s.segments, self.segment, "segment")] if self.segment else list(s.segments.values())
        off = all(one.rule is AttributionRule.OFF_RECORD_NO_USE for one in given)
        require(not off, OFF_RECORD, f"Session {s.id}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, notes=now.sessions[self.session].notes + 1)


class EpisodeLogged(SessionMilestone):
    """Feelings ran high; what was offered stands here, who it was stands nowhere."""

    action: Literal["break", "support", "none"]
    note: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "open", "closed")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, episodes=now.sessions[self.session].episodes + 1)


# --- milestones: after the room -----------------------------------------------------------------------------
class FeedbackGiven(SessionMilestone):
    """Somebody who was present said how it was."""

    person: Id
    feedback: Text | None = None
    on_behalf_of_person: bool | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "open", "closed")
        require(self.person in s.present, WAS_PRESENT, f"Person {self.person}.")
        require(self.person not in s.feedback, ONCE, f"Feedback of {self.person}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, feedback=(*now.sessions[self.session].feedback, self.person))


class SessionReportFiled(SessionMilestone):
    """The rapporteur filed the report of a session, without attribution where the rule asks for it."""

    evidence: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "closed")
        require(s.report_filed_at is None, ONCE, f"The report of {s.id} is filed.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, report_filed_at=said.at)


class SessionReportWaived(SessionMilestone):
    """There will be no report of a session, with the reason why."""

    needs_reason = True

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "closed")
        require(s.report_filed_at is None, ONCE, f"The report of {s.id} is filed.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, report_waived_at=said.at)
