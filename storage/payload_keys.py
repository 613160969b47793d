"""Which key a value on its way to the engine is encrypted with: that of the initiative its workflow is about.

A key is made when something is first encrypted with it, never when something is read. After one was destroyed, what
still comes is encrypted with the installation's, so that a run which goes on does not stop.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from storage.away import DatabaseAway
from storage.data_keys import INSTALLATION, KeyDestroyed, reading_keys, writing_key
from storage.database import Database
from storage.keyring import FRESH, KEPT, DataKey, Owner
from storage.keys import KeysAway
from storage.sealing import initiative

WORKFLOW = "initiative/"


class KeyUnknown(KeysAway):
    """The database has never held this key, or was restored without it."""


class PayloadKeys:
    """Looks keys up in the database and remembers them; while the database is away, those still serve."""

    def __init__(self, opens: Callable[[], Database]) -> None:
        self._opens = opens
        self._database: Database | None = None
        self._kept: OrderedDict[Owner, tuple[DataKey | None, float]] = OrderedDict()
        self._turn = threading.Lock()

    def remembered(self, owner: Owner) -> DataKey | None:
        """Return a key without looking it up, or None."""
        with self._turn:
            key, until = self._kept.get(owner, (None, 0.0))
            return key if time.monotonic() < until else None

    def for_writing(self, owner: Owner) -> tuple[Owner, DataKey]:
        """Return whose key to encrypt with, and the key; made if there is none. Raises: DatabaseAway."""
        try:
            key = self._known(owner)
        except DatabaseAway:
            stale = self._stale(owner)
            if stale is None:
                raise
            return owner, stale
        if key is not None:
            return owner, key
        try:
            with self._db().session() as session:
                made = writing_key(session, owner)
        except KeyDestroyed:
            return self.for_writing(INSTALLATION)
        self._keep(owner, made)
        return owner, made

    def for_reading(self, owner: Owner) -> DataKey | None:
        """Return a key, or None for one that was destroyed. Raises: DatabaseAway, KeyUnknown, KeysAway."""
        try:
            with self._db().reading() as session:
                found = reading_keys(session, [owner])
        except DatabaseAway:
            stale = self._stale(owner)
            if stale is None:
                raise
            return stale
        if owner not in found:
            raise KeyUnknown(f"The data key of {owner.kind} {owner.id} is not in the database. Restore it whole.")
        if (key := found[owner]) is not None:
            self._keep(owner, key)
        return key

    def _known(self, owner: Owner) -> DataKey | None:
        with self._db().reading() as session:
            key = reading_keys(session, [owner]).get(owner)
        if key is not None:
            self._keep(owner, key)
        return key

    def _keep(self, owner: Owner, key: DataKey) -> None:
        with self._turn:
            self._kept[owner] = (key, time.monotonic() + FRESH)
            self._kept.move_to_end(owner)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _stale(self, owner: Owner) -> DataKey | None:
        with self._turn:
            return self._kept.get(owner, (None, 0.0))[0]

    def _db(self) -> Database:
        if self._database is None:
            self._database = self._opens()
        return self._database


def owner_of(workflow_id: str | None) -> Owner:
    """Return whose key the payloads of a workflow are under."""
    if workflow_id and workflow_id.startswith(WORKFLOW):
        return initiative(workflow_id.removeprefix(WORKFLOW))
    return INSTALLATION
