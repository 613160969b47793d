"""`jisr audit rebuild` and `jisr audit archive`: the engine's own histories, to hold a record against and to keep."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import doors, output
from errors import DoesNotVerify, Unavailable

if TYPE_CHECKING:
    from temporalio.client import WorkflowHistory

    from activities.messages import RecordBatch
    from client import Jisr

LOOKS = 3  # how often a record that seems to be ahead of the engine is looked at
TOLD = {
    "missing": "is missing in the database",
    "other": "has another content in the database",
    "unknown": "stands in the database and the engine knows nothing of it",
}


def rebuild(
    id: Annotated[str, typer.Argument(metavar="ID", help="The initiative.")],
    check: Annotated[bool, typer.Option("--check", help="Only compare; write nothing.")] = False,
    json: output.JsonOption = False,
) -> int:
    """Compare a record with the engine's history, and write what is missing at its end; exit 6 if they differ.

    People, texts and messages are not in the engine: only the entries come back, and nothing is sent again.
    """
    from engine_record import compare, entries_of
    from storage import ledger

    with doors.database() as db:
        for _ in range(LOOKS):
            histories, batches = _remembered(id)
            try:
                remembered = entries_of(batches)
            except ValueError as wrong:
                raise DoesNotVerify(f"{wrong}. Somebody has to look at it.") from None
            begins = remembered[0].seq if remembered else 1
            recorded = [one for one in ledger.entries(db, id) if one.seq >= begins]
            differs = compare(remembered, recorded)
            if differs is None or differs.what != "unknown":
                break  # else somebody reported between the two looks: look again
        written = 0
        if differs is not None and differs.what == "missing" and not check and begins == 1:
            if recorded and recorded[-1].seq > differs.seq:
                raise DoesNotVerify(
                    f"Entry {differs.seq} of {id} is missing among others. See `jisr audit verify {id}`."
                )
            for batch in batches:
                ledger.append(db, batch.entries, batch.row, (), (), batch.seats)
            written = len(remembered) - len(recorded)
            differs = compare(remembered, list(ledger.entries(db, id)))
    result = {
        "initiative": id,
        "runs": len(histories),
        "entries": len(remembered),
        "begins": begins,
        "written": written,
        "differs": None if differs is None else differs._asdict(),
    }
    if json:
        output.data(result)
    elif differs is None:
        wrote = f" {written} were written." if written else ""
        output.text(f"{id}: the engine's history and the record hold the same {len(remembered)} entries.{wrote}")
    else:
        output.text(f"{id}: entry {differs.seq} {TOLD[differs.what]}.")
    if begins > 1:
        output.say(f"The engine has forgotten the runs before entry {begins}; only what came after was compared.")
    return 0 if differs is None else DoesNotVerify.exit_code


def archive(
    id: Annotated[str, typer.Argument(metavar="ID", help="The initiative.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write into.")],
    json: output.JsonOption = False,
) -> int:
    """Keep the engine's histories as files, one for each run, before the engine forgets them. They hold ids only."""
    histories, _ = _remembered(id)
    files: list[Path] = []
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number, history in enumerate(histories, 1):
            file = out / f"{id}-{number:03}-{history.run_id}.json.gz"
            with gzip.open(file, "wt", encoding="utf-8") as kept:
                kept.write(history.to_json())
            files.append(file)
    except OSError as error:
        raise Unavailable(f"{out} cannot be written: {error.strerror}. Name another folder with --out.") from None
    if json:
        output.data([str(file) for file in files])
    else:
        output.text(f"{len(files)} runs of {id} are kept in {out}.")
    return 0


def _remembered(id: str) -> tuple[list[WorkflowHistory], list[RecordBatch]]:
    from engine_record import batches

    async def ask(jisr: Jisr) -> tuple[list[WorkflowHistory], list[RecordBatch]]:
        found = await jisr.histories(id)
        return found, await batches(found, jisr.engine.data_converter)

    return doors.with_engine(ask)
