"""Ten thousand messages by two workers, one of them killed on the way: each arrives once, or stands as `unknown`."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import notices
from storage.database import Database, migrate, open_database

sys.path.insert(0, str(Path(__file__).parent))
from load import INITIATIVES, Sink, bare_rate, fill, finished, worker

MESSAGES = int(os.environ.get("JISR_LOAD_MESSAGES", "10000"))
KILL_AFTER = MESSAGES // 4  # messages that have arrived

pytestmark = [pytest.mark.mail, pytest.mark.xdist_group("mail"), pytest.mark.timeout(1800)]


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    made = Sink(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path / 'jisr.db'}"
    migrate(url)
    made = open_database(url)
    yield made
    made.close()


async def test_ten_thousand_messages_arrive_once_each_though_a_worker_is_killed(
    tmp_path: Path, database: Database, sink: Sink
) -> None:
    every = fill(database, MESSAGES)
    file = tmp_path / "jisr.db"
    first, second = INITIATIVES[::2], INITIATIVES[1::2]

    doomed, other = worker(file, sink, 1, first), worker(file, sink, 1, second)
    while len(sink.taken) < KILL_AFTER:
        assert doomed.poll() is None
        await asyncio.sleep(0.005)
    doomed.kill()
    began = float(doomed.communicate()[0].split()[0])
    heir = worker(file, sink, 2, first)
    ended = max(finished(other)[1], finished(heir)[1])

    ids = {f"{one.id()}@example.org" for waiting in every.values() for one in waiting}
    taken = Counter(sink.taken)
    unknown = {f"{one.notice.id()}@example.org" for one in notices.unknown(database)}
    counts = notices.counts(database)
    assert sum(counts.values()) == len(ids) == MESSAGES
    assert counts == {"sent": MESSAGES - len(unknown)} | ({"unknown": len(unknown)} if unknown else {})
    assert len(unknown) <= 1  # what the killed worker had in hand
    assert not [id for id, times in taken.items() if times > 1]
    assert set(taken) | unknown == ids
    assert set(taken) >= ids - unknown

    ours = MESSAGES / (ended - began)
    bare = await bare_rate(every, sink)
    print(
        f"\n{MESSAGES} messages, two workers, one killed: {len(taken)} arrived once each, {len(unknown)} unknown; "
        f"{ours:.0f}/s, a bare aiosmtplib loop {bare:.0f}/s, ratio {ours / bare:.2f}"
    )
