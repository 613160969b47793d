"""When sessions are: scheduled, moved, without a date, called off. The base the other session rooms stand on.

Wall time and zone are kept. Everything counted back from the first day follows the date by itself, since the
agenda is derived; what was said once is not said again for a new date.
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from domain.composition import at_table
from domain.initiative import Initiative, known
from domain.nouns import Participant, Segment, Session
from domain.obligations import Obligation, owed
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.stages.attribution import CLOSED_DOOR, DEFINED_ONCE, FLOOR, floor, may_be_public
from domain.values import Country, Id, Text
from domain.vocabulary import AttributionRule, Role, Stage
from domain.working_days import known_zone

STAGE = Stage.SESSIONS

# --- rules --------------------------------------------------------------------------------------------------
STATUS = rule(
    "sessions.status",
    "The session does not stand where this milestone needs it.",
    "See where it stands with `jisr show ID`; move a scheduled session with session_postponed or "
    "session_brought_forward.",
    "E3.6, E3.36",
)
LATER = rule(
    "sessions.later-date",
    "A postponed session begins later than before.",
    "Give a later date, report session_brought_forward for an earlier one, or session_unscheduled for none.",
    "E3.6",
)
EARLIER = rule(
    "sessions.earlier-date",
    "A session that is brought forward begins earlier than before.",
    "Give an earlier date, or report session_postponed with a reason for a later one.",
    "E3.7",
)
REVIEW = rule(
    "sessions.review-after-postponements",
    "A session postponed so often is reviewed before it gets another date or opens.",
    "Ask what keeps the parties from meeting, then report session_reviewed.",
    "E3.6",
)
NO_REVIEW = rule(
    "sessions.no-review-due",
    "No review of this session is due.",
    "Nothing to do: a review is forced only after several postponements.",
    "E3.6",
)
HOST_APART = rule(
    "sessions.host-does-not-facilitate",
    "Host and mediator are separate roles.",
    "Name another host, or let somebody else facilitate.",
    "A24",
)


# --- what the other rooms ask -------------------------------------------------------------------------------
def session_in(now: Initiative, session: str, *statuses: str) -> Session:
    """Return a session that stands in one of these statuses. Raises: Refused."""
    found = known(now.sessions, session, "session")
    require(found.status in statuses, STATUS, f"Session {session} is {found.status}.")
    return found


def ends_at(session: Session) -> datetime | None:
    """Return the end of the last local day: after it nothing counted back from the session has a point."""
    last = session.ends_on()
    return datetime.combine(last + timedelta(days=1), time.min, ZoneInfo(session.zone)) if last else None


def counted_back(now: Initiative, s: Session, ask: str, by: Role | str, ladder: str, *ids: str) -> Obligation:
    """Write an obligation counted back from a session's first day; its id carries no date."""
    first = s.starts_at()
    assert first is not None, "only a session with a date is counted back from"
    return owed(now, ask, by, ladder, first, STAGE, s.id, *ids, moot_after=ends_at(s), session=s.id)


def reachable(now: Initiative, session: str) -> tuple[Participant, ...]:
    """Return those with a seat in this session who may be written to."""
    return tuple(p for p in at_table(now, session) if p.may_be_written_to)


def hosting_rounds(now: Initiative) -> dict[str, int]:
    """Return how many rounds each host has held. Source: A24."""
    rounds: dict[str, int] = {}
    for one in now.sessions.values():
        if one.host is not None and one.opened_at is not None:
            rounds[one.host] = rounds.get(one.host, 0) + 1
    return rounds


# --- agenda -------------------------------------------------------------------------------------------------
def agenda(now: Initiative) -> Iterator[Obligation]:
    """Yield what a new, moved, dropped or much postponed date asks for. No note carries a date."""
    for s in now.sessions.values():
        if s.status == "scheduled":
            yield from _first_notes(now, s)
        if s.moved_at is None or s.status in ("open", "closed"):
            continue
        if s.review_needed and s.status != "cancelled":
            ids = (s.id, str(s.postponements))
            yield owed(now, "review_session", Role.MANAGER, "urgent_task", s.moved_at, STAGE, *ids, session=s.id)
        if s.status == "unscheduled":
            ids = (s.id, str(s.moves))
            yield owed(now, "reschedule_session", Role.MANAGER, "task", s.moved_at, STAGE, *ids, session=s.id)
        yield from _notes(now, s, s.moved_at)


def _first_notes(now: Initiative, s: Session) -> Iterator[Obligation]:
    """Yield the date, told to each who never knew an older one: once, since whichever came last, seat or date."""
    for p in reachable(now, s.id):
        if s.moved_at is None or _sat_down_after(p, s.moved_at):
            since = max(at for at in (s.scheduled_at, p.answered_at, s.moved_at) if at is not None)
            ids = (s.id, p.person)
            yield owed(now, "note_date", p.person, "tell", since, STAGE, *ids, moot_after=ends_at(s), session=s.id)


def _notes(now: Initiative, s: Session, moved_at: datetime) -> Iterator[Obligation]:
    asks = {"scheduled": "note_new_date", "unscheduled": "note_no_date", "cancelled": "note_cancelled"}
    over = ends_at(s) if s.status == "scheduled" else None
    for p in reachable(now, s.id):
        if not _sat_down_after(p, moved_at):
            ids = (s.id, str(s.moves), p.person)
            yield owed(now, asks[s.status], p.person, "tell", moved_at, STAGE, *ids, moot_after=over, session=s.id)


def _sat_down_after(p: Participant, moved_at: datetime) -> bool:
    return p.answered_at is not None and p.answered_at > moved_at


# --- milestones ---------------------------------------------------------------------------------------------
def _wall(given: datetime) -> datetime:
    if given.tzinfo is not None:
        raise ValueError("write the time on the wall there, without an offset; the zone is a field of its own")
    return given


def _zone(given: str) -> str:
    if not known_zone(given):
        raise ValueError("no known time zone; write it as in Asia/Baghdad")
    return given


def _pairs(given: Any) -> Any:
    """Take `opening:public,talks:chatham_house` from a command line."""
    if isinstance(given, str):
        return dict(part.strip().partition(":")[::2] for part in given.split(",") if part.strip())
    return given


WallTime = Annotated[datetime, AfterValidator(_wall)]
Zone = Annotated[str, AfterValidator(_zone)]
Segments = Annotated[dict[Id, AttributionRule], BeforeValidator(_pairs)]


class SessionMilestone(Milestone, abstract=True):
    """What all milestones about one session share."""

    stage = STAGE
    session: Id

    def changed(self, now: Initiative, **changes: Any) -> Initiative:
        return now.change("sessions", self.session, **changes)

    def moved(self, now: Initiative, said: Said, **changes: Any) -> Initiative:
        return self.changed(now, moved_at=said.at, moves=now.sessions[self.session].moves + 1, **changes)


class SessionScheduled(SessionMilestone):
    """A session got its date, as wall time in its zone; it is one segment under the charter's rule."""

    starts: WallTime
    zone: Zone | None = None
    days: int = Field(default=1, ge=1, le=30)
    country: Country | None = None
    online: bool = False
    host: Id | None = None
    segments: Segments = Field(default_factory=dict)
    closed_door: bool = Field(default=True, description="no public listing, no recording, no press")

    def allow(self, now: Initiative, said: Said) -> None:
        if self.session in now.sessions:
            before = session_in(now, self.session, "unscheduled")
            require(not before.review_needed, REVIEW, f"Postponed {before.postponements} times.")
            require(not self.segments, DEFINED_ONCE, f"Session {self.session} has its segments.")
        mediators = (now.roles.get(Role.FACILITATOR), now.roles.get(Role.CO_FACILITATOR))
        require(self.host is None or self.host not in mediators, HOST_APART, f"{self.host} facilitates.")
        least = floor(now)
        loose = [id for id, one in self.segments.items() if one.strictness < least.strictness]
        require(not loose, FLOOR, f"{', '.join(loose)}: at least {least}.")
        public = all(map(may_be_public, self.rules(now)))
        require(self.closed_door or public, CLOSED_DOOR, f"Session {self.session}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        before = now.sessions.get(self.session)
        country, zone = (
            self.country or now.charter.parties[0].country,
            self.zone or now.person(_manager(now)).zone,
        )
        others = [one for one in now.sessions.values() if one.id != self.session and one.status != "cancelled"]
        given = {
            "starts": self.starts, "zone": zone, "days": self.days, "country": country, "online": self.online,
            "host": self.host, "closed_door": self.closed_door, "status": "scheduled",
            "round": 1 + sum(one.host == self.host for one in others),
        }  # fmt: skip
        if before is None:
            segments = {id: Segment(id=id, rule=one) for id, one in self.segments.items()}
            segments = segments or {"main": Segment(id="main", rule=now.charter.attribution_rule)}
            made = Session(id=self.session, scheduled_at=said.at, segments=segments)
            return now.put("sessions", self.session, made.but(**given))
        if (before.country, before.online) != (country, self.online):
            given |= {"visas": {}, "tickets": (), "venue_attested_at": None}
        return self.moved(now, said, **given)

    def rules(self, now: Initiative) -> tuple[AttributionRule, ...]:
        """Return the attribution rules the session will have."""
        before = now.sessions.get(self.session)
        if before is not None:
            return tuple(one.rule for one in before.segments.values())
        return tuple(self.segments.values()) or (now.charter.attribution_rule,)


def _manager(now: Initiative) -> str:
    return now.holder(Role.MANAGER) or ""


class SessionPostponed(SessionMilestone):
    """A session was put off to a later date, with a reason; it is counted, and too many force a review."""

    needs_reason = True
    starts: WallTime

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "scheduled")
        require(not s.review_needed, REVIEW, f"Postponed {s.postponements} times.")
        require(s.starts is not None and self.starts > s.starts, LATER, f"Session {self.session}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        count = now.sessions[self.session].postponements + 1
        review = count % now.charter.patience.postponements == 0
        return self.moved(now, said, starts=self.starts, postponements=count, review_needed=review)


class SessionBroughtForward(SessionMilestone):
    """A session got an earlier date."""

    starts: WallTime

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "scheduled")
        require(not s.review_needed, REVIEW, f"Postponed {s.postponements} times.")
        require(s.starts is not None and self.starts < s.starts, EARLIER, f"Session {self.session}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.moved(now, said, starts=self.starts)


class SessionUnscheduled(SessionMilestone):
    """A session lost its date and has no new one; what counted back from it is gone, its counter stays."""

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "scheduled")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.moved(now, said, status="unscheduled", starts=None)


class SessionCancelled(SessionMilestone):
    """A session will not take place, with a reason."""

    needs_reason = True

    def allow(self, now: Initiative, said: Said) -> None:
        session_in(now, self.session, "scheduled", "unscheduled")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.moved(now, said, status="cancelled")


class SessionReviewed(SessionMilestone):
    """After several postponements the team looked at what keeps the parties from meeting, and goes on."""

    findings: Text | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        s = session_in(now, self.session, "scheduled", "unscheduled")
        require(s.review_needed, NO_REVIEW, f"Postponed {s.postponements} times.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return self.changed(now, review_needed=False)
