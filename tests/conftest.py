"""What all tests share: a real Temporal dev server, one per test process, and a house on top of it."""

import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest_asyncio
from pydantic import SecretStr
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from client import Jisr
from rehearsal.server import UNHURRIED
from settings import Settings
from storage.database import Database, migrate, open_database
from workflows.plugin import CONVERTER
from workflows.steps import NEXT_DUE, STAGE, STALLED, TRACK

ATTRIBUTES: list[SearchAttributeKey[Any]] = [STAGE, TRACK, STALLED, NEXT_DUE]


def temporal_program() -> str:
    """Return the `temporal` program that came with the packages."""
    found = shutil.which("temporal", path=str(Path(sys.executable).parent)) or shutil.which("temporal")
    assert found, "the temporal program is missing: run `make test`, which installs it"
    return found


def dynamic(values: Mapping[str, str]) -> list[str]:
    """Return a server's dynamic configuration as its command line takes it."""
    return [word for name, value in values.items() for word in ("--dynamic-config-value", f"{name}={value}")]


@pytest_asyncio.fixture(scope="session")
async def engine() -> AsyncIterator[Client]:
    """A real Temporal server without its page, in memory, for the whole test process."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(),
        data_converter=CONVERTER,
        search_attributes=ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=dynamic(UNHURRIED),
    ) as environment:
        yield environment.client


@dataclass
class House:
    """One installation: settings, database, a worker on a task queue of its own, and the client people use."""

    settings: Settings
    database: Database
    engine: Client
    queue: str

    @asynccontextmanager
    async def worker(self, **options: Any) -> AsyncIterator[Worker]:
        from worker import build_worker  # noqa: PLC0415  here, so that the domain's tests start at once

        async with build_worker(self.engine, self.database, self.settings, task_queue=self.queue, **options) as worker:
            yield worker

    def client(self) -> Jisr:
        return Jisr(self.engine, self.settings, self.queue)


@pytest_asyncio.fixture
async def house(engine: Client, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(home=tmp_path, database_url=SecretStr(f"sqlite:///{tmp_path / 'jisr.db'}"))
    migrate(settings.database)
    database = open_database(settings.database)
    yield House(settings, database, engine, f"jisr-{uuid4().hex[:8]}")
    database.close()


PATIENCE = timedelta(seconds=20)
