"""Check an export of Jisr on any machine: this one file, Python 3.11 or later and the package `cryptography`.

    python verify_export.py EXPORT [--key PUBLIC.pem] [--checkpoints FOLDER]

EXPORT is a file of `jisr audit export` (JSON Lines). The public key is what `jisr audit key` prints; get it another
way than the export. FOLDER holds checkpoints you were given over time: each one must agree with the export.
Prints a sentence; exit 0 if it verifies, 6 if not (naming the first bad row), 2 if it was called wrongly.
It needs no database and no network, and `jisr audit verify --file` runs the same code.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

GENESIS = "0" * 64  # what the first entry, and the first checkpoint, follows
ENTRY = {"initiative", "seq", "at", "heard_at", "by", "kind", "fields", "reason", "key", "digest", "prev", "hash"}
WITHHELD = {"initiative", "seq", "kind", "withheld", "prev", "hash"}
CHECKPOINT = ("jisr_checkpoint", "number", "made_at", "previous", "leaves", "key")
SAYS = {
    "edited": "entry {bad} was changed after it was written",
    "missing": "entry {bad} is missing",
    "reordered": "entry {bad} does not stand where it belongs",
    "truncated": "the record ends before entry {bad}, and somebody knows of a later end",
    "rewritten": "the record agrees with itself, but at entry {bad} not with the second witness: it was written anew",
    "no record": "there is no record at all, and somebody knows of one",
    "forged": "what should be signed is not signed by the key it should be, or was changed afterwards",
    "unsigned": "it carries no signature, and a key was given to check one",
}
Json = dict[str, Any]


class Found(NamedTuple):
    """The verdict: `what` is a word of SAYS or empty, `first_bad` the first bad row, `beside` what it rests on."""

    ok: bool
    what: str
    first_bad: int | None
    initiative: str
    entries: int
    seq: int
    hash: str
    beside: str

    def says(self, name: str) -> str:
        if self.ok:
            end = f", head {self.seq} {self.hash[:12]}" if self.seq else ""
            return f"{name}: verifies. {self.entries} entries{end}; {self.beside}."
        why = SAYS[self.what].format(bad=self.first_bad)
        return f"{name}: DOES NOT VERIFY: {why} ({self.entries} entries read; {self.beside})."


class Chain(NamedTuple):
    """A chain of entries as far as it holds: what is wrong with it, where, and the hash of every entry before."""

    what: str
    first_bad: int | None
    hashes: tuple[str, ...]
    initiative: str
    withheld: int


# --- an export -------------------------------------------------------------------------------------------------------
def check_export(text: str, key: str | None = None, checkpoints: Iterable[Json] = ()) -> Found:
    """Return the verdict on the text of an export; `key` is the public key, base64. Raises: nothing."""
    lines = text.splitlines()
    cover = _object(lines[0]) if lines else None
    if cover is not None and "jisr_export" in cover:
        return _covered(cover, lines[1:], key, list(checkpoints))
    given = list(checkpoints)
    chain, note = _entries(lines)
    if not chain.what:
        chain = _witnessed(chain, _told(given, chain.initiative))
    if chain.what or key is None:
        bad = chain if chain.what or chain.hashes else chain._replace(what="no record")
        alone = f"held against {len(given)} checkpoints" if given else "checked by itself: nothing tells its end"
        return _found(bad, note or alone)
    return _found(chain._replace(what="unsigned"), "the cover is missing")


def _covered(cover: Json, lines: list[str], key: str | None, given: list[Json]) -> Found:
    """Check what stands under a signed cover; the chain first, because it can name the row."""
    who = str(cover.get("initiative"))
    if cover.get("what") == "full":
        chain, note = _entries(lines)
        chain = chain._replace(initiative=chain.initiative or who)
    else:
        chain, note = Chain("", None, (), who, 0), ""
    own = _list(cover.get("checkpoints"))
    if cover.get("what") == "full" and not chain.what:
        chain = _witnessed(chain, [_head(cover.get("head")), *_told(own + given, who)])
    signer, known = str(cover.get("key")), [one for one in _list(cover.get("keys")) if isinstance(one, dict)]
    trusted = key or signer
    beside = note or ("signed by the key given" if key else f"signed by a key that nobody vouched for ({trusted[:12]})")
    if key and key != signer and follows(key, signer, known):
        trusted, beside = signer, note or "signed by a key that the key given vouches for"
    if chain.withheld:
        beside += f"; {chain.withheld} entries withheld by a rule of attribution, their places checked"
    if chain.what:
        return _found(chain, beside)
    content = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    signed = {name: value for name, value in cover.items() if name != "signature"}
    if cover.get("content") != content or chain.initiative != who or not signed_by(trusted, signed, cover):
        return _found(chain._replace(what="forged"), beside)
    for several in (own, given):
        wrong = check_checkpoints(several, trusted, whole=False, known=known)
        if wrong:
            return _found(chain._replace(what="forged"), wrong)
    if own or given:
        beside += f"; {len(own) + len(given)} checkpoints agree"
    return _found(chain, beside)._replace(entries=len(lines))


def _entries(lines: Sequence[str]) -> tuple[Chain, str]:
    """Return the chain these lines form, and a note about the line where it could not be read on."""
    hashes: list[str] = []
    initiative, withheld = "", 0
    for number, line in enumerate(lines, 1):
        entry, expected = _object(line), len(hashes) + 1

        def bad(what: str, seq: int) -> Chain:
            return Chain(what, seq, tuple(hashes), initiative, withheld)  # noqa: B023  called at once

        if entry is None or not _shaped(entry):
            return bad("edited", expected), f"line {number} is no entry"
        initiative = initiative or entry["initiative"]
        if entry["seq"] != expected:
            later = {one["seq"] for one in map(_object, lines[number:]) if one and isinstance(one.get("seq"), int)}
            return bad("reordered" if entry["seq"] < expected or expected in later else "missing", expected), ""
        if entry["initiative"] != initiative or ("withheld" not in entry and _hash(entry) != entry["hash"]):
            # Whole but for its number: two entries changed places.
            moved = any(_hash({**entry, "seq": seq}) == entry["hash"] for seq in range(1, len(lines) + 1))
            return bad("reordered" if moved else "edited", expected), ""
        if entry["prev"] != (hashes[-1] if hashes else GENESIS):
            return bad("edited", max(expected - 1, 1)), ""
        withheld += "withheld" in entry
        hashes.append(entry["hash"])
    return Chain("", None, tuple(hashes), initiative, withheld), ""


def _witnessed(chain: Chain, heads: Iterable[tuple[int, str] | None]) -> Chain:
    """Hold the chain against each end somebody else knows."""
    for seq, hash_ in sorted(one for one in heads if one is not None):
        if seq > len(chain.hashes):
            what = "truncated" if chain.hashes else "no record"
            return chain._replace(what=what, first_bad=len(chain.hashes) + 1)
        if seq > 0 and chain.hashes[seq - 1] != hash_:
            return chain._replace(what="rewritten", first_bad=seq)
    return chain


def _found(chain: Chain, beside: str) -> Found:
    hashes = chain.hashes
    last = hashes[-1] if hashes else GENESIS
    return Found(
        not chain.what, chain.what, chain.first_bad, chain.initiative, len(hashes), len(hashes), last, beside
    )  # fmt: skip


def _shaped(entry: Json) -> bool:
    words = ("initiative", "kind", "prev", "hash")
    return (
        entry.keys() in (ENTRY, WITHHELD)
        and isinstance(entry["seq"], int)
        and all(isinstance(entry[one], str) for one in words)
    )


def _hash(entry: Json) -> str:
    return hashlib.sha256(canonical({name: value for name, value in entry.items() if name != "hash"})).hexdigest()


# --- checkpoints -----------------------------------------------------------------------------------------------------
def check_checkpoints(given: Iterable[Json], key: str | None, whole: bool = True, known: Iterable[Json] = ()) -> str:
    """Return what is wrong with checkpoints in the order of their numbers, or nothing.

    Each is signed by the key it names, holds the heads it names, and follows the one before; another key than before
    is vouched for by that one, in a checkpoint or in `known`, and `key` (None: any) is one of those keys or vouched
    for by them or the other way round. `whole`: the first is number 1 and none is left out.
    """
    before: Json | None = None
    statements, keys = list(known), [""]
    for one in given:
        number, signer = one.get("number"), str(one.get("key"))
        statements += [one["succession"]] if isinstance(one.get("succession"), dict) else []
        if not isinstance(number, int) or not signed_by(signer, _body(one), one):
            return f"checkpoint {number} is forged"
        if before is not None and signer != keys[-1] and not follows(keys[-1], signer, statements, before["number"]):
            return f"checkpoint {number} is signed by a key that the one before does not vouch for"
        keys += [signer] if signer != keys[-1] else []
        leaves = set(map(str, _list(one.get("leaves"))))
        if any(_digest([id, seq, hash_]) not in leaves for id, seq, hash_ in _heads(one)):
            return f"checkpoint {number} names a head that it does not hold"
        if before is not None and number == before["number"] and one.get("signature") != before.get("signature"):
            return f"there are two checkpoints {number}"
        expected = before["number"] + 1 if before else 1
        if whole and number != expected:
            return f"checkpoint {expected} is missing"
        if number == expected and one.get("previous") != (_id(before) if before else GENESIS):
            return f"checkpoint {number} does not follow the one before"
        before = one
    if before is None or key is None or key in keys:
        return ""
    vouched = follows(keys[-1], key, statements, before["number"]) or follows(key, keys[1], statements)
    return "" if vouched else f"checkpoint {before['number']} is forged: it is signed by another key"


def follows(old: str, new: str, statements: Iterable[Json], after: int = 0) -> bool:
    """Tell whether the old key vouches for the new one, directly or key by key; each new one has signed that, too.

    `after`: the number of a checkpoint by the old key, which it must not have made after it was replaced.
    """
    names = ("jisr_key", "before", "key", "after", "made_at")
    heirs = {}
    for one in statements:
        body = {name: one.get(name) for name in names}
        mine = signed_by(str(one.get("before")), body, {**one, "key": one.get("before")})
        theirs = signed_by(str(one.get("key")), body, {"key": one.get("key"), "signature": one.get("countersigned")})
        if mine and theirs and isinstance(one.get("after"), int):
            heirs[str(one["before"])] = (str(one["key"]), int(one["after"]))
    seen: set[str] = set()
    while old != new and old in heirs and old not in seen:
        seen.add(old)
        last = heirs[old][1]
        if last < after:
            return False
        old, after = heirs[old][0], 0
    return old == new


def signed_by(key: str, body: Json, signed: Json) -> bool:
    """Tell whether `signed` carries this key's signature over `body`, and names this key."""
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(str(signed.get("signature")), validate=True), canonical(body))
    except (ValueError, InvalidSignature):
        return False
    return signed.get("key") == key


def _body(checkpoint: Json) -> Json:
    return {name: checkpoint.get(name) for name in CHECKPOINT}


def _id(checkpoint: Json) -> str:
    return hashlib.sha256(canonical(_body(checkpoint)) + str(checkpoint.get("signature")).encode()).hexdigest()


def _told(checkpoints: Iterable[Json], initiative: str) -> list[tuple[int, str]]:
    return [(seq, hash_) for one in checkpoints for id, seq, hash_ in _heads(one) if id == initiative]


def _heads(checkpoint: Json) -> list[tuple[str, int, str]]:
    found = []
    for one in _list(checkpoint.get("heads")):
        head = _head(one[1:]) if isinstance(one, list) and len(one) == 3 else None
        if head is not None:
            found.append((str(one[0]), *head))
    return found


def _head(given: Any) -> tuple[int, str] | None:
    fits = isinstance(given, list) and len(given) == 2 and isinstance(given[0], int) and isinstance(given[1], str)
    return (given[0], given[1]) if fits else None


# --- small things ----------------------------------------------------------------------------------------------------
def canonical(value: Any) -> bytes:
    """Return one byte string for one JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def read_key(text: str) -> str:
    """Return a public key, PEM or base64, as base64 of its 32 bytes. Raises: ValueError."""
    if "BEGIN" in text:
        found = load_pem_public_key(text.encode())
        if not isinstance(found, Ed25519PublicKey):
            raise ValueError("it is no Ed25519 key")
        return base64.b64encode(found.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    Ed25519PublicKey.from_public_bytes(base64.b64decode(text.strip(), validate=True))
    return text.strip()


def read_checkpoints(folder: Path) -> list[Json]:
    """Return the checkpoints of a folder, by number. Raises: ValueError naming the file, OSError."""
    found = []
    for file in folder.glob("checkpoint-*.json"):
        one = _object(file.read_text(encoding="utf-8", errors="replace"))
        if one is None or not isinstance(one.get("number"), int):
            raise ValueError(f"{file.name} is no checkpoint")
        found.append(one)
    return sorted(found, key=lambda one: int(one["number"]))


def _object(text: str) -> Json | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _digest(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Check an export of Jisr.")
    parser.add_argument("export", type=Path)
    parser.add_argument("--key", type=Path, help="the public key, as `jisr audit key` prints it")
    parser.add_argument("--checkpoints", type=Path, help="a folder of checkpoints you were given")
    given = parser.parse_args(arguments)
    try:
        text = given.export.read_text(encoding="utf-8-sig", errors="replace")
        key = read_key(given.key.read_text(encoding="ascii")) if given.key else None
        checkpoints = read_checkpoints(given.checkpoints) if given.checkpoints else []
    except (OSError, ValueError) as wrong:
        print(f"Nothing was checked: {wrong}", file=sys.stderr)
        return 2
    found = check_export(text, key, checkpoints)
    print(found.says(given.export.name))
    return 0 if found.ok else 6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
