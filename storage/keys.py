"""The key file: `{"current": ID, "keys": {ID: base64}}`. From each key one more is derived for each purpose.

An old key stays in the file as long as what was made with it should go on working.
"""

import base64
import binascii
import json
import os
import secrets
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.away import DatabaseAway

KEY_BYTES = 32


class KeysAway(DatabaseAway):
    """The key file, or a key in it, cannot be used. Says why and what to do; never what stands in it."""


class Keys:
    """The keys of this installation. `current` is the id of the one that new things are made with."""

    def __init__(self, current: str, keys: dict[str, bytes]) -> None:
        self.current = current
        self._keys = keys

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._keys)

    def derived(self, id: str, purpose: str) -> bytes | None:
        """Return the 32 bytes that key `id` gives for a purpose (HKDF, RFC 5869); None for a key no longer held."""
        key = self._keys.get(id)
        return None if key is None else derive(key, purpose)

    def with_new(self) -> "Keys":
        """Return these keys and a new one, which is the current one."""
        id = f"key-{secrets.token_hex(4)}"
        return Keys(id, {**self._keys, id: secrets.token_bytes(KEY_BYTES)})

    def without(self, id: str) -> "Keys":
        assert id != self.current, "the current key is needed"
        return Keys(self.current, {name: key for name, key in self._keys.items() if name != id})

    def as_json(self) -> str:
        """Return what stands in the file. For the file only."""
        told = {name: base64.b64encode(key).decode() for name, key in self._keys.items()}
        return json.dumps({"current": self.current, "keys": told})


def derive(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def read_keys(file: Path) -> Keys:
    """Return the keys of a key file. Raises: KeysAway."""
    try:
        given: Any = json.loads(file.read_text(encoding="utf-8"))
        keys = {id: base64.b64decode(key, validate=True) for id, key in given["keys"].items()}
        current = str(given["current"])
    except OSError as error:
        raise KeysAway(
            f"The key file {file} cannot be read: {error.strerror}. Make one with `jisr migrate`, or set JISR_KEYS."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        keys, current = {}, ""
    if current not in keys or any(len(key) < KEY_BYTES for key in keys.values()):
        raise KeysAway(f"{file} is no key file of Jisr's. Put the right file back, from the copy of the keys.")
    return Keys(current, keys)


def make_key_file(file: Path) -> bool:
    """Make a key file with one new key, mode 600; return whether there was none. Of two makers the first one counts.

    Raises: OSError.
    """
    if file.exists():
        return False
    draft = _draft(file, Keys("", {}).with_new())
    try:
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def replace_key_file(file: Path, keys: Keys) -> None:
    """Put these keys in place of those in the file: all of it or nothing, also when the power fails. Raises: KeysAway.

    A link is followed; a file that is mounted by itself (a container's secret) cannot be replaced, which is said.
    """
    place = file.resolve()
    try:
        draft = _draft(place, keys)
        draft.replace(place)
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise KeysAway(
            f"The key file {file} cannot be replaced: {error.strerror}. Nothing was changed; make its folder writable "
            "for yourself, or rotate where the file is kept."
        ) from None


def _draft(file: Path, keys: Keys) -> Path:
    """Write a file beside the place it is for, so that nobody ever sees half of one."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(keys.as_json())
        out.flush()
        os.fsync(out.fileno())
    return draft
