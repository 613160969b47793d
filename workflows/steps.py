"""What an initiative does between its doors: the clock, the record, the messages, the page that is turned.

The engine imports `workflows/initiative.py` anew for every run it holds; what stands here is shared by all of them. It
is therefore not watched for clocks and chance by the engine's sandbox; tests/domain/test_purity.py does that.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, is_cancelled_exception

from activities.messages import DELIVER, RECORD, RELAY, ErrandDone, Order, Receipt, RecordBatch, Recorded
from domain import view
from domain.clocks import key as clock_key
from domain.engine_facts import InitiativeTold, NoticeDelivered
from domain.errands import errands
from domain.journal import Journal
from domain.notices import notices
from domain.record import Answer, Entry
from domain.working_days import shared
from workflows.chapter import Chapter

STAGE = SearchAttributeKey.for_keyword("JisrStage")
TRACK = SearchAttributeKey.for_keyword("JisrTrack")
STALLED = SearchAttributeKey.for_bool("JisrStalled")
NEXT_DUE = SearchAttributeKey.for_datetime("JisrNextDue")

BATCH_MAX = 500  # reports in one update: well below Temporal's 2 MB for one message
RECORD_MAX = 400  # entries in one record activity, for the same reason
RECORD_BYTES = 800_000
HISTORY_MIN = 20  # events a run has at least: whatever the server suggests, runs do not chase each other
HISTORY_MAX = 3_000  # events after which the run continues as new: replay stays under a second or two
HISTORY_FAR = 12_000  # events after which it does not even wait for a delivery
SENT = "sent"
SOON = timedelta(days=8)  # how long good news of a message may wait for the next batch
PATIENT = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=30))
GONE = timedelta(seconds=30)  # when a worker that says nothing is taken for dead, and another one goes on
WRITTEN = timedelta(seconds=15)  # a writing that takes longer is tried again; written twice is written once
LATER = timedelta(minutes=1)  # how long to wait after what should not happen: a failed step, a clock that stands
APART = "tasks-apart"  # runs of before go on without it
UNKNOWN = object()  # what an earlier run has shown


class Steps:
    """The state of one run, and what is done with it. One step at a time; only these await anything."""

    def __init__(self, chapter: Chapter) -> None:
        self._calendars = shared(chapter.calendars)
        self._shift = timedelta(seconds=chapter.shift)
        if chapter.state is not None:
            self._journal = Journal(chapter.state, chapter.seq, chapter.head)
            self._journal.unrecorded.extend(chapter.unrecorded)
        elif chapter.charter is not None:
            self._journal = Journal.open(chapter.charter, self._now(), chapter.by, chapter.rulebook)
        self._waiting, self._errands = chapter.waiting, chapter.errands
        self._receipts = list(chapter.receipts)
        self._rang = False  # the timer has fired
        self._refresh = False  # calendars were changed outside
        self._timer: asyncio.Task[None] | None = None
        self._armed: datetime | None = None
        self._shown: tuple[Any, ...] = (UNKNOWN if chapter.state else None,) * 4
        self._fresh = True  # nothing has been shown and no timer set in this run
        self._stuck: datetime | None = None  # a due moment that has passed and at which nothing happened
        self._under_way: dict[str, asyncio.Task[None]] = {}  # what goes on beside the record, by its name
        self._seats: tuple[Any, ...] = ()
        self._rests = False  # run() waits for something to do
        self._task, self._spoke, self._silent = 0, 0, False  # see _keep_tasks_apart
        self._apart: asyncio.Task[None] | None = None

    async def _step(self) -> None:
        """Do what there is to do: the clock, the lists, the record; then what may take long, beside all that."""
        if self._rang:
            self._rang, self._armed, self._stuck = False, None, None
            if not self._journal.tick(self._calendars, self._now()):
                due = self._journal.agenda(self._calendars).next_due()
                self._stuck = due if due is not None and due <= self._now() else None
        self._show_and_arm()
        if self._journal.unrecorded or self._refresh:
            self._note_receipts()
            await self._record()
        for name in self._to_begin():
            self._under_way[name] = asyncio.create_task(self._beside(name))
        if workflow.info().get_current_history_length() > HISTORY_FAR:
            for task in self._under_way.values():
                task.cancel()

    def _now(self) -> datetime:
        """Return the moment by the engine's clock, on the dates of a rehearsal if it is one."""
        return workflow.now() + self._shift

    def _hear(self, report: Any) -> dict[str, Any]:
        answer: Answer = self._journal.hear(report, self._now())
        return answer.model_dump(mode="json")

    async def _keep_tasks_apart(self) -> None:
        """See to it that no two workflow tasks in a row are silent, that is, command nothing.

        The SDK may lay a silent task after a silent one together with the next, depending on how far a replay goes.
        What was heard in it would then have two moments, or two orders, and the chain two heads.
        """
        while True:
            await workflow.wait_condition(self._silent_again)
            self._speaks()
            if workflow.patched(APART):
                workflow.upsert_search_attributes([STAGE.value_set(self._journal.now.stage.value)])

    def _speaks(self) -> None:
        """Note that this workflow task commands something, or answers an update."""
        self._spoke = workflow.info().get_current_history_length()

    def _silent_again(self) -> bool:
        task = workflow.info().get_current_history_length()
        if task != self._task:
            self._task, self._silent = task, self._spoke != self._task
        begins = self._rests and self._has_work()  # then it will command something in a moment
        return self._silent and self._spoke != task and not begins

    def _has_work(self) -> bool:
        something = self._fresh or self._rang or self._refresh or self._journal.unrecorded or self._to_begin()
        return bool(something) or self._turns_the_page()

    def _to_begin(self) -> list[str]:
        """Return what is to go on beside the record: a mail server that is away must not hold up the record."""
        if self._must_turn_the_page():
            return []
        wanted = {DELIVER: self._waiting, RELAY: self._errands}
        return [name for name, count in wanted.items() if count and name not in self._under_way]

    def _turns_the_page(self) -> bool:
        return self._must_turn_the_page() and not self._under_way

    def _show_and_arm(self) -> None:
        """Keep Temporal's own lists true and the one timer on the nearest due moment; touch neither for nothing."""
        self._fresh = False
        now = self._journal.now
        due = self._journal.agenda(self._calendars).next_due()
        shown = (now.stage.value, now.track.value, now.stalled, due)
        keys: tuple[SearchAttributeKey[Any], ...] = (STAGE, TRACK, STALLED, NEXT_DUE)
        changed = [
            key.value_set(value) if value is not None else key.value_unset()
            for key, value, before in zip(keys, shown, self._shown, strict=True)
            if value != before
        ]
        if changed:
            workflow.upsert_search_attributes(changed)
        self._shown = shown
        workflow.set_current_details(view.details(now, due))
        if due != self._armed:
            if self._timer is not None:
                self._timer.cancel()
            self._armed = due
            self._timer = asyncio.create_task(self._ring(due)) if due is not None else None

    async def _ring(self, due: datetime) -> None:
        """Wait for the due moment; one timer, re-armed only when the nearest moment moves."""
        soonest = LATER if due == self._stuck else timedelta()  # never round and round
        await workflow.sleep(max(due - self._now(), soonest), summary="next due moment")
        self._rang = True

    async def _record(self) -> None:
        """Write what has happened, in order, in one transaction; patient while the database is away."""
        refresh, self._refresh = self._refresh, False
        batch = self._next_batch()
        now = self._journal.now
        seats = view.seats(now)
        self._speaks()
        try:
            recorded: Recorded = await workflow.execute_activity(
                RECORD,
                RecordBatch(
                    initiative=now.id,
                    entries=tuple(batch),
                    row=view.list_row(self._journal, self._calendars, batch[-1] if batch else None),
                    notices=notices(batch, now),
                    errands=errands(batch, now),
                    seats=seats if seats != self._seats else (),
                    calendars={c: self._known_version(c) for c in view.countries(now)},
                    zones={zone: self._known_version(clock_key(zone)) for zone in view.zones(now)},
                    through=self._now().year + 2,
                ),
                result_type=Recorded,
                start_to_close_timeout=WRITTEN,
                retry_policy=PATIENT,
                summary=f"record {len(batch)}",
            )
        except ActivityError as failed:
            if is_cancelled_exception(failed):
                raise
            self._refresh = refresh or self._refresh
            await workflow.sleep(LATER, summary="the record failed")  # the entries still wait here
            return
        del self._journal.unrecorded[: len(batch)]
        self._seats = seats
        self._waiting, self._errands = recorded.waiting, recorded.errands
        if recorded.calendars:
            self._calendars.update(shared(recorded.calendars))
            self._show_and_arm()

    def _next_batch(self) -> list[Entry]:
        """Return the oldest entries that wait, as many as one message to the activity may hold."""
        batch: list[Entry] = []
        size = 0
        for entry in self._journal.unrecorded[:RECORD_MAX]:
            size += len(entry.model_dump_json())
            if batch and size > RECORD_BYTES:
                break
            batch.append(entry)
        return batch

    def _known_version(self, country: str) -> str:
        """Return the version of a calendar we hold, or nothing when it ends too early."""
        known = self._calendars.get(country)
        horizon = self._now().year + 1
        if known is None or (known.through is not None and known.through.year < horizon):
            return ""
        return known.version

    async def _beside(self, name: str) -> None:
        """Do one thing of those that may take long, once at a time; if it fails, later again."""
        self._speaks()
        try:
            await (self._deliver() if name == DELIVER else self._relay())
        except ActivityError as failed:
            if not is_cancelled_exception(failed):
                await workflow.sleep(LATER, summary=f"{name} failed")
        finally:
            del self._under_way[name]

    async def _deliver(self) -> None:
        """Send what waits; what came of it is recorded like everything else."""
        waiting, self._waiting = self._waiting, 0
        try:
            receipts: list[Receipt] = await workflow.execute_activity(
                DELIVER,
                Order(initiative=self._journal.now.id, now=self._now()),
                result_type=list[Receipt],
                start_to_close_timeout=timedelta(minutes=10),
                heartbeat_timeout=GONE,
                retry_policy=PATIENT,
                cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
                summary="deliver notices",
            )
        except ActivityError:
            self._waiting = self._waiting or waiting
            raise
        self._receipts += receipts
        due = self._armed
        if any(r.status != SENT for r in receipts) or due is None or due - self._now() > SOON:
            self._note_receipts()

    def _note_receipts(self) -> None:
        """Write down what came of the messages. Good news rides with the next batch if one is near: half the cost."""
        self._journal.note([NoticeDelivered(**receipt.model_dump()) for receipt in self._receipts], self._now())
        self._receipts.clear()

    async def _relay(self) -> None:
        """Tell linked initiatives what concerns them."""
        waiting, self._errands = self._errands, 0
        try:
            done: list[ErrandDone] = await workflow.execute_activity(
                RELAY,
                Order(initiative=self._journal.now.id, now=self._now()),
                result_type=list[ErrandDone],
                start_to_close_timeout=timedelta(minutes=2),
                retry_policy=PATIENT,
                summary="tell linked initiatives",
            )
        except ActivityError:
            self._errands = self._errands or waiting
            raise
        told = [InitiativeTold(initiative=d.initiative, told_kind=d.kind, delivered=d.delivered) for d in done]
        self._journal.note(told, self._now())

    def _must_turn_the_page(self) -> bool:
        info = workflow.info()
        length = info.get_current_history_length()
        wanted = info.is_continue_as_new_suggested() or info.is_target_worker_deployment_version_changed()
        return length > HISTORY_MAX or (wanted and length > HISTORY_MIN)

    def _next_chapter(self) -> Chapter:
        return Chapter(
            state=self._journal.now,
            seq=self._journal.seq,
            head=self._journal.head,
            unrecorded=tuple(self._journal.unrecorded),
            calendars=self._calendars,
            waiting=self._waiting,
            errands=self._errands,
            receipts=tuple(self._receipts),
            shift=self._shift.total_seconds(),
        )
