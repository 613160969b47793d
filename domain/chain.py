"""Check a record against itself: numbered without gaps, every hash true, every line following the one before.

A chain alone cannot show that its end was cut off, or that all of it was written anew. A witness can: the head
(number and hash) as somebody else keeps it, for example the workflow, the list row or a signed checkpoint.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from domain.record import GENESIS, Entry

Fault = Literal["", "edited", "missing", "reordered", "truncated", "rewritten", "no record"]


class Head(NamedTuple):
    """The number and hash of a record's last entry; (0, GENESIS) before there is one."""

    seq: int
    hash: str


EMPTY = Head(0, GENESIS)


class Verdict(NamedTuple):
    """Whether a record verifies, how many entries were read, and if not: from which number on, and what it is.

    `edited`: the content of `first_bad` is not what its hash, or the next entry, says. `missing`: no entry has
    that number. `reordered`: it stands in another place. `truncated`: the witness knows of a later end.
    `rewritten`: the chain agrees with itself but not with the witness. `no record`: nothing there to check.
    """

    ok: bool
    entries: int
    first_bad: int | None
    what: Fault
    head: Head


def check_chain(entries: Iterable[Entry], *witnesses: Head | None) -> Verdict:
    """Return the verdict on one initiative's entries in the order they are kept, read once. Raises: never itself."""
    rest = iter(entries)
    initiative, read, head = "", 0, EMPTY
    missed = {one for one in witnesses if one is not None and one.seq > 0}
    for entry in rest:
        read += 1
        expected = head.seq + 1
        initiative = initiative or entry.initiative
        if entry.seq != expected:
            return _out_of_place(entry, rest, expected, read, head)
        if entry.own_hash() != entry.hash or entry.initiative != initiative:
            read += sum(1 for _ in rest)
            return Verdict(False, read, entry.seq, "reordered" if _renumbered(entry, read) else "edited", head)
        if entry.prev != head.hash:
            # It agrees with itself, so the one before is no longer what it followed; the first follows nothing.
            return Verdict(False, read, max(head.seq, 1), "edited", head)
        head = Head(entry.seq, entry.hash)
        told = {one for one in missed if one.seq == head.seq}
        if told - {head}:
            return Verdict(False, read, head.seq, "rewritten", head)
        missed -= told
    if not read:
        return Verdict(False, 0, 1 if missed else None, "no record", head)
    if missed:
        return Verdict(False, read, head.seq + 1, "truncated", head)
    return Verdict(True, read, None, "", head)


def _out_of_place(entry: Entry, rest: Iterator[Entry], expected: int, read: int, head: Head) -> Verdict:
    """Tell a missing entry from one that stands elsewhere, by reading on."""
    found = entry.seq < expected
    for later in rest:
        read += 1
        found = found or later.seq == expected
    return Verdict(False, read, expected, "reordered" if found else "missing", head)


def _renumbered(entry: Entry, last: int) -> bool:
    """Tell whether it is whole but for its number: two entries that changed places show nothing else."""
    return any(entry.but(seq=seq).own_hash() == entry.hash for seq in range(1, last + 1))
