"""Changing the key that signs: the old one vouches for the new one in a last statement, and is gone."""

import os
from datetime import UTC, datetime
from pathlib import Path

from domain.checkpoint import Checkpoint
from storage import checkpoints
from storage.database import Database
from storage.signing import Signer, SigningKeyAway, load_signer


def rotate(db: Database, file: Path, at: datetime | None = None) -> Checkpoint:
    """Make a new signing key and a checkpoint signed with it, in which the old key vouches for it; return that.

    Broken off, the same call finishes it. Raises: SigningKeyAway, DatabaseAway.
    """
    draft = file.with_name(f"{file.name}.next")
    old, new = load_signer(file), load_signer(draft)
    assert old is not None and new is not None
    made = _begun(db, new) or checkpoints.make(db, old, at or datetime.now(UTC), heir=new).checkpoint
    try:
        draft.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise SigningKeyAway(
            f"The signing key {file} cannot be replaced: {error.strerror}. Then rotate again."
        ) from None
    return made


def _begun(db: Database, new: Signer) -> Checkpoint | None:
    last = checkpoints.newest(db)
    return last if last is not None and last.key == new.public else None
