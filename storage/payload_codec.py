"""What the engine keeps, encrypted: every argument, result, signal, memo and failure, with the key of its initiative.

Only ids, states and digests travel at all; this comes on top. Each payload says whose key it is under, so that it is
read without knowing where it came from. What was written in clear before stays readable.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Self

from cryptography.exceptions import InvalidTag
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from storage.data_keys import NONCE
from storage.keyring import DataKey, Owner
from storage.keys import KeysAway
from storage.payload_keys import KeyUnknown, PayloadKeys, owner_of

ENCODING = b"binary/encrypted"
PURPOSE = "jisr payload 1"
OF = "jisr-key"  # the metadata that says whose key it is
ERASED = Payload(metadata={"encoding": b"json/plain"}, data=b'{"erased": true}')


class EncryptedPayloads(PayloadCodec, WithSerializationContext):
    """AES-256-GCM. `writes` False: reads what is encrypted, and writes in clear."""

    def __init__(self, keys: PayloadKeys, writes: bool = True, workflow_id: str | None = None) -> None:
        self._keys = keys
        self._writes = writes
        self._workflow_id = workflow_id

    def with_context(self, context: SerializationContext) -> Self:
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return type(self)(self._keys, self._writes, context.workflow_id)
        return self

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        if not self._writes:
            return [*payloads]
        owner = owner_of(self._workflow_id)
        held = self._keys.remembered(owner)
        owner, key = (owner, held) if held else await asyncio.to_thread(self._keys.for_writing, owner)
        return [_encrypted(one, owner, key) for one in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [await self._decode(one) if one.metadata.get("encoding") == ENCODING else one for one in payloads]

    async def _decode(self, payload: Payload) -> Payload:
        """Return it as it was, or a sign that its key was destroyed. Raises: KeysAway, DatabaseAway.

        In a workflow, what only looks encrypted stays as it came: whoever sends it would stop an initiative for ever.
        """
        kind, _, id = payload.metadata.get(OF, b"").decode(errors="replace").partition(":")
        owner = Owner(kind, id)
        try:
            key = self._keys.remembered(owner) or await asyncio.to_thread(self._keys.for_reading, owner)
        except KeyUnknown:
            if self._workflow_id is None or owner == owner_of(self._workflow_id):
                raise  # a database restored without its keys, perhaps: it is waited for
            return payload
        if key is None:
            return ERASED
        try:
            raw = key.cipher(PURPOSE).decrypt(payload.data[:NONCE], payload.data[NONCE:], _bound(owner))
        except (InvalidTag, ValueError):
            if self._workflow_id is not None:
                return payload
            raise KeysAway(f"A payload of {kind} {id} was changed: it does not open.") from None
        return Payload.FromString(raw)


def _encrypted(payload: Payload, owner: Owner, key: DataKey) -> Payload:
    nonce = secrets.token_bytes(NONCE)
    sealed = nonce + key.cipher(PURPOSE).encrypt(nonce, payload.SerializeToString(), _bound(owner))
    return Payload(metadata={"encoding": ENCODING, OF: f"{owner.kind}:{owner.id}".encode()}, data=sealed)


def _bound(owner: Owner) -> bytes:
    return f"payload|{owner.kind}|{owner.id}".encode()
