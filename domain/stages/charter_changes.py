"""Amending the charter while the initiative lives: quotas, quorum, patience, seats, ladders, quiet days.

An amendment is read as the whole charter it would make. One that no charter could say is refused.
"""

from typing import Any, Literal

from pydantic import Field, ValidationError

from domain.charter import Charter, QuietSpan
from domain.initiative import Initiative
from domain.ladders import Ladder
from domain.record import Milestone, Said, plain_errors
from domain.rules import Refused, require, rule
from domain.stage_models import NamedModel

IMPOSSIBLE = rule(
    "charter.impossible",
    "No initiative can keep such a charter.",
    "Correct what is named; quotas, quorum and seats must fit together.",
    "A61",
)
NOTHING = rule(
    "charter.nothing-amended",
    "The amendment changes nothing.",
    "Give at least one of quotas, quorum, patience, seats, ladders, quiet, stage_model.",
    "F2.8",
)

QuotaName = Literal[
    "women", "outside_capital", "first_time", "marginalised_seats", "per_party", "officials_at_most",
    "categories", "repeat_attendees_warn", "capital_only_warn",
]  # fmt: skip
QuorumName = Literal["share", "per_party"]
PatienceName = Literal["vetting_months", "consent_months", "postponements", "stall_review_days", "retention_months"]


class CharterAmended(Milestone):
    """The charter was amended, with a reason. What is not named stays; what was decided before stays too."""

    needs_reason = True
    quotas: dict[QuotaName, float] | None = Field(default=None, description="the shares and counts that change")
    quorum: dict[QuorumName, float] | None = None
    patience: dict[PatienceName, int] | None = None
    seats: int | None = None
    ladders: dict[str, Ladder] | None = Field(default=None, description="whole ladders, by name")
    quiet: tuple[QuietSpan, ...] | None = Field(default=None, description="all quiet spans from now on")
    stage_model: NamedModel | None = None

    def allow(self, now: Initiative, said: Said) -> None:
        require(bool(self._named()), NOTHING)
        try:
            amended = self._amended(now)
        except ValidationError as error:
            raise Refused(IMPOSSIBLE, plain_errors(error)) from None
        require(amended != now.charter, NOTHING)

    def apply(self, now: Initiative, said: Said) -> Initiative:
        return now.but(charter=self._amended(now))

    def _named(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)

    def _amended(self, now: Initiative) -> Charter:
        """Return the charter it makes. Raises: ValidationError."""
        charter = now.charter.model_dump(mode="json", exclude_none=True)
        for name, value in self._named().items():
            merged = name in ("quotas", "quorum", "patience", "ladders")
            charter[name] = {**charter.get(name, {}), **value} if merged else value
        return Charter.model_validate(charter)
