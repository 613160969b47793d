"""One initiative: hear, decide, record, tell, wait. The rules are in `domain`; here is only what makes them last.

The state is one journal. Handlers are synchronous and only touch the journal; only the loop awaits, so there is
nothing to lock. Every drained batch makes exactly one `record` activity, whatever the rules said: a changed rule
therefore never breaks the replay of an old run.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain import view
    from domain.initiative import Initiative
    from domain.record import INVALID, Answer
    from domain.rules import Refused
    from domain.vocabulary import Status
    from workflows.beginning import first, one_argument
    from workflows.steps import BATCH_MAX, Steps

TYPE = "Initiative"
TASK_QUEUE = "jisr"


@workflow.defn(name=TYPE)
class InitiativeWorkflow(Steps):
    """The life of one initiative. Workflow id `initiative/<ID>`."""

    # State is set here, not in run(): a signal may be handled before run() starts.
    @workflow.init
    @one_argument
    def __init__(self, given: RawValue = None) -> None:  # type: ignore[assignment]  # Optional is not understood
        self.not_begun: ApplicationError | None = None  # why this start leads nowhere; the guard looks here, too
        try:
            chapter = first(given)
        except ApplicationError as wrong:
            self.not_begun = wrong
            return
        super().__init__(chapter)

    @workflow.run
    async def run(self, _given: RawValue = None) -> None:  # type: ignore[assignment]  # what it begins with: see above
        if self.not_begun is not None:
            raise self.not_begun
        self._apart = asyncio.create_task(self._keep_tasks_apart())
        try:
            while not self._turns_the_page():
                self._rests = True
                await workflow.wait_condition(self._has_work)
                self._rests = False
                await self._step()
        except (asyncio.CancelledError, ActivityError) as ended:
            if is_cancelled_exception(ended):  # an operator's: what was accepted is still written down
                self._note_receipts()
                while self._journal.unrecorded:
                    await self._record()
            raise
        await workflow.wait_condition(workflow.all_handlers_finished)
        # Memos travel as they came: somebody may have started the run with one that nobody here can read.
        memos = {name: workflow.memo_value(name, type_hint=RawValue) for name in workflow.info().raw_memo}
        workflow.continue_as_new(self._next_chapter(), memo=memos)

    # --- doors -------------------------------------------------------------------------------------------------
    @workflow.update(name="report")
    def report(self, report: Any = None) -> dict[str, Any]:
        """Take one report; the answer says accepted or duplicate. Refusals are the validator's: they cost nothing."""
        self._speaks()
        return self._hear(report)

    @report.validator
    def check_report(self, report: Any = None) -> None:
        try:
            self._journal.check(report, self._now())
        except Refused as refused:
            raise refusal(refused, self._journal.now) from None

    @workflow.update(name="report_batch")
    def report_batch(self, batch: Any = None) -> list[dict[str, Any]]:
        """Take many reports in order: `{"reports": [...], "stop_on_refusal": false}`; one answer each."""
        self._speaks()
        answers: list[dict[str, Any]] = []
        for report in batch["reports"]:
            answers.append(self._hear(report))
            if batch.get("stop_on_refusal") and answers[-1]["status"] == Status.REFUSED:
                break
        return answers

    @report_batch.validator
    def check_batch(self, batch: Any = None) -> None:
        fits = isinstance(batch, dict) and isinstance(batch.get("reports"), list)
        if not fits or not 0 < len(batch["reports"]) <= BATCH_MAX:
            why = f'A batch is {{"reports": [...]}} with 1 to {BATCH_MAX} reports.'
            raise refusal(Refused(INVALID, why), self._journal.now)

    @workflow.signal(name="report")
    def report_signal(self, report: RawValue = None) -> None:  # type: ignore[assignment]  # Optional is not understood
        """Take one report of somebody who does not wait; a refusal becomes an entry, and so does what is no JSON."""
        self._hear(_decoded(report))

    @workflow.signal(name="calendars_changed")
    def calendars_changed(self, _given: RawValue = None) -> None:  # type: ignore[assignment]  # whatever is given
        """Fetch the calendars anew: days were announced or moved."""
        self._refresh = True

    @workflow.signal(dynamic=True)
    def anything_else(self, name: str, args: Sequence[RawValue]) -> None:
        """Whatever else is signalled becomes an entry: nothing is lost, nothing wedges."""
        self.misshapen("signal", name)

    @workflow.query(name="show")
    def show(self) -> dict[str, Any]:
        """Return where the initiative stands, as it is this moment."""
        return view.shown(self._journal, self._calendars, self._now())

    @workflow.query(name="head")
    def head(self) -> dict[str, Any]:
        """Return the head of the chain: the second witness beside the database."""
        return {"seq": self._journal.seq, "hash": self._journal.head}

    @workflow.query(name="state")
    def state(self) -> dict[str, Any]:
        """Return what an agenda is worked out from: the state and the calendars."""
        calendars = {country: one.model_dump(mode="json") for country, one in self._calendars.items()}
        return {"state": self._journal.now.model_dump(mode="json"), "calendars": calendars}

    def misshapen(self, door: str, given: Any) -> None:
        """Write down that something came which is no report (called by the guard, too)."""
        self._journal.unreadable(given, door, self._now())


def _decoded(given: RawValue | None) -> Any:
    """Return what a signal carries, or its bare bytes if that is no JSON."""
    if given is None:
        return None
    try:
        return workflow.payload_converter().from_payload(given.payload)
    except Exception:  # noqa: BLE001  whatever stands there, the run goes on
        return given.payload.data


def refusal(refused: Refused, now: Initiative) -> ApplicationError:
    """Return the answer of a refused report as the error a validator raises; its type is the rule's id."""
    answer = Answer(
        status=Status.REFUSED,
        initiative=now.id,
        rule=refused.rule.id,
        why=f"{refused.why} {refused.rule.satisfy}",
        stage=now.stage.value,
    )
    return ApplicationError(refused.why, answer.model_dump(mode="json"), type=refused.rule.id, non_retryable=True)
