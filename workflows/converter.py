"""How values travel to and from the engine: one converter for client, worker and replay, and quick to import.

The engine makes a converter for every workflow it holds; all of them share what pydantic has worked out about types,
which would cost each workflow some 200 KB and milliseconds.
"""

from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultPayloadConverter,
    JSONPlainPayloadConverter,
)

_JSON = PydanticJSONPlainPayloadConverter()


class SharedPayloadConverter(CompositePayloadConverter):
    """Temporal's own converters, with pydantic's for JSON."""

    def __init__(self) -> None:
        every = DefaultPayloadConverter.default_encoding_payload_converters
        super().__init__(*(_JSON if isinstance(one, JSONPlainPayloadConverter) else one for one in every))


CONVERTER = DataConverter(payload_converter_class=SharedPayloadConverter)
