"""Signed checkpoints: made over all heads in one transaction, kept in a table and as files in a folder."""

import json
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import func, select, text, tuple_
from sqlmodel import Session, col

from domain.chain import Head
from domain.checkpoint import Checkpoint, fallen_back, next_checkpoint, succession
from domain.record import canonical
from storage.database import Database
from storage.signing import Signer, SigningKeyAway
from storage.tables import CheckpointRow, EntryRow

FILE = re.compile(r"checkpoint-(\d{6,})\.json")
LOCK = 0x6A637074  # PostgreSQL's advisory lock while one is made
TOGETHER = 400  # heads looked up at once: databases limit the length of a statement


class Made(NamedTuple):
    """A checkpoint, and the initiatives whose record no longer holds the end that an earlier one told."""

    checkpoint: Checkpoint
    damaged: tuple[str, ...]


def make(db: Database, signer: Signer, at: datetime, heir: Signer | None = None) -> Made:
    """Make the checkpoint of this moment; asked again for the same or an earlier one, return the newest.

    With an heir it is the first one of a new key, for which the old one vouches in it.
    Raises: DatabaseAway, SigningKeyAway for a key that another one has followed already.
    """
    with db.session() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        last = _newest(session)
        lost = fallen_back(last, _hashes_at(session, last.heads if last else ()))
        damaged = tuple(sorted(lost))
        made_at = at.astimezone(UTC).isoformat()
        if last is not None and last.key != signer.public:
            _refuse_retired(session, signer)
        if heir is None and last is not None and datetime.fromisoformat(last.made_at) >= at:
            return Made(last, damaged)
        signs = heir or signer
        draft = next_checkpoint(last, {**_heads(session), **lost}, made_at, signs.public)
        new = draft.but(signature=signs.sign(draft.body()))
        if heir is not None:
            new = new.but(succession=_vouched(signer, heir, draft.number - 1, made_at))
        session.add(CheckpointRow(number=new.number, made_at=at, document=new.document()))
    return Made(new, damaged)


def _vouched(old: Signer, new: Signer, after: int, made_at: str) -> dict[str, Any]:
    """Return the statement that one key follows the other, signed by both: neither can be made to follow unasked."""
    says = succession(old.public, new.public, after, made_at)
    body = canonical(says)
    return {**says, "signature": old.sign(body), "countersigned": new.sign(body)}


def successions(db: Database) -> list[dict[str, Any]]:
    """Return the statements by which signing keys followed each other, the oldest first. Raises: DatabaseAway."""
    return [one.succession for one in kept(db) if one.succession is not None]


def _refuse_retired(session: Session, signer: Signer) -> None:
    """Let nobody sign with a key that was replaced, from an old copy of it. Raises: SigningKeyAway."""
    for document in session.execute(select(col(CheckpointRow.document))).scalars():
        if (_read(document).succession or {}).get("before") == signer.public:
            raise SigningKeyAway(
                "This signing key was replaced by another one (`jisr keys rotate --signing`). Put the new signing.pem "
                "in its place, from the machine where it was made or from the copy of the keys."
            )


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
