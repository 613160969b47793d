"""The journal of one initiative: hears reports, asks the rules, numbers and chains what is to be recorded.

The only thing in `domain` that changes in place. It holds the present state, the head of the chain and the
entries that wait to be written down. The workflow, the tests and the rehearsal all drive this one object.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from domain.agenda import Agenda, Calendars
from domain.charter import Charter
from domain.decide import answered, decide, evolve, tick
from domain.engine_facts import ReportRefused, ReportUnreadable
from domain.initiative import RULEBOOK, Initiative
from domain.opening import InitiativeOpened, opening
from domain.record import ENGINE, GENESIS, Answer, EngineFact, Entry, Fact, Milestone, Report, canonical
from domain.rules import Refused, rule
from domain.vocabulary import Status

KIND = re.compile(r"^[a-z][a-z_]{0,59}\Z")
UNEXPECTED = rule(
    "report.unexpected",
    "The report was not taken: a rule stumbled over it. Nothing has changed; this is a mistake of the program.",
    "Tell those who maintain Jisr the milestone's kind and its fields.",
    "CONTRACT",
)


class Journal:
    """Drive it with `check`, `hear`, `tick` and `note`; take what is to be recorded with `take`."""

    def __init__(self, initiative: Initiative, seq: int = 0, head: str = GENESIS) -> None:
        self.now = initiative
        self.seq = seq
        self.head = head
        self.unrecorded: list[Entry] = []
        self._agenda: Agenda | None = None  # of the present state, if anybody asked for it

    @classmethod
    def open(cls, charter: Charter, at: datetime, by: str, rulebook: int = RULEBOOK) -> "Journal":
        """Open an initiative under a rulebook, for ever: its first entry is the charter."""
        journal = cls(opening(charter, at).but(rulebook=rulebook))
        journal._write(InitiativeOpened(charter=charter), by=by, at=at, heard_at=at)
        return journal

    @classmethod
    def past(
        cls,
        charter: Charter,
        facts: Sequence[Fact],
        days: tuple[datetime, datetime],
        heard_at: datetime,
        by: str,
        key: str,
        reason: str | None = None,
    ) -> "Journal":
        """Return the journal of what was over before it was entered: the charter, then the facts that ended it.

        `days`: when it was opened and when it ended; `key` marks every entry as imported, and from where.
        """
        began, ended = days
        journal = cls(opening(charter, began))
        journal._write(InitiativeOpened(charter=charter), by=by, at=began, heard_at=heard_at, key=key)
        for fact in facts:
            journal._write(fact, by=by, at=ended, heard_at=heard_at, reason=reason, key=key)
        return journal

    @classmethod
    def fold(cls, entries: Iterable[Entry]) -> "Journal":
        """Return the journal as its record tells it. Raises: ValueError on an empty record."""
        journal: Journal | None = None
        for entry in entries:
            now = evolve(journal.now if journal else None, entry)
            journal = cls(now, entry.seq, entry.hash)
        if journal is None:
            raise ValueError("an empty record has no journal")
        return journal

    # --- people and scripts ------------------------------------------------------------------------------------
    def check(self, given: Any, at: datetime) -> None:
        """Return if this report would be taken (or is a duplicate). Raises: Refused and nothing else."""
        try:
            report = Report.read(given)
            if answered(self.now, report) is None:
                decide(self.now, report, at)
        except Refused:
            raise
        except Exception:  # noqa: BLE001  a rule stumbled
            raise Refused(UNEXPECTED) from None

    def hear(self, given: Any, at: datetime) -> Answer:
        """Take a report, or refuse it in an entry of its own. Never raises: old runs must replay for ever."""
        try:
            report = Report.read(given)
        except Refused as refused:
            return self._unreadable(given, refused, "report", at)
        before = self.now, self.seq, self.head, len(self.unrecorded)
        try:
            return self._hear(report, at)
        except Refused as refused:
            return self._refuse(report, refused, at)
        except Exception:  # noqa: BLE001  a rule stumbled: nothing of it stays, and the run goes on
            self.now, self.seq, self.head, kept = before
            del self.unrecorded[kept:]
            return self._refuse(report, Refused(UNEXPECTED), at)

    def unreadable(self, given: Any, door: str, at: datetime) -> None:
        """Write down that something arrived which is no report, without repeating it."""
        digest = hashlib.sha256(_as_bytes(given)).hexdigest()[:16]
        self._write(ReportUnreadable(door=door, digest=digest), by=ENGINE, at=at, heard_at=at)

    # --- the clock and the channels ----------------------------------------------------------------------------
    def agenda(self, calendars: Calendars) -> Agenda:
        """Return what is owed now; worked out anew only when the state or a calendar has changed."""
        if self._agenda is None or self._agenda.now is not self.now or self._agenda.calendars != calendars:
            self._agenda = Agenda(self.now, calendars, before=self._agenda)
        return self._agenda

    def tick(self, calendars: Calendars, at: datetime) -> int:
        """Write down what has come due by now; return how many entries that made."""
        return self.note(tick(self.now, self.agenda(calendars), at), at)

    def note(self, facts: Sequence[EngineFact], at: datetime) -> int:
        """Write down facts the engine made itself."""
        for fact in facts:
            self._write(fact, by=ENGINE, at=at, heard_at=at)
        return len(facts)

    def take(self) -> list[Entry]:
        """Return the entries that wait to be recorded, and forget them here."""
        waiting, self.unrecorded = self.unrecorded, []
        return waiting

    # --- inside ------------------------------------------------------------------------------------------------
    def _hear(self, report: Report, at: datetime) -> Answer:
        before = answered(self.now, report)
        if before is not None:
            return self._answer(Status.DUPLICATE, before.seq)
        facts = decide(self.now, report, at)
        happened = report.at or at
        first = self.seq + 1
        for fact in facts:
            milestone = isinstance(fact, Milestone)
            self._write(
                fact,
                by=report.by if milestone else ENGINE,
                at=happened,
                heard_at=at,
                reason=report.reason if milestone else None,
                key=report.key,
                digest=report.digest() if report.key else None,
            )
        return self._answer(Status.ACCEPTED, range(first, self.seq + 1))

    def _write(
        self,
        fact: Fact,
        by: str,
        at: datetime,
        heard_at: datetime,
        reason: str | None = None,
        key: str | None = None,
        digest: str | None = None,
    ) -> None:
        entry = Entry(
            initiative=self.now.id,
            seq=self.seq + 1,
            at=at,
            heard_at=heard_at,
            by=by,
            kind=fact.kind,
            fields=fact.fields(),
            reason=reason,
            key=key,
            digest=digest,
            prev=self.head,
        ).sealed()
        if not isinstance(fact, InitiativeOpened):
            self.now = evolve(self.now, entry)
        self.seq, self.head = entry.seq, entry.hash
        self.unrecorded.append(entry)

    def _answer(self, status: Status, seq: Iterable[int]) -> Answer:
        return Answer(status=status, initiative=self.now.id, seq=tuple(seq), stage=self.now.stage.value)

    def _refuse(self, report: Report, refused: Refused, at: datetime) -> Answer:
        kind = report.kind if KIND.match(report.kind) else "unreadable"  # what is no kind may be a name
        fact = ReportRefused(refused_kind=kind, rule=refused.rule.id)
        self._write(fact, by=report.by, at=at, heard_at=at)
        return self._answer(Status.REFUSED, ()).but(rule=refused.rule.id, why=refused.why)

    def _unreadable(self, given: Any, refused: Refused, door: str, at: datetime) -> Answer:
        self.unreadable(given, door, at)
        return self._answer(Status.REFUSED, ()).but(rule=refused.rule.id, why=refused.why)


def _as_bytes(given: Any) -> bytes:
    if isinstance(given, bytes):
        return given
    try:
        return canonical(given)
    except (TypeError, ValueError, RecursionError):
        return type(given).__name__.encode()
