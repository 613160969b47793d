"""One worker process of the load test: delivers what waits for some initiatives, one after the other.

`python load_worker.py DATABASE PORT ATTEMPT INITIATIVE ...`; prints when it began and ended.
"""

import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path

import structlog
from temporalio.testing import ActivityEnvironment

from activities.deliver import DeliverActivities
from activities.messages import Order
from channels.email import EmailChannel, Server
from channels.outbox import OutboxChannel
from storage.database import open_database

sys.path.insert(0, str(Path(__file__).parents[1] / "activities"))
from delivery_house import NOW


async def main(database: str, port: int, attempt: int, initiatives: list[str]) -> None:
    log = Path(database.removeprefix("sqlite:///")).parent / f"worker-{initiatives[0]}-{attempt}.log"
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=log.open("w")))
    opened = open_database(database)
    email = EmailChannel(Server("127.0.0.1", port, "dialogues@example.org", starttls=False))
    channels = {"email": email, "outbox": OutboxChannel(Path(database.removeprefix("sqlite:///")).parent / "outbox")}
    activities = DeliverActivities(opened, channels, f"worker-{attempt}")
    print(time.monotonic(), flush=True)
    for initiative in initiatives:
        environment = ActivityEnvironment()
        environment.info = replace(environment.info, attempt=attempt)
        await environment.run(activities.deliver, Order(initiative=initiative, now=NOW))
    print(time.monotonic(), flush=True)
    email.hang_up()
    opened.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
