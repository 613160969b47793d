"""A short fault drill: its faults break nothing, and its checker sees what was broken on purpose."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from drill.__main__ import disturb
from drill.checker import calm, findings
from drill.town import Town
from drill.traffic import Traffic

pytestmark = pytest.mark.xdist_group("drill")  # one at a time: each has an engine and two workers


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "")  # what the drill sets there is gone afterwards
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "default")
    yield tmp_path


async def test_ten_faults_lose_nothing_and_double_nothing_and_a_loss_would_be_seen(home: Path) -> None:
    async with Town(home) as town:
        traffic = Traffic(town, initiatives=2, seed=3)
        await traffic.prepare()
        going = asyncio.create_task(traffic.go_on())
        done = await disturb(town, seed=3, faults=10, going=going)
        traffic.stop = True
        await going
        await calm(town, traffic, 120)

        assert sum(done.values()) == 10
        assert await findings(town, traffic) == []

        lost = next(iter(traffic.accepted[traffic.initiatives[0]]))
        with closing(sqlite3.connect(home / "jisr.db", isolation_level=None)) as database:
            for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f"DROP TRIGGER {trigger}")
            database.execute("DELETE FROM entries WHERE initiative = ? AND key = ?", (traffic.initiatives[0], lost))
        found = "\n".join(await findings(town, traffic))
        assert "does not verify: missing" in found
        assert f"{lost} was accepted" in found
