"""`jisr` as people type it, beside a worker and an engine that run."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cli.main import run
from tests.conftest import House
from workflows.initiative import TASK_QUEUE

Command = Callable[..., Awaitable[tuple[int, Any, str]]]


@pytest.fixture
def jisr(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`jisr` beside a running worker; returns code, JSON and words."""
    monkeypatch.setenv("JISR_HOME", str(house.settings.home))
    monkeypatch.setenv("TEMPORAL_ADDRESS", house.engine.service_client.config.target_host)
    house.queue = TASK_QUEUE

    async def call(*arguments: str) -> tuple[int, Any, str]:
        code = await asyncio.to_thread(run, [*arguments, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out.strip() else None, said.err

    return call
