"""What sending costs: due notices by two workers to a mail server, against a bare aiosmtplib loop on the same mails."""

import asyncio
import sys
import tempfile
from pathlib import Path

from bench.house import ROOT, load
from bench.tables import Table
from storage import notices
from storage.database import migrate, open_database

MESSAGES, FEW = 10_000, 500


async def measure(messages: int = MESSAGES) -> Table:
    """Let two workers send what waits, then a loop that knows no ledger, roster or words; one server for both."""
    sys.path.insert(0, str(ROOT / "tests" / "mail"))
    from load import INITIATIVES, Sink, bare_rate, fill, finished, worker  # noqa: PLC0415  the load test's own

    before = load()
    with tempfile.TemporaryDirectory(prefix="jisr-bench-mail-") as folder:
        file = Path(folder) / "jisr.db"
        migrate(f"sqlite:///{file}")
        database = open_database(f"sqlite:///{file}")
        sink = Sink(Path(folder))
        try:
            every = fill(database, messages)
            both = [worker(file, sink, 1, half) for half in (INITIATIVES[::2], INITIATIVES[1::2])]
            spans = await asyncio.gather(*(asyncio.to_thread(finished, one) for one in both))
            ours = messages / (max(end for _, end in spans) - min(begin for begin, _ in spans))
            counts, arrived = notices.counts(database), len(set(sink.taken))
            bare = await bare_rate(every, sink)
        finally:
            sink.stop()
            database.close()
    if counts != {"sent": messages} or arrived != messages:
        raise RuntimeError(f"Of {messages} messages {arrived} arrived; the ledger says {counts}.")
    table = Table(f"{messages:,} messages by two workers, each claimed, sent and settled", before)
    table.add("time for one message, against the bare loop", 1000 / ours, 1000 / bare, "ms")
    table.notes.append(f"{ours:.0f} messages a second, bare {bare:.0f}: the rate is {ours / bare:.2f} of the bare one")
    table.notes.append("the ledger, the roster and the words are in our figure; every mail arrived once")
    return table
