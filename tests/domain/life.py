"""Tell a life in a test: open, report, let time pass, and look. Milliseconds, no server, the real rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.agenda import Due
from domain.charter import Charter, with_defaults
from domain.initiative import Initiative
from domain.journal import Journal
from domain.record import Answer, Entry
from domain.working_days import Calendar

OPENED = datetime(2026, 3, 1, 7, 0, tzinfo=UTC)  # a Sunday, a working day in Iraq

CHARTER: dict[str, Any] = {
    "id": "ini-test",
    "track": "1.5",
    "issue": "aml",
    "purposes": ["analyse", "help_resolve"],
    "parties": [{"id": "IQ", "country": "IQ"}, {"id": "TR", "country": "TR"}],
    "partners": [
        {"id": "P1", "institution": "inst-1", "country": "IQ", "focal": "p-41"},
        {"id": "P2", "institution": "inst-2", "country": "TR", "focal": "p-42"},
    ],
    "roles": {
        "manager": "p-01",
        "deputy": "p-02",
        "director": "p-03",
        "facilitator": "p-04",
        "vetting_lead": "p-05",
    },
    "vetters": ["p-11", "p-12", "p-13"],
    "people": {
        "p-01": {"country": "IQ", "zone": "Asia/Baghdad"},
        "p-42": {"country": "TR", "zone": "Europe/Istanbul", "organisation": "inst-2"},
        "p-11": {"country": "IQ", "organisation": "inst-9"},
        "p-12": {"country": "TR", "zone": "Europe/Istanbul", "organisation": "inst-8"},
        "p-13": {"country": "CH", "zone": "Europe/Zurich", "organisation": "inst-7"},
    },
}


class Life:
    """One initiative under test. `at` is the clock; `pass_days` lets it run and settles what comes due."""

    def __init__(self, calendars: dict[str, Calendar] | None = None, **changes: Any) -> None:
        self.at = OPENED
        self.calendars = calendars or {}
        charter = Charter.model_validate(with_defaults({**CHARTER, **changes}))
        self.journal = Journal.open(charter, OPENED, "manager:p-01")

    @property
    def now(self) -> Initiative:
        return self.journal.now

    @property
    def entries(self) -> list[Entry]:
        return self.journal.unrecorded

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]

    def hear(self, kind: str, by: str = "manager:p-01", at: datetime | None = None, **fields: Any) -> Answer:
        report = {"kind": kind, "by": by, **fields}
        if at is not None:
            report["at"] = at.isoformat()
        if fields.get("reason") is True:
            report["reason"] = "text:" + "0" * 32
        return self.journal.hear(report, self.at)

    def report(self, kind: str, **fields: Any) -> "Life":
        """Report, and insist that it is accepted."""
        answer = self.hear(kind, **fields)
        assert answer.status == "accepted", f"{kind}: {answer.rule} {answer.why}"
        return self

    def refused(self, rule: str, kind: str, /, **fields: Any) -> "Life":
        """Report, and insist that exactly this rule refuses and nothing else changes."""
        before = self.now
        answer = self.hear(kind, **fields)
        assert (answer.status, answer.rule) == ("refused", rule), f"{kind}: {answer.status} {answer.rule} {answer.why}"
        assert self.now == before
        return self

    def due(self) -> tuple[Due, ...]:
        return self.journal.agenda(self.calendars).due(self.at)

    def owed(self) -> set[str]:
        """Return the ids of what is owed now."""
        return {one.id for one in self.journal.agenda(self.calendars).obligations}

    def pass_days(self, days: float) -> list[Entry]:
        """Let time pass as the engine does, from one due moment to the next; return the entries that made."""
        until, first = self.at + timedelta(days=days), len(self.entries)
        while (due := self.journal.agenda(self.calendars).next_due()) is not None and due <= until:
            self.at = max(due, self.at)
            assert self.journal.tick(self.calendars, self.at), f"nothing happened at {self.at}: the clock would hang"
        self.at = until
        return self.entries[first:]
