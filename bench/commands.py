"""What a whole process costs: one `jisr report`, against the least a Python or a Go program needs for an update."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from uuid import uuid4

from bench import bare, job
from bench.house import ROOT, House, load, median
from bench.tables import Table
from cli.server import temporal_program

FIVE_YEARS = ROOT / "examples" / "five_years"


async def report_process(house: House, rounds: int) -> Table:
    """Measure one report in a process of its own, three programs in turn."""
    id = f"bench-{uuid4().hex[:8]}"
    await house.jisr.open(job.charter(id), by=job.MANAGER)
    workflow = f"bare/{uuid4().hex[:8]}"
    await house.engine.start_workflow("BenchBare", id=workflow, task_queue=bare.QUEUE)
    update = [
        "--address", house.address, "--workflow-id", workflow, "--name", "report",
        "--input", json.dumps({"kind": "note_added"}),
    ]  # fmt: skip
    programs = {
        "jisr": [_jisr(), "report", id, "checklist_item_done", "item=conflict_analysis", "--by", job.MANAGER],
        "python": [sys.executable, "-m", "bench.bare_report", house.address, workflow],
        "go": [temporal_program(), "workflow", "update", "execute", *update],
    }
    before = load()
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for number in range(rounds + 1):
        for name, command in programs.items():
            took = await asyncio.to_thread(_run, command, house.environment)
            if number:  # the first fills the file cache
                spent[name].append(took)
    wall, cpu = ({name: median([one[part] for one in took]) for name, took in spent.items()} for part in (0, 1))
    table = Table(f"One report in a process of its own, {rounds} rounds in turn, medians", before)
    table.add("wall, against bare Python", wall["jisr"] * 1000, wall["python"] * 1000, "ms", 0.5)
    table.add("CPU, against bare Python", cpu["jisr"] * 1000, cpu["python"] * 1000, "ms", 0.5)
    table.add("wall, against Temporal's own client (Go)", wall["jisr"] * 1000, wall["go"] * 1000, "ms")
    table.add("CPU, against Temporal's own client (Go)", cpu["jisr"] * 1000, cpu["go"] * 1000, "ms")
    return table


def five_years(house: House) -> Table | None:
    """Measure the rehearsal of the long example, if it is there."""
    charter, reports = FIVE_YEARS / "charter.yaml", FIVE_YEARS / "reports.jsonl"
    if not (charter.exists() and reports.exists()):
        return None
    before = load()
    command = [_jisr(), "rehearse", str(charter), str(reports), "--out", str(house.home / "out")]
    wall, cpu = _run(command, {"PYTHONPATH": str(ROOT), "JISR_HOME": str(house.home / "rehearsal")})
    table = Table(f"The five-year example rehearsed, {_lines(reports)} reports", before)
    table.add("wall", wall, None, "s")
    table.add("CPU, server included", cpu, None, "s")
    return table


def _lines(file: Path) -> int:
    return sum(1 for line in file.read_text(encoding="utf-8").splitlines() if line.strip())


def _jisr() -> str:
    return str(Path(sys.executable).parent / "jisr")


def _run(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a program to its end; return its wall and its CPU seconds, its children's included."""
    began = time.perf_counter()
    pid = os.posix_spawn(
        command[0],
        command,
        {**os.environ, **environment},
        file_actions=[(os.POSIX_SPAWN_OPEN, fd, os.devnull, os.O_WRONLY, 0) for fd in (1, 2)],
    )
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    if status != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return wall, used.ru_utime + used.ru_stime
