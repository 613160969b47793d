"""The faults: each begins, lasts, and ends. Which, when and how long is drawn from the seed alone."""

import asyncio
import random
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

from drill.town import Program, Town

Fault = Callable[[Town, random.Random], Awaitable[None]]


async def kill_a_worker(town: Town, chance: random.Random) -> None:
    await _kill(chance.choice(town.workers), chance)


async def kill_both_workers(town: Town, chance: random.Random) -> None:
    for worker in town.workers:
        worker.kill()
    await asyncio.sleep(chance.uniform(0.0, 1.0))
    for worker in town.workers:
        worker.start()


async def kill_the_engine(town: Town, chance: random.Random) -> None:
    await _kill(town.engine, chance)


async def take_the_database_away(town: Town, chance: random.Random) -> None:
    lasts = chance.uniform(0.2, 2.0)
    with closing(sqlite3.connect(town.home / "jisr.db", timeout=5, isolation_level=None)) as other:
        try:
            other.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return  # somebody wrote all the time
        await asyncio.sleep(lasts)
        other.execute("ROLLBACK")


async def fill_the_disk(town: Town, chance: random.Random) -> None:
    """Fill the outbox's disk to the last byte; without a disk of its own, put a file where the folder was."""
    lasts, outbox = chance.uniform(0.2, 1.5), town.settings.outbox
    if town.disk_is_small:
        ballast = outbox / ".ballast"
        try:
            with ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 65536)
        except OSError:
            await asyncio.sleep(lasts)
        ballast.unlink(missing_ok=True)
    else:
        away = outbox.with_name("outbox-away")
        outbox.rename(away)
        outbox.touch()
        await asyncio.sleep(lasts)
        outbox.unlink()
        away.rename(outbox)


async def mail_falls_silent(town: Town, chance: random.Random) -> None:
    await _mood(town, "silent", chance.uniform(0.2, 2.0))


async def mail_is_busy(town: Town, chance: random.Random) -> None:
    await _mood(town, "busy", chance.uniform(0.2, 2.0))


async def mail_hangs_up(town: Town, chance: random.Random) -> None:
    await _mood(town, "rude", chance.uniform(0.05, 0.3))


async def a_clock_jumps(town: Town, chance: random.Random) -> None:
    """Hold a program still: when it goes on, its clock has jumped ahead."""
    victim = chance.choice([town.engine, *town.workers])
    victim.send(signal.SIGSTOP)
    await asyncio.sleep(chance.uniform(0.3, 2.5))
    victim.send(signal.SIGCONT)


async def cut_the_line(town: Town, chance: random.Random) -> None:
    await town.line.cut()
    await asyncio.sleep(chance.uniform(0.3, 2.5))
    await town.line.mend()


async def _kill(program: Program, chance: random.Random) -> None:
    program.kill()
    await asyncio.sleep(chance.uniform(0.0, 1.0))
    program.start()


async def _mood(town: Town, mood: str, lasts: float) -> None:
    town.post.mood = mood
    await asyncio.sleep(lasts)
    town.post.mood = "well"


FAULTS: tuple[Fault, ...] = (
    kill_a_worker,
    kill_both_workers,
    kill_the_engine,
    take_the_database_away,
    fill_the_disk,
    mail_falls_silent,
    mail_is_busy,
    mail_hangs_up,
    a_clock_jumps,
    cut_the_line,
)
