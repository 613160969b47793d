"""What a rehearsal is expected to show: sentences a newcomer can read, each with a check behind it.

`read` takes a file such as examples/clear_channels/expect.yaml, `judge` holds it against what was played.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import yaml
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from domain.initiative import Initiative
from domain.notices import SPOKEN
from domain.record import Answer, Entry, plain_errors
from domain.values import Given
from domain.vocabulary import Stage, TransferState
from errors import InvalidInput


def _bare_day(given: Any) -> Any:
    """Take a bare day for its first moment."""
    if isinstance(given, date) and not isinstance(given, datetime):
        return datetime.combine(given, time.min)
    return given


def _in_utc(given: datetime) -> datetime:
    return given if given.tzinfo else given.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_bare_day), AfterValidator(_in_utc)]


class Verdict(NamedTuple):
    """One expectation: its sentence, whether it held, and what was found."""

    says: str
    held: bool
    why: str = ""


# --- the kinds of check ---------------------------------------------------------------------------------------------
class Counted(Given):
    """So many of something: exactly, at least, or any."""

    count: int | None = Field(default=None, ge=0)
    at_least: int | None = Field(default=None, ge=0)

    def fits(self, found: int) -> bool:
        if self.count is not None:
            return found == self.count
        return found >= (1 if self.at_least is None else self.at_least)

    def wanted(self) -> str:
        return f"exactly {self.count}" if self.count is not None else f"at least {self.at_least or 1}"


class RefusedCheck(Given):
    """The report with this key (or on this line of the file) was refused by this rule."""

    key: str | None = None
    line: int | None = Field(default=None, ge=1, description="counted without blank lines")
    rule: str

    @model_validator(mode="after")
    def _one(self) -> "RefusedCheck":
        if (self.key is None) == (self.line is None):
            raise ValueError("give either key or line")
        return self


class DuplicateCheck(Given):
    """The report with this key came again and counted once."""

    key: str


class EntryCheck(Counted):
    """The record holds entries of this kind with at least these fields."""

    kind: str
    fields: dict[str, Any] = Field(default_factory=dict)
    after: Moment | None = None
    before: Moment | None = None


class NoticeCheck(Counted):
    """Messages of this wording class went out, to this person, by this act."""

    ask: str
    recipient: str | None = None
    act: str | None = None
    obligation: str | None = Field(default=None, description="how its id begins")
    none_after: Moment | None = None


class NeverCheck(Given):
    """Nothing is ever said to this person after this moment."""

    person: str
    after: Moment


class StateCheck(Given):
    """How it stands at the end. What is not named is not looked at."""

    stage: Stage | None = None
    stalled: bool | None = None
    recommendations: dict[str, TransferState] = Field(default_factory=dict)
    participants: dict[str, str] = Field(default_factory=dict)
    sessions: dict[str, str] = Field(default_factory=dict)
    postponements: dict[str, int] = Field(default_factory=dict)
    seated: int | None = None
    open_incidents: int | None = None


class StallCheck(Given):
    """While the dialogue rested, only these were asked or said."""

    only: tuple[str, ...]
    days: int | None = None


class Expectation(Given):
    """A sentence and exactly one check."""

    says: str = Field(min_length=1)
    refused: RefusedCheck | None = None
    duplicate: DuplicateCheck | None = None
    entry: EntryCheck | None = None
    notice: NoticeCheck | None = None
    never: NeverCheck | None = None
    state: StateCheck | None = None
    in_stall: StallCheck | None = None

    @model_validator(mode="after")
    def _one_check(self) -> "Expectation":
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"give exactly one of {', '.join(KINDS)}")
        return self


KINDS = ("refused", "duplicate", "entry", "notice", "never", "state", "in_stall")


class Expectations(Given):
    """A file of expectations. `lines` tells where each key stands among the reports, counted from 1."""

    until: Moment
    reports: str = "reports.jsonl"
    expect: tuple[Expectation, ...] = Field(min_length=1)
    lines: dict[str, tuple[int, ...]] = Field(default_factory=dict)


def read(path: Path) -> Expectations:
    """Return the expectations of a file, and where the keys they name stand in its reports.

    Raises: InvalidInput, naming the entry and what is wrong with it.
    """
    try:
        found = Expectations.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        reports = path.with_name(found.reports).read_text(encoding="utf-8").splitlines()
    except ValidationError as error:
        raise InvalidInput(f"{path.name}: {plain_errors(error)}") from None
    except yaml.YAMLError as error:
        raise InvalidInput(f"{path.name} is no YAML: {str(error).splitlines()[0]}.") from None
    except OSError as error:
        raise InvalidInput(f"{error.filename}: {error.strerror}.") from None
    keys = [json.loads(line).get("key") for line in reports if line.strip()]
    return found.but(lines=where(keys))


def where(keys: Iterable[str | None]) -> dict[str, tuple[int, ...]]:
    """Return where each key stands, counted from 1."""
    lines: dict[str, tuple[int, ...]] = {}
    for number, key in enumerate(keys, 1):
        if key is not None:
            lines[key] = (*lines.get(key, ()), number)
    return lines


# --- judging --------------------------------------------------------------------------------------------------------
class Played(NamedTuple):
    """All there is to look at."""

    lines: Mapping[str, tuple[int, ...]]
    entries: Sequence[Entry]
    answers: Sequence[Answer]
    final: Initiative


def judge(
    expectations: Expectations, entries: Sequence[Entry], answers: Sequence[Answer], final: Initiative
) -> list[Verdict]:
    """Return a verdict on every expectation, in their order. `answers` are in the order of the reports."""
    played = Played(expectations.lines, entries, answers, final)
    verdicts = []
    for one in expectations.expect:
        kind = next(kind for kind in KINDS if getattr(one, kind) is not None)
        why = JUDGES[kind](getattr(one, kind), played)
        verdicts.append(Verdict(one.says, why is None, why or ""))
    return verdicts


def _refused(check: RefusedCheck, played: Played) -> str | None:
    lines = (check.line,) if check.line is not None else played.lines.get(check.key or "", ())
    found = [played.answers[line - 1] for line in lines if line <= len(played.answers)]
    if any(one.status == "refused" and one.rule == check.rule for one in found):
        return None
    return f"found {', '.join(f'{one.status} {one.rule or str()}'.strip() for one in found) or 'no such report'}"


def _duplicate(check: DuplicateCheck, played: Played) -> str | None:
    found = [played.answers[line - 1] for line in played.lines.get(check.key, ()) if line <= len(played.answers)]
    statuses = [one.status.value for one in found]
    held = len(found) > 1 and statuses[0] == "accepted" and set(statuses[1:]) == {"duplicate"}
    same = len({one.seq for one in found}) == 1
    return None if held and same else f"found {', '.join(statuses) or 'no such report'}"


def _entry(check: EntryCheck, played: Played) -> str | None:
    found = [
        e
        for e in played.entries
        if e.kind == check.kind
        and all(e.fields.get(name) == value for name, value in check.fields.items())
        and (check.after is None or e.at >= check.after)
        and (check.before is None or e.at < check.before)
    ]
    return None if check.fits(len(found)) else f"{check.wanted()} expected, {len(found)} found"


def _notice(check: NoticeCheck, played: Played) -> str | None:
    found = [
        e
        for e in spoken(played.entries)
        if e.fields["ask"] == check.ask
        and check.recipient in (None, e.fields["recipient"])
        and check.act in (None, e.fields["act"])
        and e.fields["obligation"].startswith(check.obligation or "")
    ]
    late = [e for e in found if check.none_after is not None and e.at > check.none_after]
    if late:
        return f"one went out on {late[0].at.date()}"
    only_late = check.none_after is not None and check.count is None and check.at_least is None
    return None if only_late or check.fits(len(found)) else f"{check.wanted()} expected, {len(found)} went out"


def _never(check: NeverCheck, played: Played) -> str | None:
    late = [e for e in spoken(played.entries) if e.fields["recipient"] == check.person and e.at > check.after]
    return f"{late[0].fields['ask']} went out on {late[0].at.date()}" if late else None


def _state(check: StateCheck, played: Played) -> str | None:
    now = played.final
    is_so: dict[str, Any] = {
        "stage": now.stage,
        "stalled": now.stalled,
        "seated": len(now.seated),
        "open_incidents": len(now.open_incidents),
    }
    tables: dict[str, dict[str, Any]] = {
        "recommendations": {r.id: r.state for r in now.recommendations.values()},
        "participants": {p.person: p.standing for p in now.participants.values()},
        "sessions": {s.id: s.status for s in now.sessions.values()},
        "postponements": {s.id: s.postponements for s in now.sessions.values()},
    }
    wrong = [f"{name} is {found}" for name, found in is_so.items() if getattr(check, name) not in (None, found)]
    for table, found_in in tables.items():
        wanted = getattr(check, table)
        wrong += [f"{id} is {found_in.get(id)}" for id, value in wanted.items() if found_in.get(id) != value]
    return ", ".join(wrong) or None


def _in_stall(check: StallCheck, played: Played) -> str | None:
    spans = [(s.since, s.until) for s in played.final.stalls if not s.closed]
    if not spans:
        return "it never rested"
    days = sum(round(((until or since) - since).total_seconds() / 86400) for since, until in spans)
    if check.days not in (None, days):
        return f"it rested {days} days"
    during = [e for e in spoken(played.entries) if any(a <= e.at and (b is None or e.at < b) for a, b in spans)]
    others = sorted({e.fields["ask"] for e in during} - set(check.only))
    return f"also said: {', '.join(others)}" if others else None


def spoken(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that were messages to somebody."""
    said = {act.value for act in SPOKEN}
    return [e for e in entries if e.kind == "rung_reached" and e.fields["act"] in said]


JUDGES: dict[str, Callable[[Any, Played], str | None]] = {
    "refused": _refused,
    "duplicate": _duplicate,
    "entry": _entry,
    "notice": _notice,
    "never": _never,
    "state": _state,
    "in_stall": _in_stall,
}
