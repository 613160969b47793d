"""How values travel to and from the engine: one converter for client, worker and replay, and quick to import.

The engine makes a converter for every workflow it holds; all of them share what pydantic has worked out about types,
which would cost each workflow some 200 KB and milliseconds.
"""

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import ExternalStorageReference
from temporalio.common import RawValue
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)

_JSON = PydanticJSONPlainPayloadConverter()
ELSEWHERE = b"binary/kept-elsewhere"  # the encoding of what claims to be kept in a store that Jisr does not have
REFERENCES = (b"json/external-storage-reference", ExternalStorageReference.DESCRIPTOR.full_name.encode())
MARKER = "__temporal_external_storage_reference"


class SharedPayloadConverter(CompositePayloadConverter):
    """Temporal's own converters, with pydantic's for JSON."""

    def __init__(self) -> None:
        every = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(_JSON if isinstance(one, JSONPlainPayloadConverter) else one for one in every))

    def from_payloads(self, payloads: Sequence[Payload], type_hints: list[type] | None = None) -> list[Any]:
        """Return the values. Of more arguments than a handler takes, what cannot be read stays as it came.

        The engine's library drops such a signal without a word, and tries such a start again for ever.
        """
        if type_hints or len(payloads) < 2:
            return super().from_payloads(payloads, type_hints)
        return [self._as_far_as_it_goes(one) for one in payloads]

    def _as_far_as_it_goes(self, payload: Payload) -> Any:
        try:
            return super().from_payloads([payload])[0]
        except Exception:  # noqa: BLE001  whatever stands there
            return RawValue(payload)


class OwnConverter(DataConverter):
    """Never looks for what claims to be kept elsewhere: one such signal would stop an initiative for ever."""

    async def _decode_reference_payload_sequence(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [_not_elsewhere(one) for one in payloads]


def _not_elsewhere(payload: Payload) -> Payload:
    kinds = (payload.metadata.get("encoding"), payload.metadata.get("messageType"))
    if MARKER in payload.metadata or any(one in REFERENCES for one in kinds):
        return Payload(metadata={"encoding": ELSEWHERE}, data=payload.data)
    return payload


CONVERTER = OwnConverter(payload_converter_class=SharedPayloadConverter)
