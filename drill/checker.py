"""After the faults: nothing accepted is missing, nothing is there twice, every chain verifies, every message once."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from domain.chain import Head
from domain.record import Entry
from drill.town import Town
from drill.traffic import Traffic, recorded
from storage import ledger, notices

REPORTED = {
    "session_scheduled", "session_postponed", "checklist_item_done", "participant_nominated", "vetting_decided",
}  # fmt: skip
TOLD = b"session_"  # how many kinds begin; nothing of them is readable where payloads are encrypted
FINAL = {"sent", "unknown", "rejected", "suppressed"}


async def calm(town: Town, traffic: Traffic, patience: float) -> None:
    """Wait until the records have caught up and no message waits, for as long as patience lasts."""
    deadline = time.monotonic() + patience
    for id in traffic.initiatives:
        await recorded(town.jisr, id, max(1.0, deadline - time.monotonic()))
    while time.monotonic() < deadline:
        counts = await asyncio.to_thread(notices.counts, town.jisr.desk.database)
        if not set(counts) - FINAL:
            return
        await asyncio.sleep(0.2)


async def findings(town: Town, traffic: Traffic) -> list[str]:
    """Return what is wrong, in sentences; nothing when all held."""
    found = []
    for id in traffic.initiatives:
        head = Head(**await town.jisr.head(id))
        found += await asyncio.to_thread(_listed, _of_one, town, traffic, id, head)
        handle = town.client.get_workflow_handle(f"initiative/{id}")
        raw = (await handle.describe()).raw_description
        if town.encrypted and any(TOLD in event.SerializeToString() for event in (await handle.fetch_history()).events):
            found.append(f"{id}: what was reported can be read in the engine's history")
        if raw.HasField("pending_workflow_task") and raw.pending_workflow_task.attempt > 2:
            found.append(f"{id}: its workflow task fails again and again")
    return found + await asyncio.to_thread(_listed, _of_the_mail, town)


def _listed(look: Callable[..., Iterator[str]], *at: Any) -> list[str]:
    return list(look(*at))


def _of_one(town: Town, traffic: Traffic, id: str, head: Head) -> Iterator[str]:
    database = town.jisr.desk.database
    entries = list(ledger.entries(database, id))
    verdict = ledger.verify(database, id, head)
    if not verdict.ok:
        yield f"{id}: the record does not verify: {verdict.what} from entry {verdict.first_bad}"
    keys = Counter(entry.key for entry in entries if entry.key and entry.kind != "report_refused")
    by_seq = {entry.seq: entry for entry in entries}
    for key, seq in traffic.accepted[id].items():
        if keys[key] == 0 or by_seq.get(seq[0]) is None:
            yield f"{id}: {key} was accepted as {seq} and is not in the record"
    for key in traffic.signalled[id]:
        if keys[key] == 0:
            yield f"{id}: the signal {key} was taken and is not in the record"
    for key, seqs in _milestones_by_key(entries).items():
        if seqs > 1:
            yield f"{id}: {key} is in the record {seqs} times"


def _milestones_by_key(entries: Sequence[Entry]) -> Counter[str]:
    """Return how many milestones each key brought about; what the engine adds to one carries its key, too."""
    return Counter(entry.key for entry in entries if entry.key and entry.kind in REPORTED)


def _of_the_mail(town: Town) -> Iterator[str]:
    every = [one for row in ledger.initiatives(town.jisr.desk.database)
             for one in notices.of_initiative(town.jisr.desk.database, row.id)]  # fmt: skip
    for (obligation, rung, who, initiative), times in Counter(
        (one.notice.obligation, one.notice.rung, one.notice.recipient, one.notice.initiative) for one in every
    ).items():
        if times > 1:
            yield f"{initiative}: {obligation}, rung {rung}, {who} stands {times} times in the ledger"
    status = {_named(one.message_id): one.status for one in every if one.message_id}
    taken = Counter({_named(id): times for id, times in town.post.taken.items()})
    for id, times in taken.items():
        if times > 1 or id not in status:
            yield f"a message was taken {times} times by the mail server and is settled as {status.get(id)}"
    for one in every:
        if one.status not in FINAL:
            yield f"{one.notice.initiative}: {one.notice.obligation} for {one.notice.recipient} is still {one.status}"
        if one.status == "sent" and one.channel == "email" and _named(one.message_id or "") not in taken:
            yield f"{one.notice.initiative}: {one.notice.obligation} is settled as sent and nobody took it"


def _named(message_id: str) -> str:
    """Return what names a message; what follows the @ is the sender's domain."""
    return message_id.strip("<>").partition("@")[0]
