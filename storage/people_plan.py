"""What an import of people would do, row by row, and what a person decided about likely duplicates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Status = Literal["new", "unchanged", "changed", "duplicate", "error"]


class Decisions(NamedTuple):
    """What a person said of likely duplicates: rows that are somebody known (an id, or `row:N`), and new people."""

    same: Mapping[int, str] = MappingProxyType({})
    new: frozenset[int] = frozenset()


class Like(NamedTuple):
    """Somebody a row may mean: on the roster, or in an earlier row (`row:N`)."""

    who: str
    name: str
    why: str


@dataclass
class RowPlan:
    """What would happen with one row, or happened."""

    row: int
    status: Status = "new"
    id: str | None = None
    name: str = ""
    fields: list[str] = field(default_factory=list)  # that change
    like: list[Like] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        made = {name: getattr(self, name) for name in ("row", "status", "id", "name", "fields", "errors", "notes")}
        return made | {"like": [one._asdict() for one in self.like]}


@dataclass
class Plan:
    """What an import would do, row by row; `imported` says that it was done."""

    rows: list[RowPlan]
    notes: list[str]
    imported: bool = False

    def count(self, status: Status) -> int:
        """Return how many rows are so."""
        return sum(row.status == status for row in self.rows)

    def counts(self) -> dict[str, int]:
        statuses: tuple[Status, ...] = ("new", "unchanged", "changed", "duplicate", "error")
        return {status: self.count(status) for status in statuses}

    @property
    def refused(self) -> bool:
        """Whether something must be corrected or answered first."""
        return self.count("error") + self.count("duplicate") > 0

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "imported": self.imported,
            "counts": self.counts(),
            "notes": self.notes,
            "rows": [row.as_json() for row in self.rows],
        }
