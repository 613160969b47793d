"""Make the golden histories anew: `python -m tests.histories.make`. By hand, once a release; then they stay.

Each file is the complete history of one run as the server kept it. The old ones are never made again: they show that
what was begun under an older release still replays under this one. Names begin with the release.
"""

import asyncio
import gzip
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "domain"))  # life.py: telling a life is shared by all tests

from temporalio.client import WorkflowHandle

from cli.charter_file import read_charter_file
from client import Jisr, run_and_leave, utc_now
from rehearsal.play import Script, Stage, read_reports, stage
from settings import configure_logs
from tests.workflows import story
from tests.workflows.watching import MANAGER, at_rest, charter, ticked
from worker import BUILD

HERE = Path(__file__).parent
EXAMPLE = HERE.parents[1] / "examples" / "clear_channels"


async def main() -> int:
    configure_logs()
    with tempfile.TemporaryDirectory() as out:
        async with stage(Path(out)) as played:
            jisr = played._jisr
            whole, rests = whole_life(), resting()
            await played.play([whole, rests], until=utc_now() - timedelta(days=400))
            await misbehave(jisr, rests.charter["id"])
            await save(jisr, rests.charter["id"], "resting")
            await closed_by_an_operator(played, whole.charter["id"])
            await save(jisr, whole.charter["id"], "whole-life")
            await roster_change(jisr)
    with tempfile.TemporaryDirectory() as out:
        async with stage(Path(out)) as played:  # a stage of its own: it plays on other dates
            demo = await played.play([clear_channels()])
            await save(played._jisr, demo[0].initiative, "clear-channels")
    return 0


def clear_channels() -> Script:
    """The example of `make demo`, from concept to closed follow-up."""
    reports = (EXAMPLE / "reports.jsonl").read_text(encoding="utf-8")
    return Script(read_charter_file(str(EXAMPLE / "charter.yaml")), read_reports("reports.jsonl", reports))


def whole_life() -> Script:
    """Six stages in half a year, a stall of two months, one refusal, to the end."""
    began = utc_now() - timedelta(days=1000)
    held_on = began + timedelta(days=45)
    acts: list[tuple[int, list[dict[str, Any]]]] = [
        (0, story.concept()),
        (5, story.partners()),
        (10, story.vetting((began + timedelta(days=10)).date().isoformat())),
        (12, [story.said("stall_resumed")]),  # refused: nothing rests
        (15, story.sessions(held_on.strftime("%Y-%m-%dT10:00"))),
        (46, story.held()),
        (60, story.recommendations()),
        (61, [story.go("recommendations"), *story.rests()]),
        (121, [story.said("stall_resumed")]),
        (150, story.follow_up()),
    ]
    reports = [
        {**report, "at": (began + timedelta(days=day)).isoformat(), "key": f"{day}-{number}"}
        for day, lines in acts
        for number, report in enumerate(lines)
    ]
    return Script(charter(**story.SMALL, id="golden-whole-life"), reports)


def resting() -> Script:
    """An initiative that is still in its first stall, more than a year long."""
    began = utc_now() - timedelta(days=1000)
    lines = [(0, ticked("design_argument")), (20, story.rests()[0])]
    reports = [{**report, "at": (began + timedelta(days=day)).isoformat()} for day, report in lines]
    return Script(charter(id="golden-resting"), reports)


async def misbehave(jisr: Jisr, id: str) -> None:
    """Come to every door, well and badly behaved."""
    handle = _handle(jisr, id)
    await handle.signal("report", ticked("exit_criteria", key="by-signal"))
    await handle.signal("report", story.said("stall_declared", reason=story.REASON))  # refused: it rests already
    for given in ([], [1, 2], [None], [{"kind": 5}]):
        await handle.signal("report", args=list(given))
    await handle.signal("advance", {"to": "sessions"})
    await handle.signal("calendars_changed")
    await handle.execute_update("report", ticked("budget_envelope"))
    batch = [ticked("prior_efforts"), story.said("stall_declared", reason=story.REASON), []]
    await handle.execute_update("report_batch", {"reports": batch})
    await jisr.recorded(id, patience=30)
    await at_rest(handle)


async def closed_by_an_operator(played: Stage, id: str) -> None:
    """Cancel the run, so that one history has an end."""
    state = await played._jisr.state(id)
    assert state["state"]["closed_at"], "the life did not come to its end"
    await _handle(played._jisr, id).cancel()
    await at_rest(_handle(played._jisr, id))


async def roster_change(jisr: Jisr) -> None:
    report = {"kind": "do_not_contact_asked", "person": "p-42", "by": MANAGER}
    await jisr.roster_change("golden", "p-42", report)
    await _write(jisr.engine.get_workflow_handle("roster-change/golden"), "roster-change")


async def save(jisr: Jisr, id: str, name: str) -> None:
    await _write(_handle(jisr, id), name)


async def _write(handle: WorkflowHandle[Any, Any], name: str) -> None:
    history = (await handle.fetch_history()).to_json()
    file = HERE / f"{BUILD}-{name}.json.gz"
    await asyncio.to_thread(file.write_bytes, gzip.compress(history.encode(), mtime=0))
    print(f"{file.name}: {history.count('eventType')} events, {file.stat().st_size:,} bytes")


def _handle(jisr: Jisr, id: str) -> WorkflowHandle[Any, Any]:
    return jisr.engine.get_workflow_handle(f"initiative/{id}")


if __name__ == "__main__":
    run_and_leave(main())
