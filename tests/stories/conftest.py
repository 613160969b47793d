"""`jisr` as people type it, beside a worker and an engine that run."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from cli.main import run
from client import Jisr, connect
from settings import Settings
from tests.conftest import House

Command = Callable[..., Awaitable[tuple[int, Any, str]]]


@pytest.fixture
def jisr(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`jisr` beside a running worker; returns code, JSON and words."""
    monkeypatch.setenv("JISR_HOME", str(house.settings.home))
    monkeypatch.setenv("TEMPORAL_ADDRESS", house.engine.service_client.config.target_host)

    async def connected(settings: Settings | None = None) -> Jisr:
        own = settings or Settings()
        return Jisr(await connect(own), own, house.queue)  # a queue of its own: tests share one engine

    monkeypatch.setattr(Jisr, "connect", connected)

    async def call(*arguments: str) -> tuple[int, Any, str]:
        code = await asyncio.to_thread(run, [*arguments, "--json"])
        said = capsys.readouterr()
        told = [line for line in said.out.splitlines() if line.startswith(("{", "["))]  # beside it the worker logs
        return code, json.loads(told[-1]) if told else None, said.err

    return call
