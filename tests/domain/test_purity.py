"""The domain is passed through the engine's sandbox, so nothing there would catch a clock or a die. This does."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "domain").rglob("*.py")), ROOT / "activities" / "messages.py"]
CLOCKS = {"now", "utcnow", "today", "uuid4", "uuid1", "urandom", "token_hex", "random", "monotonic", "perf_counter"}
BUILTINS = {"open", "input", "print", "eval", "exec", "__import__", "id"}
MODULES = {"time", "random", "secrets", "uuid", "os", "asyncio", "threading", "socket", "subprocess", "io", "sys"}


def impurities(source: str) -> Iterator[str]:
    """Yield what would make a replay differ: clocks, chance, the machine, the order of a set."""
    for node in ast.walk(ast.parse(source)):
        where = f"line {getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import):
            yield from (f"{where}: import {a.name}" for a in node.names if a.name.split(".")[0] in MODULES)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield f"{where}: from {node.module}"
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute) and called.attr in CLOCKS:
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
