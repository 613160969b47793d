"""`jisr rehearse` and `jisr demo`: play dated reports against the real workflow; nothing leaves the machine."""

from __future__ import annotations

import asyncio
import json as jsonlib
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import doors, output
from errors import DoesNotVerify, InvalidInput
from rehearsal.server import Engine, starting_engine

if TYPE_CHECKING:
    from rehearsal.play import Played, Script

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "clear_channels"
OUT = Path("out")
MINE = ("outbox", "logs", "record.db", "record.db-wal", "record.db-shm", "story.md", "answers.jsonl")


def rehearse(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="CHARTER REPORTS.jsonl", help="A charter and its dated reports; a second pair plays beside it."
        ),
    ],
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Let time pass until then.")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where messages, record and story are left.")] = OUT,
    json: output.JsonOption = False,
) -> int:
    """Play dated reports: what would be said, sent, refused, overdue."""
    if len(files) % 2:
        raise InvalidInput("A rehearsal takes a charter and its reports; for linked initiatives, more such pairs.")
    _make_room(out)
    with starting_engine() as engine:
        scripts = [_script(charter, reports) for charter, reports in zip(files[::2], files[1::2], strict=True)]
        played = _play(engine, scripts, _end(until), out)
    if json:
        output.data([_summary(one) for one in played])
        return 0
    for one in played:
        for line in _story(one):
            output.text(line)
    output.say(f"Messages, record and answers are in {out}/.")
    return 0


def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where messages, record and story are left.")] = OUT,
) -> int:
    """Play the example "Clear Channels" from its idea to its follow-up, and judge what came of it."""
    began = time.monotonic()
    _make_room(out)
    output.say('Playing "Clear Channels" through the real workflow on a time-skipping server ...')
    with starting_engine() as engine:  # it starts while we read
        from rehearsal import expect

        expectations = expect.read(EXAMPLE / "expect.yaml")
        script = _script(str(EXAMPLE / "charter.yaml"), str(EXAMPLE / "reports.jsonl"))
        [played] = _play(engine, [script], expectations.until, out)
    lines = list(_story(played))
    assert played.final is not None
    verdicts = expect.judge(expectations, played.entries, played.answers, played.final)
    lines += ["", "## What was expected of it", ""]
    lines += [
        f"- {'held' if one.held else 'BROKEN'}: {one.says}{'' if one.held else f' ({one.why})'}" for one in verdicts
    ]
    chain = _audit(out, played)
    lines += ["", "## Audit", "", chain]
    for line in lines:
        output.text(line)
    (out / "story.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    broken = sum(not one.held for one in verdicts)
    output.text("")
    output.text(
        f"{len(verdicts) - broken} of {len(verdicts)} expectations held; {time.monotonic() - began:.0f} seconds."
    )
    output.text(f"Left in {out}/: outbox/ (every message), record.jsonl (the record), story.md (this).")
    if broken:
        raise DoesNotVerify(f"{broken} expectations did not hold; see BROKEN above.")
    return 0


def add_to(app: typer.Typer) -> None:
    app.command("rehearse")(rehearse)
    app.command("demo")(demo)


def _script(charter: str, reports: str) -> Script:
    from cli.charter_file import read_charter_file
    from desk import read_charter
    from rehearsal.play import Script, read_reports

    given = read_charter_file(charter)
    read_charter(given)
    return Script(given, read_reports(reports, doors.read_input(reports, doors.BATCH_FILE_MAX)))


def _play(engine: Engine, scripts: Sequence[Script], until: datetime | None, out: Path) -> list[Played]:
    """Play into a folder that holds nothing but an earlier rehearsal."""
    from rehearsal.play import stage
    from settings import configure_logs

    own = doors.settings()
    configure_logs(own.log_level)

    async def work() -> list[Played]:
        async with stage(out, own, engine) as place:
            return await place.play(scripts, until)

    played = asyncio.run(work())
    for one in played:
        suffix = "" if len(played) == 1 else f"-{one.initiative}"
        lines = (jsonlib.dumps(e.model_dump(mode="json"), ensure_ascii=False) for e in one.entries)
        (out / f"record{suffix}.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        answers = (a.model_dump_json() for a in one.answers)
        (out / f"answers{suffix}.jsonl").write_text("".join(f"{line}\n" for line in answers), encoding="utf-8")
    return played


def _make_room(out: Path) -> None:
    """Clear what an earlier rehearsal left, and nothing else; a folder of somebody else's is refused."""
    if out.exists() and not out.is_dir():
        raise InvalidInput(f"{out} is a file. Name a folder with --out.")
    there = sorted(out.iterdir()) if out.exists() else []
    mine = [path for path in there if path.name in MINE or path.name.startswith(("record", "answers"))]
    if there and not mine and out != OUT:
        raise InvalidInput(f"{out}/ holds other things ({there[0].name}). Name another folder with --out.")
    for path in mine:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _story(played: Played) -> list[str]:
    from rehearsal.story import tell

    return list(tell(played.entries, answers=played.answers))


def _audit(out: Path, played: Played) -> str:
    """Verify the record that was left. Raises: DoesNotVerify."""
    from domain.chain import check_chain
    from domain.record import Entry

    lines = (out / "record.jsonl").read_text(encoding="utf-8").splitlines()
    verdict = check_chain(Entry.model_validate_json(line) for line in lines)
    if not verdict.ok:
        raise DoesNotVerify(f"The record does not verify: {verdict}")
    return (
        f"The record verifies: {len(lines)} entries in one chain, head {played.entries[-1].hash[:16]}. "
        f"Check it yourself: jisr audit verify --file {out}/record.jsonl"
    )


def _end(until: str | None) -> datetime | None:
    if until is None:
        return None
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        raise InvalidInput("--until: write a date like 2027-03-31.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _summary(played: Played) -> dict[str, Any]:
    """Return what a script wants to know of a rehearsal."""
    assert played.final is not None
    kinds = Counter(entry.kind for entry in played.entries)
    said = [entry.fields for entry in played.entries if entry.kind == "rung_reached"]
    return {
        "initiative": played.initiative,
        "stage": played.final.stage.value,
        "answers": Counter(answer.status.value for answer in played.answers),
        "refused": [a.model_dump(mode="json") for a in played.answers if a.status == "refused"],
        "said": said,
        "overdue": [one for one in said if one["act"] == "escalate"],
        "kinds": kinds,
        "head": played.entries[-1].hash if played.entries else None,
    }
