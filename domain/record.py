"""What is reported and what is written down: reports, facts, entries, answers.

The milestone a person reports is the fact that is recorded; there are no command and event twins.
What the engine finds out itself (a rung reached, a composition broken) is a separate, closed set.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.rules import Refused, rule
from domain.values import Actor, InitiativeId, Key, Moment, Text, Value, snake
from domain.vocabulary import Stage, Status

if TYPE_CHECKING:
    from domain.initiative import Initiative

ENGINE = "engine:jisr"
CLOCK_SKEW = timedelta(minutes=5)  # a reporter's clock may run ahead by this much
GENESIS = "0" * 64  # what the first entry of a chain follows
REPORT_MAX = 32_000  # bytes of one report: what is longer is a document, and is referred to
YEARS = range(1900, 2200)  # a date outside is a slip of the pen, and no calendar reaches there

MILESTONES: dict[str, type[Milestone]] = {}
ENGINE_FACTS: dict[str, type[EngineFact]] = {}

INVALID = rule(
    "report.invalid",
    "The report is not well-formed.",
    "Look the milestone up with `jisr milestones KIND` and send its fields as written there.",
    "CONTRACT",
)
UNKNOWN_KIND = rule(
    "report.unknown-kind",
    "There is no such milestone.",
    "Choose a kind from `jisr milestones`.",
    "CONTRACT",
)


class Said(Value):
    """Who says it, when it happened (`at`), when it was heard, and why."""

    by: Actor
    at: datetime
    heard_at: datetime
    reason: Text | None = None


class Fact(BaseModel):
    """Something that happened: past tense, ids only, never changed afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: ClassVar[str] = ""

    def apply(self, now: Initiative, said: Said) -> Initiative:
        """Return the initiative after this fact. Raises: never."""
        return now

    def fields(self) -> dict[str, Any]:
        """Return the fields as JSON values, without those nobody gave."""
        return self.model_dump(mode="json", exclude_none=True)


class Milestone(Fact):
    """A fact that people and scripts report. Subclasses are the catalogue; the docstring is its sentence."""

    stage: ClassVar[Stage | None] = None  # None: may be reported at any stage
    needs_reason: ClassVar[bool] = False
    closed_too: ClassVar[bool] = False  # may be reported after the initiative was closed

    def __init_subclass__(cls, abstract: bool = False, **options: Any) -> None:
        """Enter the milestone in the catalogue, under the kind its name spells; an abstract one only shares."""
        super().__init_subclass__(**options)
        if abstract:
            return
        cls.kind = snake(cls.__name__)
        if cls.kind in MILESTONES or cls.kind in ENGINE_FACTS:
            raise ValueError(f"fact {cls.kind} is written twice")
        MILESTONES[cls.kind] = cls

    def allow(self, now: Initiative, said: Said) -> None:
        """Return if the rules let it happen. Raises: Refused, naming the rule."""

    def then(self, before: Initiative, after: Initiative, said: Said) -> tuple[EngineFact, ...]:
        """Return what the engine finds out because of it, beyond the standing checks."""
        return ()


class EngineFact(Fact):
    """A fact only the engine makes."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.kind = snake(cls.__name__)
        if cls.kind in MILESTONES or cls.kind in ENGINE_FACTS:
            raise ValueError(f"fact {cls.kind} is written twice")
        ENGINE_FACTS[cls.kind] = cls


class Report(BaseModel):
    """One report as it travels: the kind and its fields beside who, when, why and the key.

    Shape: `{"kind": ..., <fields>, "by": ..., "at": ..., "reason": ..., "key": ...}`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: str = Field(min_length=1, max_length=60)
    fields: dict[str, Any] = Field(default_factory=dict)
    by: Actor
    at: Moment | None = None
    reason: Text | None = None
    key: Key | None = None

    @classmethod
    def read(cls, given: Any) -> Report:
        """Read a report from its flat JSON shape. Raises: Refused report.invalid."""
        if not isinstance(given, dict):
            raise Refused(INVALID, "A report is one JSON object.")
        _require_portable(given)
        own = {name: given[name] for name in ("kind", "by", "at", "reason", "key") if given.get(name) is not None}
        fields = {k: v for k, v in given.items() if k not in ("kind", "by", "at", "reason", "key") and v is not None}
        try:
            return cls(fields=fields, **own)
        except ValidationError as error:
            raise Refused(INVALID, plain_errors(error)) from None

    def milestone(self) -> Milestone:
        """Return the milestone it reports. Raises: Refused report.unknown-kind, report.invalid."""
        made = MILESTONES.get(self.kind)
        if made is None:
            raise Refused(UNKNOWN_KIND, f"{self.kind!r} {nearest(self.kind)}".strip())
        try:
            milestone = made.model_validate(self.fields)
        except ValidationError as error:
            raise Refused(INVALID, f"{self.kind}: {plain_errors(error)}") from None
        for name, value in milestone:
            if isinstance(value, date) and value.year not in YEARS:
                raise Refused(INVALID, f"{self.kind}: {name}: give a year from {YEARS[0]} to {YEARS[-1]}.")
        return milestone

    def digest(self) -> str:
        """Return what makes two reports with one key the same report: everything but the key."""
        content = self.model_dump(mode="json", exclude={"key"}, exclude_none=True)
        return hashlib.sha256(canonical(content)).hexdigest()[:16]

    def flat(self) -> dict[str, Any]:
        """Return the flat JSON shape it travels in."""
        own = self.model_dump(mode="json", exclude={"fields"}, exclude_none=True)
        return {**self.fields, **own}


class Entry(Value):
    """One line of the record: numbered without gaps, chained by hash to the line before."""

    initiative: InitiativeId
    seq: int
    at: datetime
    heard_at: datetime
    by: str
    kind: str
    fields: dict[str, Any] = Field(default_factory=dict)
    reason: str | None = None
    key: str | None = None
    digest: str | None = None
    prev: str = GENESIS
    hash: str = ""

    def sealed(self) -> Entry:
        """Return the entry with its hash over everything else, `prev` included."""
        return self.but(hash=self.own_hash())

    def own_hash(self) -> str:
        return hashlib.sha256(canonical(self.model_dump(mode="json", exclude={"hash"}))).hexdigest()

    def said(self) -> Said:
        return Said.model_construct(by=self.by, at=self.at, heard_at=self.heard_at, reason=self.reason)

    def fact(self) -> Fact:
        """Return the fact this entry records."""
        made: type[Fact] | None = MILESTONES.get(self.kind) or ENGINE_FACTS.get(self.kind)
        if made is None:
            raise ValueError(f"entry {self.seq} of {self.initiative} is of an unknown kind: {self.kind}")
        return made.model_validate(self.fields)


class Answer(Value):
    """What a reporter hears back; the shape is a contract."""

    status: Status
    initiative: str
    seq: tuple[int, ...] = ()
    rule: str | None = None
    why: str = ""
    stage: str = ""


def canonical(value: Any) -> bytes:
    """Return one byte string for one JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _require_portable(given: dict[Any, Any]) -> None:
    """Refuse what is no plain JSON (NaN, half a character, a thousand levels) or longer than a report is."""
    try:
        written = json.dumps(given, allow_nan=False, ensure_ascii=False, default=str).encode()
    except (TypeError, ValueError, RecursionError):
        raise Refused(INVALID, "It is not plain JSON in UTF-8.") from None
    if b"\\u0000" in written:
        raise Refused(INVALID, "A NUL character cannot be stored.")
    if len(written) > REPORT_MAX:
        raise Refused(
            INVALID, f"It has {len(written):,} bytes; at most {REPORT_MAX:,} fit. Put the rest into a document."
        )


def plain_errors(error: ValidationError) -> str:
    """Say what is wrong, field by field, without repeating what was written (it may be a name)."""
    said = []
    for one in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in one["loc"]) or "report"
        what = {"extra_forbidden": "no such field", "missing": "is missing"}.get(one["type"], one["msg"])
        if one["type"] == "string_pattern_mismatch":
            pattern = one.get("ctx", {}).get("pattern", "")
            what = "must be a reference to stored text" if pattern.startswith("^text") else f"must match {pattern}"
        said.append(f"{where}: {what}")
    return "; ".join(said) + "."


def nearest(kind: str) -> str:
    """Return a hint at the nearest kind, or nothing."""
    words = set(kind.lower().split("_"))
    scored = sorted(((len(words & set(known.split("_"))), known) for known in MILESTONES), reverse=True)
    return f"Did you mean {scored[0][1]}?" if scored and scored[0][0] else ""
