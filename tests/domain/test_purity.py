"""What is passed through the engine's sandbox is not watched for a clock or a die there. This does it."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "domain").rglob("*.py")), ROOT / "activities" / "messages.py"]
SHARED = [ROOT / "workflows" / name for name in ("steps.py", "beginning.py", "chapter.py")]
ENGINE_S = {"workflow.now", "asyncio"}  # the engine's own clock, and its own loop: both replay alike
CLOCKS = {"now", "utcnow", "today", "uuid4", "uuid1", "urandom", "token_hex", "random", "monotonic", "perf_counter"}
BUILTINS = {"open", "input", "print", "eval", "exec", "__import__", "id"}
MODULES = {"time", "random", "secrets", "uuid", "os", "asyncio", "threading", "socket", "subprocess", "io", "sys"}


def impurities(source: str, allowed: Collection[str] = ()) -> Iterator[str]:
    """Yield what would make a replay differ: clocks, chance, the machine, the order of a set."""
    for node in ast.walk(ast.parse(source)):
        where = f"line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            names = {a.name.split(".")[0] for a in node.names}
            yield from (f"{where}: import {name}" for name in sorted((names & MODULES).difference(allowed)))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield f"{where}: from {node.module}"
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS and ast.unparse(called) not in allowed:
                yield f"{where}: .{called.attr}()"
            if isinstance(called, ast.Name) and called.id in BUILTINS:
                yield f"{where}: {called.id}()"
        iterated = [node.iter] if isinstance(node, ast.For | ast.comprehension) else []
        for one in iterated:
            is_set = isinstance(one, ast.Set | ast.SetComp) or (
                isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in ("set", "frozenset")
            )
            if is_set:
                yield f"{where}: iterates over a set"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_clock_no_chance_no_machine(file: Path) -> None:
    found = list(impurities(file.read_text(encoding="utf-8")))

    assert not found, found


@pytest.mark.parametrize("file", SHARED, ids=lambda file: str(file.relative_to(ROOT)))
def test_what_runs_share_takes_the_time_from_the_engine_alone(file: Path) -> None:
    source = file.read_text(encoding="utf-8")

    assert not list(impurities(source, ENGINE_S))
    assert list(impurities(source.replace("workflow.now()", "datetime.now()") + "\ndatetime.now()", ENGINE_S))


@pytest.mark.parametrize(
    "planted",
    [
        "import random",
        "from time import sleep",
        "from datetime import datetime\nx = datetime.now()",
        "for x in {1, 2}: pass",
        "y = [x for x in set(z)]",
        "open('f')",
    ],
)
def test_the_gate_catches_what_is_planted(planted: str) -> None:
    assert list(impurities(planted))
