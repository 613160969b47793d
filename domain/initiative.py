"""An initiative: one frozen value that holds everything the rules need, and nothing that names a person."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, Self, TypeVar

from pydantic import Field

from domain.charter import Charter, Party, Person
from domain.nouns import (
    Answered,
    Balloon,
    Incident,
    Indicator,
    Link,
    Participant,
    Partner,
    Recommendation,
    Session,
    StageState,
    Stall,
    Ticked,
)
from domain.rules import Refused, rule
from domain.values import Value
from domain.vocabulary import Mode, OfficialChannel, Role, Stage, StageStatus, Track

T = TypeVar("T")

RULEBOOK = 1  # changed rules ask `Initiative.rulebook`, which is fixed at opening

STAGES = (
    Stage.CONCEPT,
    Stage.PARTNERS,
    Stage.VETTING,
    Stage.SESSIONS,
    Stage.RECOMMENDATIONS,
    Stage.FOLLOW_UP,
)

UNKNOWN_ID = rule(
    "report.unknown-id",
    "The initiative knows no such partner, person, session or recommendation.",
    "Check the id with `jisr show ID`, or report the milestone that brings it in first.",
    "CONTRACT",
)


class Initiative(Value):
    """The whole state. Made only by `evolve`, entry by entry."""

    id: str
    charter: Charter
    opened_at: datetime
    rulebook: int = RULEBOOK
    track: Track
    mode: Mode
    mode_since: datetime | None = None
    official_channel: OfficialChannel = OfficialChannel.OPEN
    stages: dict[Stage, StageState]
    roles: dict[Role, str]
    former_roles: tuple[tuple[Role, str, datetime], ...] = ()
    vetters: tuple[str, ...] = ()
    people: dict[str, Person] = Field(default_factory=dict)
    theory_version: int = 0
    theory_history: tuple[dict[str, Any], ...] = ()
    checklist: dict[str, Ticked] = Field(default_factory=dict)
    acceptability: dict[str, str] = Field(default_factory=dict)  # party -> accepts | objects | conditional
    partners: dict[str, Partner] = Field(default_factory=dict)
    payees: dict[str, str] = Field(default_factory=dict)  # payee -> clear | hit | unsure
    participants: dict[str, Participant] = Field(default_factory=dict)
    sessions: dict[str, Session] = Field(default_factory=dict)
    recommendations: dict[str, Recommendation] = Field(default_factory=dict)
    balloons: dict[str, Balloon] = Field(default_factory=dict)
    incidents: dict[str, Incident] = Field(default_factory=dict)
    indicators: dict[str, Indicator] = Field(default_factory=dict)
    links: dict[str, Link] = Field(default_factory=dict)
    stalls: tuple[Stall, ...] = ()
    held_countries: dict[str, datetime] = Field(default_factory=dict)  # mail hold: shutdown, bounces
    phases: tuple[tuple[str, datetime], ...] = ()
    facilitator_since: datetime | None = None
    marks: dict[str, datetime] = Field(default_factory=dict)  # once-only dates: network_handed_over, debriefed ...
    closed_at: datetime | None = None
    cancelled: bool = False
    reopened_at: datetime | None = None
    settled: dict[str, int] = Field(default_factory=dict)  # "obligation|person" -> highest rung settled
    answered: dict[str, Answered] = Field(default_factory=dict)

    # --- where it stands -------------------------------------------------------------------------------------
    @property
    def stage(self) -> Stage:
        """The furthest stage that is open, or the end."""
        if self.closed_at is not None:
            return Stage.CLOSED
        opened = [stage for stage in STAGES if self.stages[stage].status is StageStatus.OPEN]
        return opened[-1] if opened else Stage.FOLLOW_UP

    @property
    def stalled(self) -> bool:
        return bool(self.stalls) and self.stalls[-1].until is None

    @property
    def stall_spans(self) -> tuple[tuple[date, date | None], ...]:
        """Return the stalls as day spans [from, to): what freezes a frozen ladder."""
        return tuple((s.since.date(), s.until.date() if s.until else None) for s in self.stalls)

    def is_open(self, stage: Stage) -> bool:
        return self.stages[stage].status is StageStatus.OPEN

    def has_begun(self, stage: Stage) -> bool:
        return self.stages[stage].status in (StageStatus.OPEN, StageStatus.DONE)

    # --- who ---------------------------------------------------------------------------------------------------
    def holder(self, role: Role | str) -> str | None:
        """Return the person in a role; a vacant role falls to manager, then deputy, then director."""
        for one in (role, Role.MANAGER, Role.DEPUTY, Role.DIRECTOR):
            if one in self.roles:
                return self.roles[Role(one)]
        return None

    def person(self, person: str) -> Person:
        """Return where a person works; somebody unknown is taken to be where the first party is."""
        known = self.people.get(person)
        return known if known is not None else _somebody_of(self.charter.parties[0].country)

    def party(self, party: str) -> Party | None:
        return next((one for one in self.charter.parties if one.id == party), None)

    @property
    def roster(self) -> tuple[Participant, ...]:
        """Those who count for composition: cleared, invited or accepted."""
        return tuple(p for p in self.participants.values() if p.on_roster)

    @property
    def seated(self) -> tuple[Participant, ...]:
        return tuple(p for p in self.participants.values() if p.seated)

    @property
    def open_incidents(self) -> tuple[Incident, ...]:
        return tuple(one for one in self.incidents.values() if one.open)

    # --- change ------------------------------------------------------------------------------------------------
    def put(self, table: str, id: str, value: Any) -> Self:
        """Return the initiative with one row of a table set; the old value stays as it was."""
        return self.but(**{table: {**getattr(self, table), id: value}})

    def change(self, table: str, id: str, **changes: Any) -> Self:
        """Return the initiative with fields of one row changed."""
        return self.put(table, id, getattr(self, table)[id].but(**changes))

    def mark(self, name: str, at: datetime) -> Self:
        return self.put("marks", name, at)


@cache
def _somebody_of(country: str) -> Person:
    return Person(country=country)


def known(table: Mapping[str, T], id: str, what: str) -> T:
    """Return the row, or refuse. Raises: Refused report.unknown-id."""
    if id not in table:
        raise Refused(UNKNOWN_ID, f"No {what} {id} here.")
    return table[id]
