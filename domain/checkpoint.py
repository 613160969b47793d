"""A checkpoint: one signed page that says where every record of this installation ended on a day.

It holds a digest for each head, the date, its number and the digest of the checkpoint before. Heads never go back in
it: a record that was cut keeps, in every later checkpoint, the end it once had. What is signed names no initiative;
the list of heads stands beside it. `verify_export.py` reads the same form on its own.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from domain.chain import Head
from domain.record import GENESIS, canonical
from domain.values import Value

MARK = "jisr_checkpoint"
FORM = 1
SIGNED = (MARK, "number", "made_at", "previous", "leaves", "key")


class Checkpoint(Value):
    """`key` is the public key (32 bytes) and `signature` (64 bytes) is Ed25519's over `body()`, both as base64."""

    number: int
    made_at: str  # UTC
    previous: str = GENESIS
    leaves: tuple[str, ...] = ()
    key: str
    heads: tuple[tuple[str, int, str], ...] = ()  # initiative, seq, hash
    signature: str = ""
    succession: dict[str, Any] | None = None  # on the first one of a new key: the old key vouches for it

    def body(self) -> bytes:
        """Return what is signed."""
        return canonical({name: value for name, value in self.document().items() if name in SIGNED})

    def digest(self) -> str:
        """Return what the next checkpoint names as the one before: over what is signed and the signature."""
        return hashlib.sha256(self.body() + self.signature.encode()).hexdigest()

    def document(self) -> dict[str, Any]:
        """Return it as JSON values, as it stands in the table and in its file."""
        return {MARK: FORM, **self.model_dump(mode="json")}

    def within(self, initiative: str) -> dict[str, Any]:
        """Return it as an export of one initiative carries it: only that head is told."""
        return {**self.document(), "heads": [one for one in self.document()["heads"] if one[0] == initiative]}


def succession(before: str, key: str, after: int, made_at: str) -> dict[str, Any]:
    """Return what both keys sign when one follows the other; `after` is the last checkpoint of the old key."""
    return {"jisr_key": FORM, "before": before, "key": key, "after": after, "made_at": made_at}


def leaf(initiative: str, head: Head) -> str:
    """Return the digest of one head. It cannot be guessed from the id: the head's hash is in it."""
    return hashlib.sha256(canonical([initiative, head.seq, head.hash])).hexdigest()


def next_checkpoint(last: Checkpoint | None, heads: Mapping[str, Head], made_at: str, key: str) -> Checkpoint:
    """Return the checkpoint after `last`, still without its signature."""
    return Checkpoint(
        number=last.number + 1 if last else 1,
        made_at=made_at,
        previous=last.digest() if last else GENESIS,
        leaves=tuple(sorted(leaf(id, head) for id, head in heads.items())),
        key=key,
        heads=tuple((id, head.seq, head.hash) for id, head in sorted(heads.items())),
    )


def fallen_back(last: Checkpoint | None, hashes: Mapping[tuple[str, int], str]) -> dict[str, Head]:
    """Return the heads of `last` that the records do not hold any more; `hashes` is what they hold there."""
    told = last.heads if last else ()
    return {id: Head(seq, end) for id, seq, end in told if hashes.get((id, seq)) != end}
