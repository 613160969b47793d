"""The worker: the one place that sees every room. It puts settings, database, channels and workflows together.

Run it as a program: `python worker.py`. SIGTERM and Ctrl-C let what runs finish; anything fatal exits non-zero,
so that a supervisor starts it again.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from temporalio.client import Client, ScheduleAlreadyRunningError
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

import workflows
from activities.checkpoint import CheckpointActivities
from activities.deliver import DeliverActivities
from activities.links import LinkWriter
from activities.record import RecordActivities
from activities.relay import RelayActivities
from activities.roster import RosterActivities
from channels.config import limits_of, open_channels
from client import Jisr, connect, run_and_leave
from errors import JisrError
from settings import Settings, configure_logs
from storage import ledger
from storage.answer_links import AnswerLinks
from storage.calendar_overlay import overlay_digest, read_overlay
from storage.database import Database, DatabaseAway, migrate, open_database
from storage.keys import KeysAway
from storage.zones import zone_data_digest
from workflows.initiative import TASK_QUEUE
from workflows.plugin import INTERCEPTORS, WORKFLOWS, runner
from workflows.portfolio import CHECKPOINTS, daily_checkpoint

BUILD = "0.1.0"
GRACE = timedelta(seconds=20)  # what a running activity gets to finish
LOOK = timedelta(minutes=1)  # how often the calendar overlay is looked at
ANNOUNCED = "calendar.announced"  # the overlay that initiatives were last told of
ZONES_ANNOUNCED = "zones.announced"  # the time zone data, likewise
BEAT = timedelta(seconds=5)  # how often at most a running activity says that it is alive
STICKY = timedelta(seconds=1)  # how long a killed worker's cache holds up the first report after it

log = structlog.get_logger("jisr.worker")


def build_worker(
    engine: Client,
    database: Database,
    settings: Settings,
    *,
    task_queue: str = TASK_QUEUE,
    cache: int = 1_000,
    sandbox: bool = True,
) -> Worker:
    """Return a worker for this engine and database."""
    name = f"{socket.gethostname()}/{os.getpid()}"
    record = RecordActivities(database, settings.calendar)
    channels = open_channels(settings.channels, settings.outbox)
    links, limits = answer_links(database, settings), limits_of(settings.channels)
    deliver = DeliverActivities(database, channels, name, links, settings.digests, limits)
    relay = RelayActivities(database, engine)
    roster = RosterActivities(database, settings.outbox)
    checkpoint = CheckpointActivities(database, settings.signing_key_file(), settings.checkpoint_folder())
    return Worker(
        engine,
        task_queue=task_queue,
        workflows=WORKFLOWS,
        activities=[
            record.record,
            deliver.deliver,
            relay.relay,
            roster.apply_roster_change,
            checkpoint.make_checkpoint,
        ],
        workflow_runner=runner() if sandbox else UnsandboxedWorkflowRunner(),
        interceptors=INTERCEPTORS,
        **_release(settings.deployment),
        max_cached_workflows=cache,
        graceful_shutdown_timeout=GRACE,
        max_heartbeat_throttle_interval=BEAT,
        default_heartbeat_throttle_interval=BEAT,
        sticky_queue_schedule_to_start_timeout=STICKY,
    )


def _release(deployment: str | None) -> dict[str, Any]:
    """Return how the engine is told which release this worker is.

    In a deployment runs follow the current release at their next step, and so back again: a run that rests for years
    would otherwise need a worker of its own release for as long.
    """
    if deployment is None:
        return {"build_id": BUILD}
    config = WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(deployment_name=deployment, build_id=BUILD),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )
    return {"deployment_config": config}


def answer_links(database: Database, settings: Settings) -> LinkWriter | None:
    """Return what puts links into messages; None where there is no page to answer on. Raises: SystemExit."""
    if settings.answer_url is None:
        return None
    try:
        database.keyring.keys()
        return LinkWriter(AnswerLinks(database, database.keyring), settings.answer_url)
    except KeysAway as away:
        raise SystemExit(f"JISR_ANSWER_URL is set, and links are signed. {away}") from None


@asynccontextmanager
async def running_worker(
    settings: Settings, engine: Client | None = None, *, sandbox: bool = True
) -> AsyncIterator[Worker]:
    """Run a worker on this machine's database until the block ends."""
    check_rooms()
    migrate(settings.database)
    database = open_database(settings.database, settings.key_file())
    gc.collect()
    gc.freeze()  # what was imported stays: what workflows leave behind is then found soon, and cheaply
    try:
        async with build_worker(engine or await connect(settings), database, settings, sandbox=sandbox) as worker:
            yield worker
    finally:
        database.close()


async def set_schedules(engine: Client, task_queue: str = TASK_QUEUE) -> None:
    """Let the engine make a checkpoint every night; one that is set already stays as the operator has it."""
    with contextlib.suppress(ScheduleAlreadyRunningError):
        await engine.create_schedule(CHECKPOINTS, daily_checkpoint(task_queue))


async def announce_changes(jisr: Jisr, database: Database) -> bool:
    """Tell every initiative when the overlay has changed since it was last told; return whether it was.

    What was told last stands in the home folder, so a change made while no worker ran is told at its start. An
    overlay that cannot be used is told to nobody: the calendars that are known stay until it is mended.
    """
    overlay, note = jisr.settings.calendar, jisr.settings.home / ANNOUNCED
    digest = overlay_digest(overlay)
    if digest == (note.read_text(encoding="utf-8").strip() if note.is_file() else ""):
        return False
    if overlay is not None:
        await asyncio.to_thread(read_overlay, overlay)
    ids = [row.id for row in await asyncio.to_thread(ledger.initiatives, database)]
    reached, gone = await jisr.calendars_changed(ids)
    note.write_text(digest, encoding="utf-8")
    log.info("calendars announced", reached=len(reached), gone=len(gone))
    return True


async def announce_zones(jisr: Jisr, database: Database) -> bool:
    """Tell every initiative when the machine's time zone data have changed; return whether they had.

    Until then each goes on by the clocks it carries, so no hour shifts under a run that nobody told.
    """
    note = jisr.settings.home / ZONES_ANNOUNCED
    digest = await asyncio.to_thread(zone_data_digest, database)
    known = note.read_text(encoding="utf-8").strip() if note.is_file() else None
    if digest == known:
        return False
    if known:
        ids = [row.id for row in await asyncio.to_thread(ledger.initiatives, database)]
        reached, gone = await jisr.calendars_changed(ids)
        log.info("time zone data announced", reached=len(reached), gone=len(gone))
    note.write_text(digest, encoding="utf-8")
    return bool(known)


async def keep_announcing(settings: Settings, engine: Client, task_queue: str = TASK_QUEUE) -> None:
    """Look at the overlay again and again, until cancelled."""
    database = open_database(settings.database, settings.key_file())
    jisr = Jisr(engine, settings, task_queue)
    told = ""
    try:
        while True:
            try:
                await announce_changes(jisr, database)
                await announce_zones(jisr, database)
            except (JisrError, DatabaseAway, ValueError, OSError) as error:
                if str(error) != told:
                    log.warning("the calendar overlay could not be announced; it is tried again", why=str(error))
                told = str(error)
            await asyncio.sleep(LOOK.total_seconds())
    finally:
        jisr.desk.close()
        database.close()


def check_rooms() -> None:
    """Refuse to start with somebody else's `workflows` package: the name is not ours alone."""
    here = Path(__file__).resolve().parent
    found = Path(workflows.__file__ or "").resolve()
    if here not in found.parents:
        raise SystemExit(f"Another package named `workflows` is in the way ({found}). Set up again: make up")


async def main() -> int:
    settings = Settings()
    configure_logs(settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    engine = await connect(settings)
    async with running_worker(settings, engine) as worker:
        await set_schedules(engine)
        log.info("worker ready", queue=worker.task_queue)
        print("worker ready", flush=True)
        announcing = asyncio.create_task(keep_announcing(settings, engine))
        await stop.wait()
        announcing.cancel()
    return 0


if __name__ == "__main__":
    run_and_leave(main())
