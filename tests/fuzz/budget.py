"""How much is tried: little and always the same by default; `JISR_FUZZ=50`: fifty times as much, each time anew."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)  # explaining traces every line, which takes most of the time
TIMES = int(os.environ.get("JISR_FUZZ", "1"))


def tries(examples: int, **more: Any) -> Callable[[Any], Any]:
    """Return the settings of one test: so many examples, as often as asked for."""
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        deadline=None,
        phases=PHASES,
        database=None,
        print_blob=TIMES > 1,
        suppress_health_check=list(HealthCheck),
        **more,
    )
