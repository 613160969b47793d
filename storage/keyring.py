"""The key file as a running process sees it, and the data keys it has unwrapped lately.

The file is looked at again whenever it has changed, so a long-running worker follows a rotation by itself.
"""

import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.keys import Keys, KeysAway, derive, make_key_file, read_keys, replace_key_file

WRAPS = "jisr data key 1"
KEPT = 4_096  # unwrapped data keys held in memory
FRESH = 60.0  # seconds after which one is looked up again: another process may have destroyed it


class Owner(NamedTuple):
    """Whose data key: `kind` is person, initiative or installation."""

    kind: str
    id: str


class DataKey:
    """An unwrapped data key: a cipher of its own for each purpose."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._ciphers: dict[str, AESGCM] = {}

    def cipher(self, purpose: str) -> AESGCM:
        found = self._ciphers.get(purpose)
        if found is None:
            found = self._ciphers[purpose] = AESGCM(derive(self.raw, purpose))
        return found


class Keyring:
    """The keys of one key file. Threads may share it."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._seen: tuple[int, int, int] | None = None
        self._keys: Keys | None = None
        self._wraps: dict[str, AESGCM] = {}
        self._kept: OrderedDict[Owner, tuple[DataKey, float]] = OrderedDict()
        self._turn = threading.Lock()

    # --- master keys -------------------------------------------------------------------------------------------
    def make(self) -> None:
        """Make the key file if there is none. Only while nothing has been sealed yet. Raises: KeysAway."""
        try:
            make_key_file(self._place())
        except OSError as error:
            raise KeysAway(f"The key file {self._file} cannot be made: {error.strerror}. Set JISR_KEYS.") from None

    def has_file(self) -> bool:
        return self._file is not None and self._file.exists()

    def keys(self) -> Keys:
        """Return the master keys as the file has them now. Raises: KeysAway."""
        file = self._place()
        try:
            state = file.stat()
        except OSError:
            state = None
        seen = (state.st_ino, state.st_mtime_ns, state.st_size) if state else None
        with self._turn:
            if self._keys is None or seen != self._seen:
                self._keys, self._seen, self._wraps = read_keys(file), seen, {}
            return self._keys

    @property
    def current(self) -> str:
        return self.keys().current

    def derived(self, id: str, purpose: str) -> bytes | None:
        """Return what a master key gives for a purpose; None for a key the file does not hold. Raises: KeysAway."""
        return self.keys().derived(id, purpose)

    def replace(self, keys: Keys) -> None:
        """Put these master keys into the file. Raises: KeysAway."""
        replace_key_file(self._place(), keys)

    def wrapping(self, master: str) -> AESGCM | None:
        """Return the cipher with which this master key wraps data keys; None for one the file does not hold."""
        keys = self.keys()
        with self._turn:
            if master not in self._wraps:
                derived = keys.derived(master, WRAPS)
                if derived is None:
                    return None
                self._wraps[master] = AESGCM(derived)
            return self._wraps[master]

    def _place(self) -> Path:
        if self._file is None:
            raise KeysAway("Personal data and texts are encrypted, and no key file is named. Set JISR_KEYS.")
        return self._file

    # --- data keys in memory -----------------------------------------------------------------------------------
    def held(self, owner: Owner) -> DataKey | None:
        with self._turn:
            found = self._kept.get(owner)
            if found is None or time.monotonic() > found[1]:
                return None
            self._kept.move_to_end(owner)
            return found[0]

    def hold(self, owner: Owner, key: DataKey) -> None:
        with self._turn:
            self._kept[owner] = (key, time.monotonic() + FRESH)
            self._kept.move_to_end(owner)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def drop(self, owner: Owner) -> None:
        """Forget a data key, and that at once."""
        with self._turn:
            self._kept.pop(owner, None)
