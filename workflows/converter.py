"""How values travel to and from the engine: one converter for client, worker and replay, and quick to import."""

from temporalio.contrib.pydantic import pydantic_data_converter

CONVERTER = pydantic_data_converter
