"""`python -m drill [--seed N] [--faults N] [--initiatives N] [--encrypted]`: disturb, check; exit 6 if it broke."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from client import run_and_leave
from drill.checker import calm, findings
from drill.faults import FAULTS, Fault
from drill.town import Town
from drill.traffic import Traffic
from storage import ledger, notices

CALM = 240.0  # seconds everything gets to come to rest


async def main(seed: int, faults: int, initiatives: int, encrypted: bool = False) -> int:
    print(f"seed {seed}: {faults} faults over {initiatives} initiatives; the same again: --seed {seed}", flush=True)
    home = Path(tempfile.mkdtemp(prefix="jisr-drill-"))
    began = time.monotonic()
    async with Town(home, encrypted) as town:
        disk = "has a small disk of its own" if town.disk_is_small else "shares the disk"
        print(f"the second worker sits behind {town.line.kind}; the outbox {disk}", flush=True)
        traffic = Traffic(town, initiatives, seed)
        await traffic.prepare()
        going = asyncio.create_task(traffic.go_on())
        done = await disturb(town, seed, faults, going)
        traffic.stop = True
        await going
        await calm(town, traffic, CALM)
        wrong = await findings(town, traffic)
        tell(town, traffic, done, time.monotonic() - began)
    for line in wrong:
        print(f"BROKEN  {line}")
    print(
        f"{len(wrong)} things are wrong."
        if wrong
        else "Nothing is missing, nothing is there twice, every chain verifies."
    )
    if wrong:
        print(f"What was left is in {home}.")
        return 6
    shutil.rmtree(home, ignore_errors=True)
    return 0


async def disturb(town: Town, seed: int, faults: int, going: "asyncio.Task[None]") -> Counter[str]:
    """Let the faults happen, some of them at the same time; return how often each did."""
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    busy = {fault: asyncio.Lock() for fault in FAULTS}
    under_way = set()
    for _ in range(faults):
        fault, own = chance.choice(FAULTS), random.Random(chance.random())

        under_way.add(asyncio.create_task(_happens(fault, busy[fault], town, own)))
        done[fault.__name__] += 1
        await asyncio.sleep(chance.uniform(0.2, 1.2))
        if going.done():
            await going  # it failed: say why
    await asyncio.gather(*under_way)
    return done


async def _happens(fault: Fault, one_at_a_time: asyncio.Lock, town: Town, own: random.Random) -> None:
    async with one_at_a_time:
        await fault(town, own)


def tell(town: Town, traffic: Traffic, done: Counter[str], seconds: float) -> None:
    """Say what happened, in figures."""
    database = town.jisr.desk.database
    for name, times in sorted(done.items()):
        print(f"{times:5} x {name.replace('_', ' ')}")
    reports = sum(map(len, traffic.accepted.values()))
    signals = sum(map(len, traffic.signalled.values()))
    entries = sum(row.head_seq for row in ledger.initiatives(database))
    print(f"{reports} reports and {signals} signals were accepted; {traffic.doubts} had to be asked for again.")
    print(f"{entries} entries; messages: {notices.counts(database)}; {seconds:.0f} seconds.")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m drill", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--initiatives", type=int, default=8)
    parser.add_argument("--encrypted", action="store_true", help="with what the engine keeps encrypted")
    asked = parser.parse_args(sys.argv[1:])
    run_and_leave(main(asked.seed, asked.faults, asked.initiatives, asked.encrypted))
