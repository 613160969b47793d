"""What the stories share: an example from its files, played dry, once for all tests."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from time import process_time
from typing import Any

import yaml

from desk import read_charter
from domain.decide import evolve
from domain.initiative import Initiative
from domain.journal import Journal
from domain.record import Answer, Entry
from domain.working_days import Calendar
from rehearsal.dry import play
from storage.calendars import build_calendars

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass
class Told:
    """One initiative played dry."""

    journal: Journal
    answers: list[Answer] = field(default_factory=list)
    seconds: float = 0.0  # of this process, whatever else the machine does

    @property
    def entries(self) -> list[Entry]:
        return self.journal.unrecorded


def played(given: dict[str, Any], reports: list[dict[str, Any]], until: datetime) -> Told:
    charter, _, _ = read_charter(given)
    answers: list[Answer] = []
    began = process_time()
    journal = play(charter, reports, until, calendars(), answers)
    return Told(journal, answers, process_time() - began)


@cache
def calendars() -> dict[str, Calendar]:
    return build_calendars(["IQ", "IQ-KR", "TR", "SY", "CH"], 2025, 2033)


def charter_of(example: str) -> dict[str, Any]:
    given: dict[str, Any] = yaml.safe_load((EXAMPLES / example / "charter.yaml").read_text(encoding="utf-8"))
    return given


def states(entries: list[Entry]) -> list[tuple[Entry, Initiative]]:
    """Return the state after everything one report or one tick brought about, beside its first entry."""
    found, now = [], None
    for _, batch in groupby(entries, key=lambda e: (e.heard_at, e.key)):
        lines = list(batch)
        for entry in lines:
            now = evolve(now, entry)
        assert now is not None
        found.append((lines[0], now))
    return found
