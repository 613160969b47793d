"""Data keys: one for each person, each initiative and the installation, wrapped by a master key of the key file.

A key is made when something is written for its owner, never when something is read. A destroyed one stays destroyed.
"""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from sqlalchemy import select, text, tuple_
from sqlmodel import Session, col

from storage.database import put
from storage.key_tables import DataKeyRow
from storage.keyring import DataKey, Keyring, Owner
from storage.keys import KEY_BYTES, KeysAway

INSTALLATION = Owner("installation", "jisr")
NONCE = 12  # bytes
TOGETHER = 300  # owners asked for at once: databases limit the length of a statement


class KeyDestroyed(Exception):
    """The owner was erased: nothing can be written or read for them any more."""


def reading_keys(session: Session, owners: Iterable[Owner]) -> dict[Owner, DataKey | None]:
    """Return the keys of these owners; None for a destroyed one, none at all for an unknown one. Raises: KeysAway."""
    ring, writes = _ring(session), bool(session.info.get("writes"))
    found: dict[Owner, DataKey | None] = {}
    wanted: list[Owner] = []
    for owner in dict.fromkeys(owners):
        held = None if writes else ring.held(owner)
        if held is not None:
            found[owner] = held
        else:
            wanted.append(owner)
    for start in range(0, len(wanted), TOGETHER):
        some = wanted[start : start + TOGETHER]
        rows = select(DataKeyRow.kind, DataKeyRow.owner, DataKeyRow.wrapped, DataKeyRow.master).where(  # type: ignore[call-overload]
            tuple_(col(DataKeyRow.kind), col(DataKeyRow.owner)).in_([tuple(one) for one in some])
        )
        for kind, id, wrapped, master in session.execute(rows):
            owner = Owner(kind, id)
            found[owner] = None if wrapped is None else DataKey(unwrap(ring, owner, wrapped, master))
            if not writes and (made := found[owner]) is not None:  # what a transaction wrote may yet be undone
                ring.hold(owner, made)
    return found


def writing_key(session: Session, owner: Owner) -> DataKey:
    """Return the owner's key, made if there is none. Raises: KeyDestroyed, KeysAway."""
    mine: dict[Owner, DataKey] = session.info.setdefault("data_keys", {})
    if owner in mine:
        return mine[owner]
    found = reading_keys(session, [owner])
    if owner not in found:
        _make(session, owner)
        found = reading_keys(session, [owner])  # ours, or that of whoever was faster
    key = found[owner]
    if key is None:
        raise KeyDestroyed(f"What belongs to {owner.id} was erased; nothing more can be kept for them.")
    mine[owner] = key
    return key


def _make(session: Session, owner: Owner) -> None:
    ring = _ring(session)
    if session.get_bind().dialect.name == "postgresql":
        # Before the key file is looked at: a rotation waits for us, so it sees what we make with the key it retires.
        session.execute(text("LOCK TABLE data_keys IN ROW EXCLUSIVE MODE"))
    if not ring.has_file() and session.execute(select(col(DataKeyRow.owner)).limit(1)).first() is None:
        ring.make()
    master = ring.keys().current
    values = {"kind": owner.kind, "owner": owner.id, "made_at": datetime.now(UTC), "master": master}
    put(session, DataKeyRow, [{**values, "wrapped": wrap(ring, owner, secrets.token_bytes(KEY_BYTES), master)}])


def wrap(ring: Keyring, owner: Owner, raw: bytes, master: str) -> bytes:
    cipher = ring.wrapping(master)
    assert cipher is not None, "the current key is in the key file"
    nonce = secrets.token_bytes(NONCE)
    return nonce + cipher.encrypt(nonce, raw, _bound(owner))


def unwrap(ring: Keyring, owner: Owner, wrapped: bytes, master: str) -> bytes:
    """Return the data key. Raises: KeysAway, with what to do."""
    cipher = ring.wrapping(master)
    if cipher is None:
        raise KeysAway(
            f"The key file does not hold {master}, which opens what is stored. Put the right key file back, from the "
            "copy of the keys (JISR_KEYS)."
        )
    try:
        return cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], _bound(owner))
    except InvalidTag:
        raise KeysAway(
            f"The data key of {owner.kind} {owner.id} does not open with {master}: it was changed, or the key file is "
            "that of another installation. Restore both from one copy."
        ) from None


def destroy(session: Session, owner: Owner, at: datetime) -> bool:
    """Destroy the owner's key for good; return whether there was one. The cache of this process forgets it, too."""
    _ring(session).drop(owner)
    session.info.get("data_keys", {}).pop(owner, None)
    row = session.get(DataKeyRow, tuple(owner))
    if row is None:  # nobody makes one later on
        session.add(DataKeyRow(kind=owner.kind, owner=owner.id, made_at=at, destroyed_at=at))
        return False
    had = row.wrapped is not None
    row.wrapped, row.master, row.destroyed_at = None, None, row.destroyed_at or at
    return had


def _ring(session: Session) -> Keyring:
    ring: Keyring = session.info["keyring"]
    return ring


def _bound(owner: Owner) -> bytes:
    return f"data_keys|{owner.kind}|{owner.id}".encode()
