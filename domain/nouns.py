"""The nouns of an initiative as frozen values: partner, participant, session, recommendation, incident, stall.

Everything here is an id, a date, a number or a word of the vocabulary. Names and texts live in the database.
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.values import Value
from domain.vocabulary import (
    AttributionRule,
    Capacity,
    Category,
    ConsentScope,
    Gender,
    Implemented,
    IncidentKind,
    OutputKind,
    Relation,
    Screening,
    StageStatus,
    TransferState,
    Verdict,
)


class Finding(Value):
    """How one rule stood when it was looked at."""

    rule: str
    met: bool
    why: str = ""


class StageState(Value):
    """Where a stage stands. `round` counts repeats; `gates` keeps what each gate decision saw, for ever."""

    status: StageStatus = StageStatus.WAITING
    opened_at: datetime | None = None
    done_at: datetime | None = None
    round: int = 1
    gates: tuple[tuple[datetime, tuple[Finding, ...]], ...] = ()


class Partner(Value):
    id: str
    institution: str
    country: str
    focal: str | None = None
    deputy: str | None = None
    approached_at: datetime | None = None
    screening: Screening | None = None
    screened_at: datetime | None = None
    due_diligence_at: datetime | None = None
    mou_sent_at: datetime | None = None
    signed_at: datetime | None = None
    expires_on: date | None = None
    declined_at: datetime | None = None
    withdrew_at: datetime | None = None
    data_returned_at: datetime | None = None
    frozen_at: datetime | None = None
    freezes: tuple[tuple[datetime, datetime], ...] = ()  # freezes that are over
    conflicts_declared_at: datetime | None = None
    neutrality_noted_at: datetime | None = None
    round: int = 1  # counts the times it joined
    former_ids: tuple[str, ...] = ()
    returned_as: str | None = None

    @property
    def signed(self) -> bool:
        return self.signed_at is not None and self.withdrew_at is None


class Review(Value):
    vetter: str
    verdict: Verdict
    at: datetime


class ConsentMark(Value):
    given_at: datetime
    withdrawn_at: datetime | None = None


class Participant(Value):
    """A nominee and what became of them. `standing` is the one word that counts; the rest says why."""

    person: str
    standing: str = "nominated"
    standing_before: str | None = None  # while pending_individual: what it was before the partner left
    partner: str | None = None
    nominated_by: str = ""
    nominated_at: datetime | None = None
    organisation: str | None = None
    country: str = "IQ"
    party: str | None = None
    capacity: Capacity = Capacity.NON_OFFICIAL
    capacity_since: date | None = None
    capacity_evidence: date | None = None
    capacities: tuple[tuple[Capacity, date], ...] = ()
    gender: Gender | None = None
    category: Category | None = None
    outside_capital: bool = False
    first_time: bool = False
    marginalised: bool = False
    assigned: dict[str, datetime] = Field(default_factory=dict)
    conflicted: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()
    decided_at: datetime | None = None
    decided_by: str | None = None
    vetted_at: datetime | None = None
    safety_consulted_at: datetime | None = None
    invited_at: datetime | None = None
    invitations: int = 0
    answered_at: datetime | None = None
    attested_on: date | None = None
    consents: dict[ConsentScope, ConsentMark] = Field(default_factory=dict)
    terms_accepted_at: datetime | None = None
    emergency_contact_at: datetime | None = None
    left_at: datetime | None = None
    unreachable_since: datetime | None = None
    do_not_contact: bool = False
    erased: bool = False
    activities: tuple[str, ...] = ()  # capacity building
    round: int = 1  # counts nominations: a new round is a new occasion
    before: str | None = None  # the standing held before a decision was reopened or the person left
    chase_from: datetime | None = None  # nothing is chased from before: reachable again, mail hold lifted

    @property
    def serving(self) -> bool:
        return self.capacity is Capacity.SERVING_OFFICIAL

    @property
    def seated(self) -> bool:
        """Sits at the table: invited and accepted, and nothing has changed since."""
        return self.standing == "accepted"

    @property
    def on_roster(self) -> bool:
        """Counts for composition before anybody sits: cleared, invited or accepted."""
        return self.standing in ("cleared", "invited", "accepted")

    @property
    def may_be_written_to(self) -> bool:
        return not (self.do_not_contact or self.erased or self.standing in ("died", "withdrew", "removed", "barred"))

    def consents_to(self, scope: ConsentScope) -> bool:
        mark = self.consents.get(scope)
        return mark is not None and mark.withdrawn_at is None


# Every word `Participant.standing` can be.
STANDINGS = (
    "nominated", "cleared", "rejected", "reserve", "reopened", "invited", "accepted", "declined", "expired",
    "pending_individual", "suspended", "barred", "withdrew", "died", "removed",
)  # fmt: skip


class Segment(Value):
    """A part of a session and the rule on what may be said of it."""

    id: str
    rule: AttributionRule
    breached_at: datetime | None = None


class Objection(Value):
    """A party objects to the facilitator. The party may be left unnamed."""

    id: str
    at: datetime
    party: str | None = None
    resolved_at: datetime | None = None


class Session(Value):
    """A meeting. Wall time and zone are kept, never a fixed instant: zones change their rules."""

    id: str
    status: str = "scheduled"  # scheduled | unscheduled | open | closed | cancelled
    starts: datetime | None = None  # naive wall time in `zone`
    days: int = 1
    zone: str = "Asia/Baghdad"
    country: str = "IQ"
    online: bool = False
    host: str | None = None
    round: int = 1
    scheduled_at: datetime | None = None
    moved_at: datetime | None = None
    moves: int = 0
    postponements: int = 0
    review_needed: bool = False
    venue_attested_at: datetime | None = None
    balance_noted_at: datetime | None = None
    monitored: bool = False
    security_briefed_at: datetime | None = None
    papers_sent_at: datetime | None = None
    neutrality: dict[str, datetime] = Field(default_factory=dict)
    objections: dict[str, Objection] = Field(default_factory=dict)
    segments: dict[str, Segment] = Field(default_factory=dict)
    visas: dict[str, str] = Field(default_factory=dict)  # person -> given | granted | refused
    tickets: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    backfilled: bool = False
    notes: int = 0
    episodes: int = 0
    feedback: tuple[str, ...] = ()
    report_filed_at: datetime | None = None
    reimbursed: tuple[str, ...] = ()
    speaking_order: tuple[str, ...] = ()
    closed_door: bool = True  # no public listing, no recording, no press
    left: tuple[str, ...] = ()  # of those present, who went before the end
    monitored_at: datetime | None = None
    visa_refused_at: dict[str, datetime] = Field(default_factory=dict)
    agenda_settled_at: datetime | None = None  # after state security was seen in the room
    replaced: dict[str, str | None] = Field(default_factory=dict)  # person -> alternate; None: seat stays empty
    report_waived_at: datetime | None = None
    reimbursements_done_at: datetime | None = None

    def starts_at(self) -> datetime | None:
        """Return the aware start, by the zone's rules of today's time zone data."""
        return self.starts.replace(tzinfo=ZoneInfo(self.zone)) if self.starts else None

    def ends_on(self) -> date | None:
        """Return the last local day."""
        return self.starts.date() + timedelta(days=self.days - 1) if self.starts else None


class Endorsement(Value):
    on: date
    withdrawn_on: date | None = None
    earlier: tuple[tuple[date, date], ...] = ()  # endorsed on, withdrawn on: what came before


class Recommendation(Value):
    """An output and its way to Track 1; `states` is the complete history, `state` always its last."""

    id: str
    output: OutputKind
    authors: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()  # of the authors
    owner: str | None = None
    step: str | None = None  # a reference to the text
    issue: str | None = None
    origin: str | None = None
    actionable: bool = False  # has an owner, a step and a horizon
    horizon: date | None = None
    version: int = 1
    drafted_at: datetime | None = None
    revised_at: datetime | None = None
    state: TransferState = TransferState.DRAFT
    states: tuple[dict[str, Any], ...] = ()
    cleared: dict[str, int] = Field(default_factory=dict)  # person -> version cleared
    objected: tuple[str, ...] = ()
    objected_at: datetime | None = None
    tested_in: tuple[str, ...] = ()  # a session here, or a linked initiative
    rubric: dict[str, int] = Field(default_factory=dict)
    consensus: tuple[str, ...] = ()
    dissent: tuple[str, ...] = ()
    endorsements: dict[str, Endorsement] = Field(default_factory=dict)
    release_class: str | None = None
    embargo_until: date | None = None
    carriers: tuple[str, ...] = ()
    office: str | None = None
    addressee: str | None = None
    carrier: str | None = None
    channel: str | None = None
    submitted_at: datetime | None = None
    asked_again_at: datetime | None = None
    event_on: date | None = None
    adopted_by: str | None = None
    decided_at: datetime | None = None
    implemented: Implemented | None = None
    implementation_checked_at: datetime | None = None
    influence: int = 0
    agenda_entered_at: datetime | None = None
    merged_into: str | None = None
    split_into: tuple[str, ...] = ()
    came_from: tuple[str, ...] = ()  # lineage: "R1" here, or "ini-7f3a/R1" elsewhere
    passed_to: tuple[str, ...] = ()
    dropped_at: datetime | None = None

    @property
    def living(self) -> bool:
        """Still on its own way: not merged, split or dropped."""
        return self.merged_into is None and not self.split_into and self.dropped_at is None


class Balloon(Value):
    """A trial balloon. Who sent it up is nowhere written."""

    id: str
    floated_at: datetime
    session: str | None = None
    reactions: dict[str, str] = Field(default_factory=dict)
    withdrawn_at: datetime | None = None
    became: str | None = None


class Incident(Value):
    """Something went wrong. While `holds` and open it holds the next gate."""

    id: str
    kind: IncidentKind
    opened_at: datetime
    rule: str | None = None
    session: str | None = None
    segment: str | None = None
    about: str | None = None  # the partner or payee of a sanctions incident
    holds: bool = False
    resolved_at: datetime | None = None
    at_risk: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        return self.resolved_at is None


class Stall(Value):
    since: datetime
    until: datetime | None = None
    review_on: date | None = None
    reviewed_at: tuple[datetime, ...] = ()
    contacts: tuple[tuple[str, datetime], ...] = ()  # person or partner kept warm, when
    closed: bool = False  # no stall but a closing: the initiative was reopened afterwards


class Link(Value):
    initiative: str
    relation: Relation
    since: datetime
    track: str | None = None  # of a side track


class Indicator(Value):
    id: str
    threshold: float
    alarm_above: bool = True
    value: float | None = None
    read_at: datetime | None = None
    alert: bool = False
    owner: str | None = None
    defined_at: datetime | None = None
    alert_since: datetime | None = None


class Ticked(Value):
    """A checklist item: done with evidence, or waived with a reason."""

    at: datetime
    by: str
    waived: bool = False


class Answered(Value):
    """What a key was answered with, kept for the initiative's whole life."""

    digest: str
    seq: tuple[int, ...]
