"""The one door to Temporal, for every entry; also the Python client that scripts import.

    async with await Jisr.connect() as jisr:
        answer = await jisr.report("ini-7f3a", "partner_signed", partner="P1", key="mou-2025-01", by="manager:1")

A refusal is an answer, not an error. Errors are `JisrError`s with a sentence and the exit code of the command line.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, Self, TypeVar

from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistory,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    DefaultFailureConverterWithEncodedAttributes,
)
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

import engine_record
from answer_desk import AnswerDesk
from desk import Desk, Opening
from domain import view
from domain.access import HOUSE, OWN_NAME, Identity, SignIn, require_may, spoken, without_reviews
from domain.clocks import clocks
from domain.initiative import RULEBOOK
from domain.journal import Journal
from domain.opening import opening as first_state
from domain.record import Answer, Report
from domain.rules import RULES, Refused
from domain.verbs import CLIENT
from domain.vocabulary import Status
from errors import Forbidden, InvalidInput, JisrError, NotFound, RefusedByRule, Unavailable
from settings import Settings
from storage.away import DatabaseAway, DatabaseUrlWrong
from storage.entrance import Entrance
from workflows.chapter import Chapter
from workflows.converter import CONVERTER
from workflows.initiative import TASK_QUEUE, TYPE
from workflows.roster_change import HELD, ROSTER_WRONG
from workflows.steps import BATCH_MAX

T = TypeVar("T")
# CANCELLED is what the engine's own client makes of a call that took too long.
NOT_NOW = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)
CHUNK = 200  # reports in one update of a longer batch
CHUNK_BYTES = 1_000_000  # and what they weigh: the engine takes 2 MB in one message


async def connect(settings: Settings | None = None) -> Client:
    """Return a connected engine client. Raises: Unavailable, InvalidInput.

    Temporal's own environment names decide where; without them the `jisr up` of this home; else localhost:7233.
    """
    settings = settings or Settings()
    try:
        config = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError) as error:
        raise InvalidInput(f"Temporal's own settings (TEMPORAL_*) cannot be read: {error}. Correct them.") from None
    if not config.get("target_host"):
        own = _engine_of(settings)
        config["target_host"] = own.get("address", "localhost:7233")
        config["namespace"] = config.get("namespace") or own.get("namespace", "default")
    deadline = time.monotonic() + settings.temporal_timeout
    while True:
        try:
            return await Client.connect(**config, data_converter=converter(settings), identity="jisr")
        except (RuntimeError, RPCError):
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"The engine (Temporal) does not answer at {config['target_host']}. Nothing has changed. "
                    "Start it with `jisr up`, or set TEMPORAL_ADDRESS to where it runs."
                ) from None
            await asyncio.sleep(0.2)


def converter(settings: Settings) -> DataConverter:
    """Return how values travel to the engine and back under these settings."""
    if settings.payload_encryption == "off":
        return CONVERTER
    from storage.database import open_database  # noqa: PLC0415  slow to import
    from storage.payload_codec import EncryptedPayloads  # noqa: PLC0415
    from storage.payload_keys import PayloadKeys  # noqa: PLC0415

    keys = PayloadKeys(lambda: open_database(settings.database, settings.key_file()))
    writes = settings.payload_encryption == "on"
    return replace(
        CONVERTER,
        payload_codec=EncryptedPayloads(keys, writes),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes if writes else DefaultFailureConverter,
    )


def _engine_of(settings: Settings) -> dict[str, str]:
    """Return where the `jisr up` of this home said its engine is: address and namespace."""
    try:
        found = json.loads((settings.home / "engine.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class Jisr:
    """Open, report and ask, with an engine and a database behind it."""

    def __init__(
        self, engine: Client, settings: Settings, task_queue: str = TASK_QUEUE, entrance: Entrance | None = None
    ) -> None:
        """`entrance` says who is there; without one it is the house itself, as for the worker."""
        self._entrance = entrance
        self.engine = engine
        self.settings = settings
        self.desk = Desk(settings)
        self._task_queue = task_queue

    @classmethod
    async def connect(cls, settings: Settings | None = None, token: str | None = None) -> Self:
        """Connect with settings from the environment, as whoever the token belongs to, or else is signed in here.

        Raises: Unavailable. What they may not do raises Forbidden when it is tried.
        """
        settings = settings or Settings()
        entrance = Entrance(settings.database, settings.home, token or settings.given_token())
        return cls(await connect(settings), settings, entrance=entrance)

    async def _admitted(self, verb: str, initiative: str | None = None) -> Identity:
        """Return who is there, if they may use this verb. Raises: Forbidden, Unavailable."""
        if self._entrance is None:
            return HOUSE
        try:
            who = await asyncio.to_thread(self._entrance.who, utc_now())
        except DatabaseAway as away:
            raise Unavailable(f"{away} Who you are cannot be asked.") from None
        except DatabaseUrlWrong as wrong:
            raise InvalidInput(str(wrong)) from None
        need = CLIENT[verb]
        try:
            require_may(who, need.to, initiative, need.narrows)
        except Refused as refused:
            raise await self._denied(who, verb, refused) from None
        return who

    async def _denied(self, who: Identity, verb: str, refused: Refused) -> Forbidden:
        """Return the error to raise, after noting the refusal; it holds even where that cannot be written."""
        from storage import accounts  # noqa: PLC0415  slow to import

        by = who.actor if who.named else "nobody"
        noted = accounts.Noted(utc_now(), by, "refused", f"client.{verb}", refused.rule.id)
        with contextlib.suppress(DatabaseAway, Unavailable):
            await asyncio.to_thread(lambda: accounts.note(self.desk.database, noted))
        return Forbidden(f"{refused.why} {refused.rule.satisfy} ({refused.rule.id})")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.desk.close()
        await asyncio.sleep(0.05)  # the engine's threads must be idle before the interpreter ends

    # --- open and report ---------------------------------------------------------------------------------------
    async def open(self, charter: Mapping[str, Any], by: str | None = None) -> Answer:
        """Open an initiative from a charter; the same id again is a duplicate. Raises: InvalidInput, Unavailable."""
        who = await self._admitted("open")
        if who.named and by not in (None, who.actor):
            raise await self._denied(who, "open", Refused(OWN_NAME))
        opening = await asyncio.to_thread(self.desk.opening, charter)
        return await self.open_prepared(opening, who.actor if who.named else by or self.settings.actor)

    async def open_prepared(self, opening: Opening, by: str, shift: float = 0.0) -> Answer:
        who = await self._admitted("open_prepared")
        by = who.actor if who.named else by
        id = opening.charter.id
        answer = Answer(status=Status.ACCEPTED, initiative=id, seq=(1,), stage="concept")
        opened_at = utc_now() + timedelta(seconds=shift)
        chapter = Chapter(
            charter=opening.charter,
            rulebook=RULEBOOK,
            by=by,
            shift=shift,
            calendars=clocks(view.zones(first_state(opening.charter, opened_at)), opened_at.year + 2),
        )
        return await self._start(id, chapter, answer)

    async def _start(self, id: str, chapter: Chapter, answer: Answer) -> Answer:
        """Start the workflow of an initiative; the answer is `duplicate` when there is one of this id."""
        try:
            await self._patiently(
                lambda: self.engine.start_workflow(
                    TYPE,
                    chapter,
                    id=f"initiative/{id}",
                    task_queue=self._task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                )
            )
        except WorkflowAlreadyStartedError:
            return answer.but(status=Status.DUPLICATE, why="This id is open already; nothing was changed.")
        return answer

    async def open_past(self, journal: Journal) -> Answer:
        """Open an initiative that is over, with its whole record; the same id again is a duplicate.

        It stays running as every closed one does, so that it can be taken up again. Raises: Unavailable.
        """
        await self._admitted("open_past")
        past = Chapter(state=journal.now, seq=journal.seq, head=journal.head, unrecorded=tuple(journal.unrecorded))
        return await self._start(journal.now.id, past, Answer(status=Status.ACCEPTED, initiative=journal.now.id))

    async def report(
        self,
        initiative: str,
        kind: str,
        /,  # a milestone may have a field called initiative
        *,
        by: str | None = None,
        key: str | None = None,
        reason: str | None = None,
        at: datetime | str | None = None,
        on_behalf_of: str | None = None,
        wait: bool = True,
        **fields: Any,
    ) -> Answer:
        """Report one milestone and return the answer; `wait=False` signals and returns at once.

        `on_behalf_of`: the person whose answer this is, recorded for them and marked as such.
        Raises: InvalidInput (nothing was sent), NotFound, Unavailable (the outcome may be unknown: same key again).
        """
        report = {"kind": kind, **fields, "by": by, "key": key, "reason": reason, "at": _iso(at)}
        report["on_behalf_of"] = on_behalf_of
        who = await self._admitted("report", initiative)
        try:
            report = spoken(who, initiative, report)
        except Refused as refused:
            raise await self._denied(who, "report", refused) from None
        try:
            prepared = await asyncio.to_thread(self.desk.prepare, initiative, report)
        except Refused as refused:
            return _refusal(initiative, refused)
        if not wait:
            await self._ask(initiative, lambda h: h.signal("report", prepared.flat()), prepared.key)
            return Answer(status=Status.ACCEPTED, initiative=initiative, why="Sent; nobody waits for the answer.")
        return await self._update(initiative, prepared)

    async def report_many(
        self, initiative: str, reports: Iterable[Mapping[str, Any]], *, stop_on_refusal: bool = False
    ) -> list[Answer]:
        """Report many milestones in order, in few round trips; one answer a report, in the same order.

        A line that is not well-formed, or not whoever is signed in may say, is answered as refused and is not sent;
        the others are.
        """
        who = await self._admitted("report_many", initiative)
        answers: list[Answer] = []
        chunk: list[Report] = []
        size = 0

        async def send() -> bool:
            """Send what has gathered; say whether to go on."""
            nonlocal answers, chunk, size
            answers += await self._update_many(initiative, chunk, stop_on_refusal)
            chunk, size = [], 0
            return not (stop_on_refusal and _refused(answers))

        for given in reports:
            try:
                said = spoken(who, initiative, given)
                prepared = await asyncio.to_thread(self.desk.prepare, initiative, said)
            except (InvalidInput, Refused) as error:
                if not await send():
                    return answers
                answers.append(_refusal(initiative, error))
                if stop_on_refusal:
                    return answers
                continue
            weight = len(prepared.model_dump_json())
            if (len(chunk) == CHUNK or size + weight > CHUNK_BYTES) and not await send():
                return answers
            chunk.append(prepared)
            size += weight
        await send()
        return answers

    async def _update(self, initiative: str, report: Report) -> Answer:
        # One id for one call: a retry after a lost answer is recognised by the engine, a repeat by the key.
        call_id = uuid.uuid4().hex
        try:
            answer = await self._ask(
                initiative,
                lambda h: h.execute_update(
                    "report", report.flat(), id=call_id, result_type=dict, rpc_timeout=self._timeout
                ),
                report.key,
            )
        except WorkflowUpdateFailedError as error:
            return _answer_of(initiative, error)
        return Answer.model_validate(answer)

    async def _update_many(self, initiative: str, reports: list[Report], stop: bool) -> list[Answer]:
        if not reports:
            return []
        assert len(reports) <= BATCH_MAX
        call_id = uuid.uuid4().hex
        batch = {"reports": [one.flat() for one in reports], "stop_on_refusal": stop}
        try:
            answers = await self._ask(
                initiative,
                lambda h: h.execute_update(
                    "report_batch", batch, id=call_id, result_type=list, rpc_timeout=self._timeout
                ),
                reports[0].key,
            )
        except WorkflowUpdateFailedError as error:
            return [_answer_of(initiative, error)] * len(reports)
        return [Answer.model_validate(one) for one in answers]

    # --- answer by a link --------------------------------------------------------------------------------------
    async def answer_page(self, token: str) -> dict[str, Any]:
        """Return what a link asks and what can be answered; looking does nothing. Raises: Forbidden, Unavailable."""
        return await asyncio.to_thread(self._answers.page, token, utc_now())

    async def answer(self, token: str, verb: str, **fields: Any) -> Answer:
        """Answer by a link, as the person it was sent to; the same answer again is a duplicate.

        Raises: Forbidden (forged, expired, somebody else's), InvalidInput, Unavailable.
        """
        ready = await asyncio.to_thread(self._answers.ready, token, verb, fields, utc_now())
        if isinstance(ready, Answer):
            return ready
        initiative = ready.bound.initiative
        if ready.change is None:
            answer = await self._update(initiative, ready.report)
            if answer.status is Status.REFUSED:
                await asyncio.to_thread(self._answers.refused, ready)
            return answer
        change = self._roster_change(ready.change, ready.bound.person, ready.report.flat())
        try:
            await asyncio.wait_for(change, self.settings.temporal_timeout)
        except TimeoutError:
            raise Unavailable("Your answer was taken and will be carried out; there is no need to repeat it.") from None
        status = Status.DUPLICATE if ready.said.again else Status.ACCEPTED
        return Answer(status=status, initiative=initiative, why="It holds for everything we write to you.")

    @property
    def _answers(self) -> AnswerDesk:
        return AnswerDesk(self.desk, self.settings)

    # --- ask -----------------------------------------------------------------------------------------------------
    async def show(self, initiative: str) -> dict[str, Any]:
        """Return where an initiative stands, from the engine. Raises: NotFound, Unavailable."""
        await self._admitted("show", initiative)
        found: dict[str, Any] = await self._query(initiative, "show")
        return found

    async def state(self, initiative: str) -> dict[str, Any]:
        """Return the state and calendars an agenda is worked out from. Raises: NotFound, Unavailable.

        For whoever is signed in and is no assessor, without what reviews say.
        """
        who = await self._admitted("state", initiative)
        found = await whole_state(self, initiative)
        return found if who.role is SignIn.HOUSE else {**found, "state": without_reviews(found["state"], who)}

    async def histories(self, id: str) -> list[WorkflowHistory]:
        """Return what the engine remembers of an initiative, run by run. Raises: NotFound, Unavailable."""
        await self._admitted("histories", id)
        found = await self._patiently(lambda: engine_record.runs(self.engine, f"initiative/{id}"))
        if not found:
            raise NotFound(f"The engine remembers nothing of {id}. See `jisr list`.")
        return found

    async def head(self, initiative: str) -> dict[str, Any]:
        """Return the head of the chain as the engine knows it: `{"seq": .., "hash": ..}`."""
        await self._admitted("head", initiative)
        found: dict[str, Any] = await self._query(initiative, "head")
        return found

    async def recorded(self, initiative: str, patience: float = 5.0) -> bool:
        """Wait until the record holds all the engine has accepted; False if it does not within `patience` seconds."""
        await self._admitted("recorded", initiative)
        head = (await self.head(initiative))["seq"]
        deadline = time.monotonic() + patience
        while (await asyncio.to_thread(self.desk.head, initiative))[0] < head:
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def roster_change(self, change_id: str, person: str, report: Mapping[str, Any]) -> dict[str, Any]:
        """Tell every live initiative of a person about a change, durably; the same change id again does nothing.

        Raises: InvalidInput for what the roster cannot take: nobody has heard of it then. Unavailable.
        """
        who = await self._admitted("roster_change")
        if who.named:
            report = {**report, "by": who.actor}
        return await self._roster_change(change_id, person, report)

    async def _roster_change(self, change_id: str, person: str, report: Mapping[str, Any]) -> dict[str, Any]:
        await asyncio.to_thread(self.desk.check_change, person, report)
        change = {"id": change_id, "person": person, "report": dict(report)}
        try:
            reached: dict[str, Any] = await self._patiently(
                lambda: self.engine.execute_workflow(
                    "RosterChange",
                    change,
                    id=f"roster-change/{change_id}",
                    task_queue=self._task_queue,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    result_type=dict,
                )
            )
        except WorkflowFailureError as failed:
            raise _roster_wrong(failed) from None
        return reached

    async def calendars_changed(self, initiatives: Iterable[str]) -> tuple[list[str], list[str]]:
        """Let running initiatives fetch their calendars anew; return who was reached and who runs no more.

        What is not yet sent is planned anew; where no day has changed, nothing happens. Once more does no harm.
        Raises: Unavailable; whoever was not reached by then is reached by doing it again.
        """
        await self._admitted("calendars_changed")
        reached: list[str] = []
        gone: list[str] = []
        for initiative in initiatives:
            try:
                await self._ask(initiative, lambda h: h.signal("calendars_changed"))
            except NotFound:
                gone.append(initiative)
            else:
                reached.append(initiative)
        return reached, gone

    # --- inside ------------------------------------------------------------------------------------------------
    @property
    def _timeout(self) -> timedelta:
        return timedelta(seconds=self.settings.temporal_timeout)

    async def _query(self, initiative: str, name: str) -> Any:
        try:
            return await self._ask(initiative, lambda h: h.query(name, rpc_timeout=self._timeout))
        except WorkflowQueryFailedError as error:
            raise Unavailable(f"The worker could not answer ({error}). Is one running? See `jisr doctor`.") from None

    async def _ask(
        self, initiative: str, call: Callable[[WorkflowHandle[Any, Any]], Awaitable[T]], key: str | None = None
    ) -> T:
        handle = self.engine.get_workflow_handle(f"initiative/{initiative}")
        try:
            return await self._patiently(lambda: call(handle), key)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NotFound(f"No initiative {initiative} is running. See `jisr list`.") from None
            raise Unavailable(f"The engine refused the call ({error.status.name}). See `jisr doctor`.") from None

    async def _patiently(self, call: Callable[[], Awaitable[T]], key: str | None = None) -> T:
        """Try again while the engine or its worker is away; a time-out means unknown, never no."""
        deadline = time.monotonic() + self.settings.temporal_timeout
        while True:
            try:
                return await call()
            except WorkflowUpdateRPCTimeoutOrCancelledError:
                pass
            except DatabaseAway as away:  # where payloads are encrypted, their keys are there
                raise Unavailable(str(away)) from None
            except RPCError as error:
                if error.status not in NOT_NOW:
                    raise
            if time.monotonic() > deadline:
                again = f" Send it again with --key {key}: it is taken once." if key else ""
                raise Unavailable(f"No answer in time; whether it was taken is unknown.{again}")
            await asyncio.sleep(0.2)


async def whole_state(jisr: Jisr, initiative: str) -> dict[str, Any]:
    """Return the state and calendars whole, for this house to work out what is due. What reviews say is in it: it is
    shown to nobody, and no method of the client returns it. Raises: NotFound, Unavailable."""
    found: dict[str, Any] = await jisr._query(initiative, "state")
    return found


def _answer_of(initiative: str, error: WorkflowUpdateFailedError) -> Answer:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.details:
        return Answer.model_validate(cause.details[0])
    if isinstance(cause, ApplicationError) and cause.type in RULES:
        return Answer(status=Status.REFUSED, initiative=initiative, rule=cause.type, why=cause.message)
    raise Unavailable("The initiative ended while it answered. See `jisr show`.") from None


def _roster_wrong(failed: WorkflowFailureError) -> JisrError:
    """Return why a change about a person came to nothing."""
    cause = failed.cause.cause if isinstance(failed.cause, ActivityError) else failed.cause
    if isinstance(cause, ApplicationError) and cause.type == ROSTER_WRONG:
        return InvalidInput(f"The roster cannot take it: {cause.message} Nobody has heard of it.", ROSTER_WRONG)
    if isinstance(cause, ApplicationError) and cause.type == HELD:
        return RefusedByRule("They came under a legal hold meanwhile. Nothing was erased; see `jisr people hold`.")
    return Unavailable("The change came to an end before it was carried out. See `jisr people show`, then repeat it.")


def _refusal(initiative: str, why: InvalidInput | Refused) -> Answer:
    """Return the answer to what was refused before it was sent."""
    if isinstance(why, InvalidInput):
        return Answer(status=Status.REFUSED, initiative=initiative, rule=why.rule, why=str(why))
    said = f"{why.why} {why.rule.satisfy}"
    return Answer(status=Status.REFUSED, initiative=initiative, rule=why.rule.id, why=said)


def _refused(answers: list[Answer]) -> bool:
    return bool(answers) and answers[-1].status is Status.REFUSED


def _iso(at: datetime | str | None) -> str | None:
    return at.isoformat() if isinstance(at, datetime) else at


def utc_now() -> datetime:
    """Return the time of this machine: for doors only, never for rules."""
    return datetime.now(UTC)


def run_and_leave(work: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command to its end and leave the process with its exit code.

    The one way out of every process that holds an engine client: at a normal interpreter exit the engine's threads
    abort some runs after their work was done, and the exit code would lie.
    """
    try:
        code = asyncio.run(work)
    except JisrError as error:
        print(error, file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


__all__ = ["InvalidInput", "Jisr", "JisrError", "NotFound", "Refused", "Unavailable", "connect", "run_and_leave"]
