"""What the engine remembers of an initiative: its runs, oldest first, and the entries it had written down.

Every entry went through one kind of activity, so a history holds them all, word for word, for as long as the engine
keeps it. A record that was lost or damaged can be held against that, and written anew.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode

from activities.messages import RECORD, RecordBatch
from domain.record import Entry


class Difference(NamedTuple):
    """How two records differ: from which number on, and what it is."""

    seq: int
    what: str  # `missing` in the database, `other` content, `unknown` to the engine


async def runs(engine: Client, workflow_id: str) -> list[WorkflowHistory]:
    """Return the histories of an initiative, oldest first; none when the engine knows no such workflow.

    A run that the engine has already forgotten ends the list at its beginning: what came before is not there.
    """
    found: list[WorkflowHistory] = []
    run: str | None = None
    while True:
        try:
            history = await engine.get_workflow_handle(workflow_id, run_id=run).fetch_history()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return found
            raise
        found.insert(0, history)
        run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
        if not run:
            return found


async def batches(histories: Iterable[WorkflowHistory], converter: DataConverter) -> list[RecordBatch]:
    """Return what was handed to the record, in order; the same entries may stand in two batches."""
    found: list[RecordBatch] = []
    for history in histories:
        for event in history.events:
            if not event.HasField("activity_task_scheduled_event_attributes"):
                continue
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_type.name == RECORD:
                found += await converter.decode(scheduled.input.payloads, [RecordBatch])
    return found


def entries_of(found: Sequence[RecordBatch]) -> list[Entry]:
    """Return every entry once, by number. Raises: ValueError when the engine itself tells two stories."""
    by_seq: dict[int, Entry] = {}
    for batch in found:
        for entry in batch.entries:
            if by_seq.setdefault(entry.seq, entry).hash != entry.hash:
                raise ValueError(f"entry {entry.seq} of {entry.initiative} stands in the engine's history twice")
    return [by_seq[seq] for seq in sorted(by_seq)]


def compare(remembered: Sequence[Entry], recorded: Sequence[Entry]) -> Difference | None:
    """Return the first difference between what the engine remembers and what is recorded, or None."""
    there = {entry.seq: entry for entry in recorded}
    for entry in remembered:
        other = there.get(entry.seq)
        if other is None:
            return Difference(entry.seq, "missing")
        if other != entry:
            return Difference(entry.seq, "other")
    last = remembered[-1].seq if remembered else 0
    more = min((seq for seq in there if seq > last), default=None)
    return Difference(more, "unknown") if more is not None else None
