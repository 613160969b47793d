"""What the signed checkpoints know of every record: read from the table and from the folder they are exported to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from domain.chain import Head
    from settings import Settings
    from storage.database import Database
    from storage.signing import Signer


class Witnesses:
    """`heads`: every end a checkpoint tells, by initiative; `problem`: what is wrong with the checkpoints."""

    def __init__(self) -> None:
        self.heads: dict[str, set[Head]] = defaultdict(set)
        self.problem = ""
        self.last: dict[str, Any] = {}

    def hear(self, document: dict[str, Any]) -> None:
        from domain.chain import Head

        for id, seq, hash_ in document["heads"]:
            self.heads[id].add(Head(seq, hash_))
        self.last = document

    @property
    def beside(self) -> str:
        """Say what was looked at, or nothing when there is none."""
        if self.problem:
            return f"; {self.problem}"
        return f"; checkpoint {self.last['number']} of {self.last['made_at'][:10]}" if self.last else ""


def gather(db: Database, own: Settings, key: str | None, folder: Path | None) -> Witnesses:
    """Return what the checkpoints tell, each one's signature and order checked. Raises: InvalidInput, Unavailable."""
    from storage import checkpoints
    from verify_export import check_checkpoints, read_checkpoints

    trusted = key or own_key(own)
    found = Witnesses()
    signatures: dict[int, str] = {}

    def table() -> Iterator[dict[str, Any]]:
        for one in checkpoints.kept(db):
            document = one.document()
            found.hear(document)
            signatures[one.number] = one.signature
            yield document

    try:
        found.problem = check_checkpoints(table(), trusted)
    except ValueError as wrong:
        found.problem = f"a checkpoint in the database cannot be read: {wrong}"
    where = folder or own.checkpoint_folder()
    if folder is not None and not folder.is_dir():
        raise InvalidInput(f"--checkpoints: there is no folder {folder}.")
    try:
        files = read_checkpoints(where)
    except (OSError, ValueError) as wrong:
        found.problem = found.problem or f"in {where}: {wrong}"
        return found
    found.problem = found.problem or check_checkpoints(files, trusted, whole=False)
    for one in files if not found.problem else []:
        if signatures.get(one["number"], "") != one["signature"]:
            found.problem = f"checkpoint {one['number']} in {where} is not the one in the database"
            if one["number"] not in signatures:
                found.problem = f"the database has lost checkpoint {one['number']}, which is in {where}"
        found.hear(one)
    return found


def own_key(own: Settings) -> str | None:
    """Return the public key of this home, or None where there is none. Raises: Unavailable."""
    found = signer(own, make=False)
    return found.public if found else None


def signer(own: Settings, make: bool = True) -> Signer | None:
    from storage.signing import SigningKeyAway, load_signer

    try:
        return load_signer(own.signing_key_file(), make)
    except SigningKeyAway as away:
        raise Unavailable(str(away)) from None


def key_in(file: Path) -> str:
    """Return the public key in a file. Raises: InvalidInput."""
    from verify_export import read_key

    try:
        return read_key(file.read_text(encoding="ascii"))
    except OSError as error:
        raise InvalidInput(f"--key: {file} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise InvalidInput(f"--key: {file} holds no Ed25519 public key. `jisr audit key` prints one.") from None
