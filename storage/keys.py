"""The key file: `{"current": ID, "keys": {ID: base64}}`. From each key one more is derived for each purpose.

An old key stays in the file as long as what was made with it should go on working.
"""

import base64
import binascii
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32


class KeysAway(Exception):
    """The key file cannot be used. Says why and what to do; never what stands in it."""


class Keys:
    """The keys of this installation. `current` is the id of the one that new things are made with."""

    def __init__(self, current: str, keys: dict[str, bytes]) -> None:
        self.current = current
        self._keys = keys

    def derived(self, id: str, purpose: str) -> bytes | None:
        """Return the 32 bytes that key `id` gives for a purpose (HKDF, RFC 5869); None for a key no longer held."""
        key = self._keys.get(id)
        return None if key is None else HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def read_keys(file: Path) -> Keys:
    """Return the keys of a key file. Raises: KeysAway."""
    try:
        given: Any = json.loads(file.read_text(encoding="utf-8"))
        keys = {id: base64.b64decode(key, validate=True) for id, key in given["keys"].items()}
        current = given["current"]
    except OSError as error:
        raise KeysAway(
            f"The key file {file} cannot be read: {error.strerror}. Make one with `jisr migrate`, or set JISR_KEYS."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        keys, current = {}, ""
    if current not in keys or any(len(key) < KEY_BYTES for key in keys.values()):
        raise KeysAway(f"{file} is no key file of Jisr's. Put the right file back, from the copy of the keys.")
    return Keys(current, keys)
