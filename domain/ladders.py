"""Ladders: how one obligation is chased, rung by rung. Data; the agenda does the arithmetic.

An offset is `5wd` (working days of the recipient), `30d` (calendar days) or `6m` (months), from the anchor;
a minus sign counts back from a date that is still ahead. Defaults: the practice of dialogue programmes
(docs/lifecycle.md lists them); a charter may change any of them.
"""

import re
from functools import cache
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from domain.values import Value
from domain.vocabulary import Act, Role, StallPolicy

_OFFSET = re.compile(r"^(-?)(\d{1,4})(wd|d|m)$")


def _offset(given: str) -> str:
    if not _OFFSET.match(given):
        raise ValueError("an offset is written like 5wd, -14d or 6m")
    return given


Offset = Annotated[str, AfterValidator(_offset)]


def _somebody(given: str) -> str:
    if given != "owes" and given not in set(Role):
        raise ValueError(f"a rung goes to `owes` or to a role: {', '.join(Role)}")
    return given


@cache
def parts(offset: str) -> tuple[int, str]:
    """Return `(-14, "d")` for `-14d`."""
    found = _OFFSET.match(offset)
    assert found, offset
    return int(found[1] + found[2]), found[3]


class Rung(Value):
    """One step: after `offset`, do `act` towards `to` (`owes` is whoever is waited for, else a role)."""

    offset: Offset
    act: Act = Act.REMIND
    to: Annotated[str, AfterValidator(_somebody)] = "owes"


class Ladder(Value):
    """Rungs in order; `every` goes on with the last rung at that distance for ever."""

    rungs: tuple[Rung, ...] = Field(min_length=1)
    every: Offset | None = None
    in_stall: StallPolicy = StallPolicy.FREEZE

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [number * {"wd": 1.4, "d": 1.0, "m": 30.4}[unit] for number, unit in map(parts, self.offsets)]
        if days != sorted(days):
            raise ValueError("the rungs of a ladder go from the earliest to the latest")
        if self.every is not None and parts(self.every)[0] < 1:
            raise ValueError("`every` must be at least one day")
        return self

    @property
    def offsets(self) -> list[str]:
        return [rung.offset for rung in self.rungs]

    def rung(self, number: int) -> Rung | None:
        """Return rung `number`, counted from 0; past the end of a ladder with `every` the last one's act goes on."""
        if number < len(self.rungs):
            return self.rungs[number]
        return self.rungs[-1] if self.every else None


def _ladder(*rungs: str, every: str | None = None, stall: StallPolicy = StallPolicy.FREEZE) -> Ladder:
    """Write a ladder as words: `"5wd remind"`, `"10wd escalate vetting_lead"`."""
    steps = []
    for text in rungs:
        offset, act, *to = text.split()
        steps.append(Rung(offset=offset, act=Act(act), to=to[0] if to else "owes"))
    return Ladder(rungs=tuple(steps), every=every, in_stall=stall)


RUN, DROP, ONLY = StallPolicy.RUN, StallPolicy.DROP, StallPolicy.ONLY

LADDERS: dict[str, Ladder] = {
    # something small is owed by somebody inside the team
    "task": _ladder("3wd remind", "10wd remind", "15wd escalate manager"),
    "urgent_task": _ladder("0wd tell", "1wd remind", "3wd escalate manager"),
    "tell": _ladder("0wd tell", stall=RUN),
    "gate": _ladder("5wd remind", "15wd remind", "30wd escalate director"),
    # partners
    "mou": _ladder("14d remind", "28d remind", "42d escalate manager"),
    "mou_expiry": _ladder("-90d remind", "-30d remind", "-7d escalate manager", stall=RUN),
    "data_return": _ladder("0wd tell", "10wd remind", "20wd escalate data_steward", stall=RUN),
    "liaison": _ladder("90d remind", every="90d", stall=RUN),
    # vetting
    "vetting": _ladder("3wd remind", "7wd remind", "10wd escalate vetting_lead"),
    "invitation": _ladder("5wd remind", "10wd remind", "15wd remind", "21d expire"),
    "consent": _ladder("2wd remind", "7wd remind", "12wd escalate manager"),
    # sessions, counted back from the first day
    "visa_data": _ladder("-60d remind", "-45d remind", "-35d escalate logistics", stall=DROP),
    "tickets": _ladder("-30d remind", "-20d remind", stall=DROP),
    "papers": _ladder("-21d remind", "-17d escalate manager", stall=DROP),
    "composition_check": _ladder("-14d check", "-3d check", stall=DROP),
    "venue": _ladder("-14d remind", "-7d escalate manager", stall=DROP),
    "security_brief": _ladder("-7d remind", "-4d escalate manager", stall=DROP),
    "neutrality": _ladder("-7d remind", "-4d remind", "-2d escalate manager", stall=DROP),
    "final_note": _ladder("-2d tell", stall=DROP),
    # sessions, counted on from the last day
    "feedback": _ladder("3wd remind", "8wd remind"),
    "report": _ladder("10wd remind", "15wd remind", "20wd escalate manager"),
    "reimbursement": _ladder("15wd remind", "25wd escalate manager"),
    # recommendations and transfer
    "clearance": _ladder("5wd remind", "10wd remind", "15wd escalate manager"),
    "before_event": _ladder("-30d remind", "-10d remind", "-3d escalate manager"),
    "transfer": _ladder("30d remind", "90d remind", "180d remind", "365d escalate manager"),
    "closing_question": _ladder("380d remind", "410d escalate director"),
    "implementation": _ladder("180d remind", "210d escalate manager"),
    # stall
    "keep_warm": _ladder("30d remind", every="30d", stall=ONLY),
    "stall_review": _ladder("0d remind", "90d escalate director", every="90d", stall=ONLY),
    "stall_review_on": _ladder("0d remind", "30d escalate director", every="30d", stall=ONLY),
    "donor_note": _ladder("60d tell", stall=ONLY),
    "reentry": _ladder("1wd tell", "5wd remind", "10wd escalate manager"),
    # keeping the record
    "retention": _ladder("-30d remind", "-7d escalate manager", stall=RUN),
    "indicator": _ladder("30d remind", every="30d", stall=RUN),
    "evaluation": _ladder("0wd tell", "10wd remind", "20wd escalate evaluation_lead"),
}
