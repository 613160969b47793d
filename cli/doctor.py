"""`jisr doctor`: is everything there that this installation needs, and if not, what to type."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import typer

from cli import doors, output
from errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from client import Jisr
    from settings import Settings

SKEW = 60.0  # seconds our clock may differ from the engine's
PRIVATE = 0o077
TEN_YEARS = timedelta(days=3650)


class Check(NamedTuple):
    what: str
    state: Literal["ok", "warn", "bad"]
    says: str


def doctor(json: output.JsonOption = False) -> int:
    """Check engine, worker, database, channels, calendars, clock and keys; exit 3 if something is missing."""
    own = doors.settings()
    checks = [*_engine(own), *_database(own), *_messages(own), *_folders(own), *_calendars(own)]
    if json:
        output.data([check._asdict() for check in checks])
    else:
        output.table(("check", "state", "what to do"), checks)
    return 3 if any(check.state == "bad" for check in checks) else 0


# --- the engine ------------------------------------------------------------------------------------------------------


def _engine(own: Settings) -> list[Check]:
    try:
        return doors.with_engine(_asked, min(own.temporal_timeout, 5.0))
    except Unavailable as away:
        return [Check("engine", "bad", str(away))]


async def _asked(jisr: Jisr) -> list[Check]:
    config = jisr.engine.service_client.config
    return [
        Check("engine", "ok", f"answers at {config.target_host}"),
        await _retention(jisr),
        await _attributes(jisr),
        await _worker(jisr),
        await _clock(jisr),
    ]


async def _retention(jisr: Jisr) -> Check:
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest

    namespace = jisr.engine.namespace
    found = await jisr.engine.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    if kept >= TEN_YEARS:
        return Check("retention", "ok", f"{kept.days} days")
    change = f"temporal operator namespace update -n {namespace} --retention {TEN_YEARS.days}d"
    return Check("retention", "warn", f"The engine forgets what ended after {kept.days} days. Type: {change}")


async def _attributes(jisr: Jisr) -> Check:
    from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest

    from workflows.attributes import ATTRIBUTES

    wanted = dict(one.split("=") for one in ATTRIBUTES)
    request = ListSearchAttributesRequest(namespace=jisr.engine.namespace)
    found = await jisr.engine.operator_service.list_search_attributes(request)
    missing = [name for name in wanted if name not in found.custom_attributes]
    if not missing:
        return Check("search attributes", "ok", ", ".join(wanted))
    words = " ".join(f"--name {name} --type {wanted[name]}" for name in missing)
    create = f"temporal operator search-attribute create -n {jisr.engine.namespace} {words}"
    return Check("search attributes", "bad", f"Missing: {', '.join(missing)}. Type: {create}")


async def _pollers(jisr: Jisr, kind: Any) -> Any:
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

    from workflows.initiative import TASK_QUEUE

    queue = TaskQueue(name=TASK_QUEUE)
    request = DescribeTaskQueueRequest(namespace=jisr.engine.namespace, task_queue=queue, task_queue_type=kind)
    return (await jisr.engine.workflow_service.describe_task_queue(request)).pollers


async def _worker(jisr: Jisr) -> Check:
    from temporalio.api.enums.v1 import TaskQueueType

    pollers = await _pollers(jisr, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    lately = [p for p in pollers if time.time() - p.last_access_time.seconds < 120]
    if lately:
        return Check("worker", "ok", f"{len(lately)} polling")
    return Check("worker", "bad", "Nobody carries out what is reported. Start `jisr up`, or `python worker.py`.")


async def _clock(jisr: Jisr) -> Check:
    """Compare with the only clock the engine shows: when it last heard from our worker."""
    from temporalio.api.enums.v1 import TaskQueueType

    pollers = await _pollers(jisr, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)
    seen = max((p.last_access_time.ToDatetime(UTC) for p in pollers), default=None)
    ahead = (seen - datetime.now(UTC)).total_seconds() if seen else 0.0
    if seen is None:
        return Check("clock", "warn", "Nothing to compare this machine's clock with: no worker has been seen.")
    if -SKEW - 70 < ahead < SKEW:  # a poll may be a minute old
        return Check("clock", "ok", "agrees with the engine's")
    return Check("clock", "bad", f"This clock and the engine's are {abs(ahead):.0f} s apart. Set the clock (NTP).")


# --- this machine ----------------------------------------------------------------------------------------------------


def _database(own: Settings) -> Iterator[Check]:
    from sqlalchemy import text

    from storage.database import DatabaseAway, DatabaseUrlWrong, at_head, open_database

    try:
        if not at_head(own.database):
            yield Check("database", "bad", "Not at this release. Type: jisr migrate")
            return
        opened = open_database(own.database, own.key_file())
        try:
            with opened.session() as session:  # begins as a writer: a read-only database says so here
                session.execute(text("CREATE TEMPORARY TABLE jisr_doctor (x INTEGER)"))
                session.execute(text("DROP TABLE jisr_doctor"))
        finally:
            opened.close()
        yield Check("database", "ok", "at this release, writable")
    except (DatabaseAway, DatabaseUrlWrong) as away:
        yield Check("database", "bad", str(away))


def _messages(own: Settings) -> Iterator[Check]:
    from storage import returned

    try:
        with doors.database(own) as db:
            found = returned.listed(db)
    except (Unavailable, InvalidInput):
        return  # the database has said so itself
    unknown = sum(one.status == "unknown" for one in found)
    if found:
        said = f"{unknown} may or may not have arrived, {len(found) - unknown} failed. Type: jisr messages list"
        yield Check("messages", "warn", said)
    else:
        yield Check("messages", "ok", "none failed, none in doubt")


def _folders(own: Settings) -> Iterator[Check]:
    home = own.home
    if not home.is_dir():
        yield Check("home", "bad", f"There is no folder {home}. Type: jisr migrate")
    elif home.stat().st_mode & PRIVATE:
        yield Check("home", "warn", f"Others on this machine can look into {home}. Type: chmod 700 {home}")
    else:
        yield Check("home", "ok", str(home))
    yield _channels(own)
    keys = own.key_file()
    if not keys.is_file():
        yield Check("keys", "bad", f"There is no key file {keys}. Type: jisr migrate")
    elif keys.stat().st_mode & PRIVATE:
        yield Check("keys", "bad", f"Others on this machine can read {keys}. Type: chmod 600 {keys}")
    else:
        yield Check("keys", "ok", f"{keys}, for its owner only; keep a copy of it elsewhere")


def _channels(own: Settings) -> Check:
    if own.channels is not None:
        from channels.config import ChannelFileWrong, read_channel_file

        try:
            read_channel_file(own.channels)
        except ChannelFileWrong as wrong:
            return Check("channels", "bad", str(wrong))
        return Check("channels", "ok", f"as in {own.channels}")
    place = own.outbox if own.outbox.is_dir() else own.home
    if not os.access(place, os.W_OK):
        return Check("channels", "bad", f"{place} cannot be written to. Type: chmod u+w {place}")
    return Check("channels", "ok", f"only the outbox, {own.outbox}: nothing leaves this machine (see JISR_CHANNELS)")


def _calendars(own: Settings) -> Iterator[Check]:
    now = datetime.now(UTC)
    next_year = now.date() + timedelta(days=366)
    try:
        built = doors.calendars(_countries(own), now)
    except InvalidInput as wrong:
        yield Check("calendars", "bad", str(wrong))
        return
    short = sorted(c for c, one in built.items() if one.through is None or one.through < next_year)
    if short:
        yield Check("calendars", "warn", f"No holidays known for the next 12 months: {', '.join(short)}. Write them "
                    "into a YAML overlay (examples/calendar_overlay.yaml) and name it in JISR_CALENDAR.")  # fmt: skip
    else:
        yield Check("calendars", "ok", f"{', '.join(sorted(built))}: through {min(_through(built)):%Y}")


def _through(built: dict[str, Any]) -> list[date]:
    return [one.through for one in built.values()]


def _countries(own: Settings) -> set[str]:
    """Return the countries people and institutions here live in; Iraq when nobody is written down yet."""
    from storage import institutions, roster

    try:
        with doors.database(own) as db:
            found = {one.country for one in roster.people(db)}
            found |= {one.country for one in institutions.institutions(db)}
    except (Unavailable, InvalidInput):
        found = set()
    return found or {"IQ"}


def add_to(app: typer.Typer) -> None:
    app.command()(doctor)
