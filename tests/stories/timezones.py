"""Time zone data of a day to come: a zone's file is that of another place, as after an update of the machine."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from domain import agenda, working_days


@contextmanager
def newer_time_zone_data(folder: Path, zone: str, like: str) -> Iterator[None]:
    """Let this process know the zone by the rules of another one, from here to the end of the block."""
    place = folder / zone
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes((resources.files("tzdata") / "zoneinfo" / like).read_bytes())
    zoneinfo.reset_tzpath(to=[folder, *zoneinfo.TZPATH])
    forget()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath()
        forget()


def forget() -> None:
    """Do what the restart of a worker does: nothing is known of the old data any more."""
    zoneinfo.ZoneInfo.clear_cache()
    agenda._reckoned.cache_clear()
    working_days._zone.cache_clear()
