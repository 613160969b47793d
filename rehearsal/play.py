"""Play charters and dated reports against the real workflow on a time-skipping server.

Everything is real but the date: the workflow, its worker, a database and the outbox in a folder of their own. A
virtual clock can only start at the present, so every workflow is told by how much its calendar is shifted.
"""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from client import Jisr, utc_now
from desk import Opening
from domain.initiative import Initiative
from domain.record import Answer, Entry
from errors import InvalidInput, JisrError
from rehearsal.server import Engine, time_skipping_engine
from settings import Settings
from storage import ledger
from storage.database import Database
from worker import running_worker
from workflows.steps import NEXT_DUE

# Off at the start: a workflow started with skipping on would run away before its first report.
STANDING_STILL = TimeSkippingConfig(enabled=False, max_session_skip_count=1_000_000)
CHUNK = 200
AFTERNOON = timedelta(hours=6)
Line = tuple[datetime, str, Mapping[str, Any]]


@dataclass
class Script:
    """One initiative to be played: its charter and its reports, each with the moment it is reported."""

    charter: Mapping[str, Any]
    reports: Sequence[Mapping[str, Any]]


@dataclass
class Played:
    """What came of it: one answer a report (in order), the record, and the state at the end."""

    initiative: str
    answers: list[Answer] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    final: Initiative | None = None


class Stage:
    """A server, a worker, a database and an outbox of their own; one clock for every initiative."""

    def __init__(self, engine: Client, jisr: Jisr) -> None:
        self._skipper = TimeSkipper(engine, config=STANDING_STILL)
        self._jisr = jisr
        self._shifts: dict[str, timedelta] = {}  # by initiative, those that are open
        self._ahead: dict[str, timedelta] = {}  # how far each one's virtual clock was brought before the real one

    @property
    def database(self) -> Database:
        return self._jisr.desk.database

    async def play(self, scripts: Sequence[Script], until: datetime | None = None) -> list[Played]:
        """Open each initiative a minute before its first report, give every report at its moment, return what came."""
        openings = [await asyncio.to_thread(self._jisr.desk.opening, script.charter) for script in scripts]
        played = [Played(opening.charter.id) for opening in openings]
        lines = _in_order(zip(openings, scripts, strict=True))
        waiting = sorted(zip(map(_opened_at, scripts), openings, strict=True), key=lambda pair: pair[0])
        while lines or waiting:
            if waiting and (not lines or waiting[0][0] < lines[0][0]):
                await self._open(*waiting.pop(0))
                continue
            now = await self._due_together(lines, waiting[0][0] if waiting else None)
            lines = lines[len(now) :]
            for one in played:
                reports = [report for _, initiative, report in now if initiative == one.initiative]
                for start in range(0, len(reports), CHUNK):
                    one.answers += await self._jisr.report_many(one.initiative, reports[start : start + CHUNK])
        if until is not None:
            await self._advance(until)
        for one in played:
            await self._rested(one.initiative)
            state = await self._jisr.state(one.initiative)
            one.final = Initiative.model_validate(state["state"])
            if not await self._jisr.recorded(one.initiative, patience=30):
                raise JisrError(f"The record of {one.initiative} did not catch up within 30 seconds.")
            one.entries = list(ledger.entries(self.database, one.initiative))
        return played

    async def _open(self, moment: datetime, opening: Opening) -> None:
        """Open an initiative whose calendar shows this moment, when the others have come there."""
        await self._advance(moment)
        shift = moment - utc_now()
        await self._jisr.open_prepared(opening, self._jisr.settings.actor, shift=shift.total_seconds())
        self._shifts[opening.charter.id] = shift

    async def _due_together(self, lines: list[Line], until: datetime | None) -> list[Line]:
        """Bring the clocks to the next report; return it with those of the next hours, if nothing comes due between.

        They are handed in as one, each with its own `at`, as somebody does who writes up an afternoon.
        """
        first = lines[0][0]
        await self._advance(first)
        end = first + AFTERNOON if until is None else min(first + AFTERNOON, until)
        if any(first < moment <= end for moment, *_ in lines):
            due = [await self._next_due(initiative) for initiative in self._shifts]
            end = max(first, min([end, *filter(None, due)]))
            await self._advance(max(moment for moment, *_ in lines if moment <= end))
        return [line for line in lines if line[0] <= end]

    async def _advance(self, moment: datetime) -> None:
        """Bring every clock to this moment; what comes due on the way happens in order.

        A clock is only moved while its workflow rests: the server waits for what is under way.
        """
        for initiative, shift in self._shifts.items():
            ahead = moment - shift - self._clock(initiative)
            if ahead > timedelta():
                await self._skipper.fast_forward(self._handle(initiative), ahead)
                self._ahead[initiative] = moment - shift - utc_now()

    def _clock(self, initiative: str) -> datetime:
        """Return a workflow's own virtual time: it goes on from where it was brought to."""
        return utc_now() + self._ahead.get(initiative, timedelta())

    async def _next_due(self, initiative: str) -> datetime | None:
        """Return what a workflow waits for, on the dates of the rehearsal."""
        described = await self._rested(initiative)
        return described.typed_search_attributes.get(NEXT_DUE)

    async def _rested(self, initiative: str) -> WorkflowExecutionDescription:
        """Wait until nothing is under way in a workflow; return how it then stands."""
        while True:
            described: WorkflowExecutionDescription = await self._handle(initiative).describe()
            raw = described.raw_description
            if not raw.HasField("pending_workflow_task") and not raw.pending_activities:
                return described
            await asyncio.sleep(0.004)

    def _handle(self, initiative: str) -> Any:
        return self._jisr.engine.get_workflow_handle(f"initiative/{initiative}")


@asynccontextmanager
async def stage(out: Path, settings: Settings | None = None, started: Engine | None = None) -> AsyncIterator[Stage]:
    """Set up a stage whose database, outbox and logs lie in `out`; on a server that was started, or a new one."""
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    given = settings or Settings()
    own = given.model_copy(
        update={
            "home": out,
            "database_url": SecretStr(f"sqlite:///{(out / 'record.db').resolve()}"),
            "channels": None,  # a rehearsal writes to nobody
            "answer_url": None,  # and nobody answers it
            "temporal_timeout": 60.0,
        }
    )
    before = gc.get_threshold()
    gc.set_threshold(20_000, 20, 50)  # it lives for a minute: memory for speed
    # Without the sandbox: it finds clocks and chance in workflow code, which is the tests' work, and costs a third.
    try:
        async with (
            time_skipping_engine(started) as engine,
            running_worker(own, engine, sandbox=False),
            Jisr(engine, own) as jisr,
        ):
            yield Stage(engine, jisr)
    finally:
        gc.set_threshold(*before)


def _opened_at(script: Script) -> datetime:
    """Return when an initiative opens: a minute before its first report."""
    moments = [_moment(report, number) for number, report in enumerate(script.reports, 1)]
    return min(moments, default=utc_now()) - timedelta(minutes=1)


def _in_order(scripts: Iterable[tuple[Opening, Script]]) -> list[Line]:
    """Return the reports of all in order of time; those of one moment in the order they were written."""
    lines = [
        (_moment(report, number), opening.charter.id, report)
        for opening, script in scripts
        for number, report in enumerate(script.reports, 1)
    ]
    return sorted(lines, key=lambda line: line[0])


def read_reports(name: str, text: str) -> list[dict[str, Any]]:
    """Return the dated reports of a JSON Lines text. Raises: InvalidInput, naming the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            report = json.loads(line)
        except RecursionError:
            raise InvalidInput(f"{name}, line {number}: this is nested too deeply.") from None
        except ValueError as error:
            raise InvalidInput(f"{name}, line {number}: this is no JSON ({error}).") from None
        if not isinstance(report, dict):
            raise InvalidInput(f"{name}, line {number}: a report is one JSON object.")
        _moment(report, number)
        found.append(report)
    return found


def _moment(report: Mapping[str, Any], number: int) -> datetime:
    try:
        moment = datetime.fromisoformat(str(report["at"]))
    except (KeyError, ValueError):
        raise InvalidInput(f"Report {number}: a rehearsal needs `at`, for example 2026-03-01T10:00+03:00.") from None
    if moment.tzinfo is None:
        raise InvalidInput(f"Report {number}: `at` needs its zone, for example 2026-03-01T10:00+03:00.")
    return moment
