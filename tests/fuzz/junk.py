"""What nobody should send: values, payloads, and valid things with one part of them spoilt."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue

ODD_WORDS = (
    "", " ", "\x00", "\u202e", "\ud800", "a" * 5_000, "../../etc/passwd", "=1+1", "${x}", "p-20", "manager:p-01", "NaN",
    "9999-12-31T23:59:59+00:00", "0001-01-01", "2026-02-30", "text:" + "0" * 32, "ini-test", "\u0663", "\U0001f600" * 9,
)  # fmt: skip
ODD_NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**30, 1e300, -0.5, float("nan"), float("inf"))
LEAVES = (
    st.none() | st.booleans() | st.sampled_from(ODD_NUMBERS) | st.sampled_from(ODD_WORDS) | st.text(max_size=12)
)  # fmt: skip
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


# --- something valid, spoilt ----------------------------------------------------------------------------------------
def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where there is something in a JSON value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


@st.composite
def spoilt(draw: st.DrawFn, valid: Any, at_most: int = 2) -> Any:
    """Return a copy of a JSON value with one or two of its parts replaced, taken out, doubled or added."""
    made = copy.deepcopy(valid)
    for _ in range(draw(st.integers(1, at_most))):
        where = draw(st.sampled_from(list(places(made)) or [()]))
        if not where:
            return draw(JUNK)
        part = made
        for key in where[:-1]:
            part = part[key]
        how = draw(st.sampled_from(("replace", "replace", "take out", "wrap", "add")))
        if how == "replace":
            part[where[-1]] = draw(JUNK)
        elif how == "take out":
            del part[where[-1]]
        elif how == "wrap":
            part[where[-1]] = [part[where[-1]]] * draw(st.integers(1, 3))
        elif isinstance(part, dict):
            part[draw(st.text(max_size=8))] = draw(JUNK)
        else:
            part.append(draw(JUNK))
    return made


@st.composite
def damaged(draw: st.DrawFn, valid: bytes) -> bytes:
    """Return a copy of a file or a token, cut off, with bytes flipped, taken out, put in or doubled."""
    made = bytearray(valid)
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.integers(0, max(len(made) - 1, 0)))
        how = draw(st.sampled_from(("flip", "flip", "cut", "out", "in", "double")))
        if how == "flip" and made:
            made[where] ^= 1 << draw(st.integers(0, 7))
        elif how == "cut":
            del made[where:]
        elif how == "out":
            del made[where : where + draw(st.integers(1, 40))]
        elif how == "in":
            made[where:where] = draw(st.binary(min_size=1, max_size=12))
        else:
            made += made[where:]
    return bytes(made)


# --- payloads -------------------------------------------------------------------------------------------------------
def raw(data: bytes, **metadata: bytes) -> RawValue:
    return RawValue(Payload(data=data, metadata=metadata))


ENCODINGS = (
    b"json/plain", b"json/plain", b"binary/plain", b"binary/null", b"json/protobuf", b"binary/protobuf",
    b"binary/encrypted", b"json/external-storage-reference", b"binary/whatever", b"\xff\xfe", b"",
)  # fmt: skip
OWNERS = (b"initiative:none", b"installation:jisr", b"person:p-20", b"initiative:", b"\xff", b"")
ELSEWHERE = "__temporal_external_storage_reference"


@st.composite
def payloads(draw: st.DrawFn, valid: Any = None) -> RawValue:
    """Return one argument as it may come over the wire: any bytes under any encoding."""
    encoding = draw(st.sampled_from(ENCODINGS))
    body = draw(st.binary(max_size=60) | st.just(b"") | (JUNK if valid is None else spoilt(valid)).map(_written))
    metadata = {"encoding": encoding}
    if encoding == b"binary/encrypted" or draw(st.integers(0, 9)) == 0:
        metadata["jisr-key"] = draw(st.sampled_from(OWNERS))
    if encoding.endswith(b"protobuf") or draw(st.integers(0, 9)) == 0:
        metadata["messageType"] = draw(
            st.sampled_from((b"temporal.api.sdk.v1.ExternalStorageReference", b"no.Such", b""))
        )
    if draw(st.integers(0, 9)) == 0:
        metadata[ELSEWHERE] = draw(st.sampled_from((b"true", b"")))
    if draw(st.integers(0, 9)) == 0:
        del metadata["encoding"]
    made = Payload(data=body, metadata=metadata)
    if draw(st.integers(0, 9)) == 0:
        made.external_payloads.add().size_bytes = 5
    return RawValue(made)


def arguments(valid: Any = None) -> st.SearchStrategy[list[RawValue]]:
    return st.lists(payloads(valid), max_size=3) | payloads(valid).map(lambda one: [one])


def _written(value: Any) -> bytes:
    return json.dumps(value).encode(errors="surrogatepass")
