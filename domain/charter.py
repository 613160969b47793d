"""The charter: what an initiative is opened with. Quotas, ladders, quorum and patience come from here.

A charter file is YAML or JSON. Its free text (title, theory of change, reasons) and its people stay in the
database; what reaches the engine is this value, with references in their place.
"""

from datetime import date
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from domain.ladders import LADDERS, Ladder
from domain.stage_models import NamedModel, Phase, StageModel
from domain.values import Country, Given, Id, Ids, InitiativeId, Text
from domain.vocabulary import (
    AttributionRule,
    ConvenorType,
    Gender,
    Issue,
    Mode,
    NoThirdPartyReason,
    Objective,
    OfficialChannel,
    Progress,
    Purpose,
    Relation,
    Role,
    Sensitivity,
    Stage,
    Track,
)
from domain.working_days import known_zone


class Party(Given):
    """One side of the dialogue: a country or a community; `country` decides its calendar."""

    id: Id
    country: Country


class CharterPartner(Given):
    """An institution that carries the initiative with us. The partnership itself outlives the initiative."""

    id: Id
    institution: Id
    country: Country
    focal: Id | None = None
    deputy: Id | None = None


class Person(Given):
    """What the rules and the clock need of a person: where they work and in which language. No names."""

    country: Country = "IQ"
    zone: str = "Asia/Baghdad"
    language: str = "en"
    organisation: Id | None = None

    @field_validator("zone")
    @classmethod
    def _known(cls, given: str) -> str:
        if not known_zone(given):
            raise ValueError("not a known time zone; write it as in Asia/Baghdad")
        return given


class Quotas(Given):
    """Shares (0 to 1) and counts the roster must keep. Checked on every change of the roster."""

    women: float = Field(default=0.0, ge=0, le=1)
    outside_capital: float = Field(default=0.0, ge=0, le=1)
    first_time: float = Field(default=0.0, ge=0, le=1)
    marginalised_seats: int = Field(default=0, ge=0, le=100)
    per_party: int = Field(default=0, ge=0, le=100)
    officials_at_most: float = Field(default=1.0, ge=0, le=1)
    categories: int = Field(default=0, ge=0, le=11, description="how many different categories at least")
    repeat_attendees_warn: float = Field(default=0.8, ge=0, le=1)
    capital_only_warn: float = Field(default=0.8, ge=0, le=1)


class Quorum(Given):
    """Who must be in the room for a session to open."""

    share: float = Field(default=0.5, ge=0, le=1, description="of the seated participants")
    per_party: int = Field(default=1, ge=0, le=50)


class Patience(Given):
    """How long a check stays good, in months, and how often the same date may move."""

    vetting_months: int = Field(default=12, ge=1, le=120)
    consent_months: int = Field(default=12, ge=1, le=120)
    postponements: int = Field(default=3, ge=1, le=20)
    stall_review_days: int = Field(default=90, ge=1, le=3650)
    retention_months: int = Field(default=24, ge=1, le=240)


class CharterLink(Given):
    """Another initiative and what it is to this one."""

    initiative: InitiativeId
    relation: Relation


class QuietSpan(Given):
    """Days on which this initiative asks nobody in these countries (all, when none is named)."""

    first: str
    last: str
    countries: tuple[Country, ...] = ()

    @field_validator("first", "last", mode="before")
    @classmethod
    def _a_day(cls, given: Any) -> Any:
        """YAML reads 2026-03-20 as a date; whatever else is no day would stop the clock for ever."""
        day = given.isoformat()[:10] if isinstance(given, date) else str(given)
        return date.fromisoformat(day).isoformat()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("a quiet span ends before it begins")
        return self


class Charter(Given):
    """Everything fixed or assumed at the opening. Amended later only by a milestone with a reason."""

    id: InitiativeId
    track: Track
    issue: Issue
    title: Text | None = None
    summary: Text | None = None
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    objective: Objective = Objective.LONG_TERM_SOLUTION
    mode: Mode = Mode.PREVENTIVE
    sensitivity: Sensitivity = Sensitivity.RESTRICTED
    external: bool = Field(
        default=True, description="about external relations; domestic reconciliation is out of scope"
    )
    issue_progress: Progress = Progress.NONE
    foreign_policy_tag: Id | None = None
    official_channel: OfficialChannel = OfficialChannel.OPEN
    complements: Id | None = Field(default=None, description="the official channel it complements, if any")
    parties: tuple[Party, ...] = Field(min_length=1)
    convenor: ConvenorType = ConvenorType.RESEARCH_INSTITUTION
    third_party: bool = Field(default=True, description="a neutral third party convenes or facilitates")
    no_third_party_reason: NoThirdPartyReason | None = None
    partners: tuple[CharterPartner, ...] = ()
    donors: tuple[Id, ...] = ()
    roles: dict[Role, Id]
    vetters: Ids = ()
    people: dict[Id, Person] = Field(default_factory=dict)
    seats: int = Field(default=14, ge=2, le=500)
    quotas: Quotas = Quotas()
    quorum: Quorum = Quorum()
    patience: Patience = Patience()
    ladders: dict[str, Ladder] = Field(default_factory=dict)
    checklists: dict[str, tuple[Id, ...]] = Field(default_factory=dict, description="items added per stage")
    waived: Ids = ()
    attribution_rule: AttributionRule = AttributionRule.CHATHAM_HOUSE
    stage_model: NamedModel | None = None
    links: tuple[CharterLink, ...] = ()
    quiet: tuple[QuietSpan, ...] = ()
    urgent: bool = Field(default=False, description="short concept now, the rest as completion tasks")
    in_deadlock: bool = Field(default=False, description="started although the official track is blocked")
    digests: bool | None = Field(
        default=None, description="false: each request is a message of its own, however many wait for one person"
    )
    readiness: int | None = Field(default=None, ge=0, le=100, description="advice only, never a gate")

    @model_validator(mode="before")
    @classmethod
    def _track_as_text(cls, given: Any) -> Any:
        """YAML reads `track: 1.5` as a number."""
        if isinstance(given, dict) and isinstance(given.get("track"), int | float):
            given = {**given, "track": f"{given['track']:g}"}
        return given

    @model_validator(mode="before")
    @classmethod
    def _deadlock_blocks(cls, given: Any) -> Any:
        """Whoever begins in deadlock need not say that the official channel is blocked."""
        if isinstance(given, dict) and given.get("in_deadlock") is True:
            given = {"official_channel": OfficialChannel.BLOCKED, **given}
        return given

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for name, ids in (
            ("parties", [p.id for p in self.parties]),
            ("partners", [p.id for p in self.partners]),
        ):
            if len(set(ids)) != len(ids):
                raise ValueError(f"{name}: the same id stands there twice")
        unknown = sorted(set(self.ladders) - set(LADDERS))
        if unknown:
            raise ValueError(f"ladders: unknown {', '.join(unknown)}; known are {', '.join(sorted(LADDERS))}")
        strays = sorted(set(self.checklists) - {stage.value for stage in Stage if stage is not Stage.CLOSED})
        if strays:
            raise ValueError(f"checklists: no such stage: {', '.join(strays)}")
        if Role.MANAGER not in self.roles:
            raise ValueError("roles: name a manager")
        if self.quotas.per_party * len(self.parties) > self.seats:
            raise ValueError(
                f"quotas: {self.quotas.per_party} seats for each of {len(self.parties)} parties do not fit "
                f"into {self.seats} seats"
            )
        if self.quotas.marginalised_seats > self.seats:
            raise ValueError(f"quotas: {self.quotas.marginalised_seats} reserved seats do not fit into {self.seats}")
        if self.track is Track.ONE_AND_A_HALF and self.quotas.officials_at_most == 0:
            raise ValueError("quotas: track 1.5 needs at least one serving official; officials_at_most is 0")
        if self.track is Track.ONE_AND_A_HALF and self.seats < 2:
            raise ValueError("seats: track 1.5 needs an official and a non-official")
        return self

    def ladder(self, name: str) -> Ladder:
        """Return the ladder of this name: the charter's own, else the default."""
        return self.ladders.get(name) or LADDERS[name]


SIDE_TRACKS = (Track.GRASSROOTS, Track.BUSINESS, Track.MEDIA, Track.FAITH, Track.TRAINING)

# What a charter need not say, per track. Anything it does say wins.
TRACK_DEFAULTS: dict[Track, dict[str, Any]] = {
    Track.ONE_AND_A_HALF: {
        "seats": 14,
        "sensitivity": "restricted",
        "attribution_rule": "chatham_house",
        "quotas": {"women": 0.2, "per_party": 1, "officials_at_most": 0.6},
        "quorum": {"share": 0.6, "per_party": 1},
    },
    Track.TWO: {
        "seats": 12,
        "sensitivity": "discreet",
        "attribution_rule": "chatham_house",
        "quotas": {"women": 0.3, "per_party": 1, "officials_at_most": 0.0, "first_time": 0.1},
        "quorum": {"share": 0.5, "per_party": 1},
    },
    Track.GRASSROOTS: {
        "seats": 60,
        "sensitivity": "open",
        "attribution_rule": "on_record",
        "quotas": {"women": 0.4, "outside_capital": 0.5},
        "quorum": {"share": 0.3, "per_party": 0},
    },
    Track.BUSINESS: {
        "seats": 30,
        "sensitivity": "discreet",
        "attribution_rule": "attribution_with_consent",
        "quotas": {"women": 0.2},
        "quorum": {"share": 0.4, "per_party": 0},
    },
    Track.MEDIA: {
        "seats": 25,
        "sensitivity": "discreet",
        "attribution_rule": "attribution_with_consent",
        "quotas": {"women": 0.3},
        "quorum": {"share": 0.4, "per_party": 0},
    },
    Track.FAITH: {
        "seats": 25,
        "sensitivity": "restricted",
        "attribution_rule": "chatham_house",
        "quotas": {"categories": 1},
        "quorum": {"share": 0.5, "per_party": 1},
    },
    Track.TRAINING: {
        "seats": 40,
        "sensitivity": "open",
        "attribution_rule": "public",
        "quotas": {"women": 0.4, "first_time": 0.5},
        "quorum": {"share": 0.3, "per_party": 0},
    },
}


def with_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """Return the charter as written, filled up with its track's defaults; nested tables are merged."""
    track = given.get("track")
    track = str(track).removesuffix(".0") if isinstance(track, int | float) and not isinstance(track, bool) else track
    defaults = TRACK_DEFAULTS.get(Track(track), {}) if isinstance(track, str) and track in set(Track) else {}
    filled = dict(given)
    for name, value in defaults.items():
        mine = filled.get(name)
        if mine is None:
            filled[name] = value
        elif isinstance(value, dict) and isinstance(mine, dict):
            filled[name] = {**value, **mine}
    return filled


__all__ = [
    "SIDE_TRACKS", "TRACK_DEFAULTS", "Charter", "Gender", "Given", "Party", "Person", "Phase", "StageModel",
    "with_defaults",
]  # fmt: skip
