"""Attribution: what may be said of each segment of a session, and who may change that.

The rule attaches to a segment ("a meeting, or part thereof"). Tightening is free at any time; loosening
needs everybody who was present. After a breach nothing new is defined looser than the default it left.
"""

from typing import NamedTuple

from domain.initiative import Initiative, known
from domain.nouns import Segment, Session
from domain.record import Milestone, Said
from domain.rules import require, rule
from domain.values import Id, Ids
from domain.vocabulary import AttributionRule, ConsentScope, Stage

STAGE = Stage.SESSIONS
MARK = "attribution_floor"  # set by the first breach

# --- rules --------------------------------------------------------------------------------------------------
DEFINED_ONCE = rule(
    "attribution.defined-once",
    "The segment has its rule already.",
    "Change it with attribution_rule_tightened, or attribution_rule_loosened with everybody's consent.",
    "B8, E3.18",
)
TIGHTER = rule(
    "attribution.tighter",
    "Tightening means a stricter rule than the present one.",
    "Choose a stricter rule: public < on_record < attribution_with_consent < chatham_house < "
    "no_disclosure_of_attendance < off_record_no_use.",
    "B8",
)
LOOSER = rule(
    "attribution.looser",
    "Loosening means a less strict rule than the present one.",
    "Choose a looser rule, or report attribution_rule_tightened.",
    "B8",
)
ALL_CONSENT = rule(
    "attribution.loosening-needs-all",
    "A rule is loosened only when everybody present agrees.",
    "Ask everybody who was in the room (before the session: everybody seated) and name them in consents=.",
    "B8, E3.18, F2.7",
)
FLOOR = rule(
    "attribution.floor-after-breach",
    "After a breach no segment is defined looser than the default the breach left.",
    "Define it at least as strict as the initiative's default; loosen it later with everybody's consent.",
    "E3.16",
)
CLOSED_DOOR = rule(
    "attribution.closed-door",
    "Only a session that is public or on the record throughout is listed, recorded or open to the press.",
    "Leave closed_door as it is, or hold the public part as a session of its own.",
    "A69, A70",
)


# --- what exports and messages may say ----------------------------------------------------------------------
class Disclosure(NamedTuple):
    """What may leave the room.

    `identity`: who said it, and for whom they work. `attendance`: who was there. `meeting`: that it took
    place. `content`: what was said. `with_consent`: identity and attendance of those who consent to be named.
    """

    identity: bool
    attendance: bool
    meeting: bool
    content: bool
    with_consent: bool = False


NOTHING = Disclosure(False, False, False, False)
ALLOWS: dict[AttributionRule, Disclosure] = {
    AttributionRule.PUBLIC: Disclosure(True, True, True, True),
    AttributionRule.ON_RECORD: Disclosure(True, True, True, True),
    AttributionRule.ATTRIBUTION_WITH_CONSENT: Disclosure(False, False, True, True, with_consent=True),
    AttributionRule.CHATHAM_HOUSE: Disclosure(False, False, True, True),
    AttributionRule.NO_DISCLOSURE_OF_ATTENDANCE: Disclosure(False, False, False, True),
    AttributionRule.OFF_RECORD_NO_USE: NOTHING,
}


def may_disclose(now: Initiative, session: str, segment: str | None = None) -> Disclosure:
    """Return what may be said of a segment; of the session as a whole, what its strictest segment allows.

    A segment whose rule was breached is frozen: nothing of it leaves.
    """
    s = now.sessions[session]
    segments = [s.segments[segment]] if segment is not None else list(s.segments.values())
    if not segments or any(one.breached_at is not None for one in segments):
        return NOTHING
    return ALLOWS[max((one.rule for one in segments), key=lambda one: one.strictness)]


def may_name(now: Initiative, session: str, segment: str, person: str) -> bool:
    """Tell whether this person may be named for this segment."""
    allows, who = may_disclose(now, session, segment), now.participants.get(person)
    if who is None or who.erased:
        return False
    mark = who.consents.get(ConsentScope.NAME_IN_REPORT)
    if mark is not None and mark.withdrawn_at is not None:
        return False
    return allows.identity or (allows.with_consent and mark is not None)


def may_be_public(one: AttributionRule) -> bool:
    return one.strictness <= AttributionRule.ON_RECORD.strictness


# --- what others build on -----------------------------------------------------------------------------------
def stricter(one: AttributionRule, other: AttributionRule) -> AttributionRule:
    return max(one, other, key=lambda each: each.strictness)


def floor(now: Initiative) -> AttributionRule:
    """Return how strict a new segment must be: after a breach the default, before it anything goes."""
    return now.charter.attribution_rule if MARK in now.marks else AttributionRule.PUBLIC


def tightened(session: Session, least: AttributionRule, since: str | None = None) -> Session:
    """Return the session with its segments, from `since` on, at least this strict, and its door closed."""
    ids = list(session.segments)
    later = ids[ids.index(since) :] if since in ids else ids
    segments = {
        id: one.but(rule=stricter(one.rule, least)) if id in later else one for id, one in session.segments.items()
    }
    public = all(may_be_public(one.rule) for one in segments.values())
    return session.but(segments=segments, closed_door=session.closed_door or not public)


def default_tightened(now: Initiative, least: AttributionRule) -> Initiative:
    """Return the initiative with a default at least this strict, for every session still to be scheduled."""
    strict = stricter(now.charter.attribution_rule, least)
    return now.but(charter=now.charter.but(attribution_rule=strict))


def _segment(now: Initiative, session: str, segment: str) -> Segment:
    return known(known(now.sessions, session, "session").segments, segment, "segment")


def _concerned(session: Session, now: Initiative) -> tuple[str, ...]:
    """Return whose consent counts: everybody who was present, before the session everybody seated."""
    return session.present if session.opened_at is not None else tuple(p.person for p in now.seated)


# --- milestones ---------------------------------------------------------------------------------------------
class SegmentDefined(Milestone):
    """A session got another segment with a rule of its own; once begun, never looser than the default."""

    stage = STAGE
    session: Id
    segment: Id
    rule: AttributionRule

    def allow(self, now: Initiative, said: Said) -> None:
        session = known(now.sessions, self.session, "session")
        require(self.segment not in session.segments, DEFINED_ONCE, f"Segment {self.segment}.")
        least = floor(now)
        require(self.rule.strictness >= least.strictness, FLOOR, f"At least {least}.")
        default = now.charter.attribution_rule
        begun = session.opened_at is not None
        require(not begun or self.rule.strictness >= default.strictness, ALL_CONSENT, f"Default: {default}.")
        require(session.closed_door or may_be_public(self.rule), CLOSED_DOOR, f"Session {self.session} is open.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        segments = {
            **now.sessions[self.session].segments,
            self.segment: Segment(id=self.segment, rule=self.rule),
        }
        return now.change("sessions", self.session, segments=segments)


class AttributionRuleTightened(Milestone):
    """A stricter rule holds from now on: for one segment, a whole session, or as the initiative's default."""

    closed_too = True
    session: Id | None = None
    segment: Id | None = None
    rule: AttributionRule

    def allow(self, now: Initiative, said: Said) -> None:
        if self.session is None:
            present = [now.charter.attribution_rule]
        elif self.segment is None:
            segments = known(now.sessions, self.session, "session").segments
            present = [one.rule for one in segments.values()]
        else:
            present = [_segment(now, self.session, self.segment).rule]
        fine = any(self.rule.strictness > one.strictness for one in present)
        require(fine, TIGHTER, f"Now: {', '.join(present)}.")

    def apply(self, now: Initiative, said: Said) -> Initiative:
        if self.session is None:
            return default_tightened(now, self.rule)
        session = now.sessions[self.session]
        if self.segment is None:
            return now.put("sessions", self.session, tightened(session, self.rule))
        segments = {**session.segments, self.segment: session.segments[self.segment].but(rule=self.rule)}
        door = session.closed_door or not may_be_public(self.rule)
        return now.change("sessions", self.session, segments=segments, closed_door=door)


class AttributionRuleLoosened(Milestone):
    """Everybody present agreed to a less strict rule for one segment; they are named one by one."""

    stage = STAGE
    session: Id
    segment: Id
    rule: AttributionRule
    consents: Ids = ()

    def allow(self, now: Initiative, said: Said) -> None:
        present = _segment(now, self.session, self.segment).rule
        require(self.rule.strictness < present.strictness, LOOSER, f"Now: {present}.")
        concerned = _concerned(now.sessions[self.session], now)
        missing = [person for person in concerned if person not in self.consents]
        why = f"Missing: {', '.join(missing)}." if missing else "Nobody is there who could agree."
        require(bool(concerned) and not missing, ALL_CONSENT, why)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        segments = now.sessions[self.session].segments
        changed = {**segments, self.segment: segments[self.segment].but(rule=self.rule)}
        return now.change("sessions", self.session, segments=changed)
