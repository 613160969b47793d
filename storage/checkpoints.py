"""Signed checkpoints: made over all heads in one transaction, kept in a table and as files in a folder."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import func, select, text, tuple_
from sqlmodel import Session, col

from domain.chain import Head
from domain.checkpoint import Checkpoint, fallen_back, next_checkpoint
from storage.database import Database
from storage.signing import Signer
from storage.tables import CheckpointRow, EntryRow

FILE = re.compile(r"checkpoint-(\d{6,})\.json")
LOCK = 0x6A637074  # PostgreSQL's advisory lock while one is made
TOGETHER = 400  # heads looked up at once: databases limit the length of a statement


class Made(NamedTuple):
    """A checkpoint, and the initiatives whose record no longer holds the end that an earlier one told."""

    checkpoint: Checkpoint
    damaged: tuple[str, ...]


def make(db: Database, signer: Signer, at: datetime) -> Made:
    """Make the checkpoint of this moment; asked again for the same or an earlier one, return the newest.

    Raises: DatabaseAway.
    """
    with db.session() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        last = _newest(session)
        lost = fallen_back(last, _hashes_at(session, last.heads if last else ()))
        damaged = tuple(sorted(lost))
        made_at = at.astimezone(UTC).isoformat()
        if last is not None and datetime.fromisoformat(last.made_at) >= at:
            return Made(last, damaged)
        draft = next_checkpoint(last, {**_heads(session), **lost}, made_at, signer.public)
        new = draft.but(signature=signer.sign(draft.body()))
        session.add(CheckpointRow(number=new.number, made_at=at, document=new.document()))
    return Made(new, damaged)


def kept(db: Database, after: int = 0) -> Iterator[Checkpoint]:
    """Yield those of the table after a number, one at a time. Raises: DatabaseAway, ValueError for what is none."""
    step = select(col(CheckpointRow.number), col(CheckpointRow.document)).order_by(col(CheckpointRow.number)).limit(1)
    while True:
        with db.reading() as session:
            row = session.execute(step.where(col(CheckpointRow.number) > after)).first()
        if row is None:
            return
        yield _read(row.document)
        after = row.number


def newest(db: Database) -> Checkpoint | None:
    """Return the newest, or None. Raises: DatabaseAway."""
    with db.reading() as session:
        return _newest(session)


def _newest(session: Session) -> Checkpoint | None:
    row = session.execute(
        select(col(CheckpointRow.document)).order_by(col(CheckpointRow.number).desc()).limit(1)
    ).scalar()
    return _read(row) if row is not None else None


def _heads(session: Session) -> dict[str, Head]:
    ends = select(col(EntryRow.initiative), func.max(col(EntryRow.seq)).label("seq")).group_by(col(EntryRow.initiative))
    last = ends.subquery()
    found = session.execute(
        select(col(EntryRow.initiative), col(EntryRow.seq), col(EntryRow.hash)).join(
            last, (col(EntryRow.initiative) == last.c.initiative) & (col(EntryRow.seq) == last.c.seq)
        )
    )
    return {line.initiative: Head(line.seq, line.hash) for line in found}


def _hashes_at(session: Session, heads: Iterable[tuple[str, int, str]]) -> dict[tuple[str, int], str]:
    wanted = [(id, seq) for id, seq, _ in heads]
    found: dict[tuple[str, int], str] = {}
    for start in range(0, len(wanted), TOGETHER):
        some = wanted[start : start + TOGETHER]
        rows = session.execute(
            select(col(EntryRow.initiative), col(EntryRow.seq), col(EntryRow.hash)).where(
                tuple_(col(EntryRow.initiative), col(EntryRow.seq)).in_(some)
            )
        )
        found |= {(row.initiative, row.seq): row.hash for row in rows}
    return found


# --- files -----------------------------------------------------------------------------------------------------------
def export(db: Database, folder: Path) -> list[Path]:
    """Write what is newer than the newest file there; return the new files. Raises: OSError, DatabaseAway.

    A file that is there is never written over: it may be the only witness of what the table once held.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    last = max((int(found[1]) for file in folder.iterdir() if (found := FILE.fullmatch(file.name))), default=0)
    made = []
    for one in kept(db, last):
        file = folder / f"checkpoint-{one.number:06d}.json"
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        draft.write_text(json.dumps(one.document(), ensure_ascii=False) + "\n", encoding="utf-8")
        draft.replace(file)
        made.append(file)
    return made


def _read(document: object) -> Checkpoint:
    try:
        return Checkpoint.model_validate(document)
    except ValidationError:
        raise ValueError("what stands there is no checkpoint") from None
