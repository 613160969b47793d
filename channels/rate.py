"""How much a channel may send: `30/min`, `500/hour`, or both. What is more waits; nothing is dropped."""

import re
from datetime import timedelta
from typing import NamedTuple

WINDOWS = {"min": timedelta(minutes=1), "hour": timedelta(hours=1)}
ONE = re.compile(r"([1-9][0-9]{0,6})\s*/\s*(min|hour)")


class Limit(NamedTuple):
    """At most so many messages in any span of this length."""

    most: int
    span: timedelta


def read_limits(given: object) -> tuple[Limit, ...]:
    """Return the limits of one channel. Raises: ValueError, with what to write."""
    parts = [ONE.fullmatch(part.strip()) for part in given.split(",")] if isinstance(given, str) else [None]
    found = [part for part in parts if part is not None]
    if len(found) != len(parts) or len({part[2] for part in found}) != len(found):
        raise ValueError("write a number of messages per min or hour, such as 30/min or 30/min, 500/hour")
    return tuple(Limit(int(part[1]), WINDOWS[part[2]]) for part in found)
