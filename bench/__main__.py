"""`python -m bench`: measure Jisr against bare Temporal, on one server, in one run, in turn."""

import argparse
import asyncio
import platform
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import commands, core, engine, mail
from bench.house import House, load
from bench.tables import Table, markdown, text
from client import run_and_leave

PARTS = ("core", "mail", "job", "tens", "memory", "replay", "process", "recovery", "years")
RESULTS = Path(__file__).with_name("results.md")


def arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="one round of everything: about a minute")
    asked.add_argument("--rounds", type=int, default=3, help="rounds of each comparison (default 3)")
    asked.add_argument(
        "--messages",
        type=int,
        help=f"how many messages `mail` sends (default {mail.MESSAGES:,}, with --quick {mail.FEW})",
    )
    asked.add_argument("--write", action="store_true", help="write bench/results.md")
    asked.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure only these")
    return asked.parse_args()


async def main(asked: argparse.Namespace) -> int:
    rounds = 1 if asked.quick else asked.rounds
    tables: list[Table] = []

    def done(table: Table | None) -> None:
        if table is not None:
            tables.append(table)
            print(text(table), flush=True)

    print(f"{about()}; {load()}")
    if "core" in asked.only:
        done(core.measure())
    if "mail" in asked.only:
        done(await mail.measure(asked.messages or (mail.FEW if asked.quick else mail.MESSAGES)))
    if set(asked.only) - {"core", "mail"}:
        with tempfile.TemporaryDirectory(prefix="jisr-bench-") as home:
            async with House(Path(home)) as house:
                await _through_the_engine(house, asked, rounds, done)
    if asked.write:
        RESULTS.write_text(markdown(tables, about()), encoding="utf-8")
        print(f"\nwritten: {RESULTS}")
    over = [line.what for table in tables for line in table.lines if line.verdict == "OVER"]
    print(f"\n{'Within every bound.' if not over else 'OVER: ' + '; '.join(over)}")
    return 0


async def _through_the_engine(
    house: House, asked: argparse.Namespace, rounds: int, done: Callable[[Table | None], None]
) -> None:
    if {"job", "replay"} & set(asked.only):
        table, ours, theirs = await engine.reference_job(house, rounds, size=1)
        done(table)
        if "replay" in asked.only:
            done(await engine.replay(house, ours, theirs, 3 if asked.quick else 7))
    if "tens" in asked.only:
        done((await engine.reference_job(house, rounds, size=engine.TEN))[0])
    rest: dict[str, Callable[[], Awaitable[Table | None]]] = {
        "memory": lambda: engine.memory(house, 60 if asked.quick else 200),
        "process": lambda: commands.report_process(house, 3 if asked.quick else 9),
        "recovery": lambda: engine.recovery(house),
    }
    for name, measure in rest.items():
        if name in asked.only:
            done(await measure())
    if "years" in asked.only and not asked.quick:
        done(await asyncio.to_thread(commands.five_years, house))


def about() -> str:
    """Say on what was measured."""
    moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{moment}, Python {platform.python_version()}, temporalio {version('temporalio')}, {platform.machine()}"


if __name__ == "__main__":
    run_and_leave(main(arguments()))
