"""How many lives are told: few and always the same ones by default, many and new ones with HYPOTHESIS_PROFILE=long."""

import os

from hypothesis import HealthCheck, settings

CHECKS = list(HealthCheck)  # a life is long on purpose
settings.register_profile(
    "default", max_examples=12, derandomize=True, deadline=None, database=None, suppress_health_check=CHECKS
)
settings.register_profile("long", max_examples=600, deadline=None, print_blob=True, suppress_health_check=CHECKS)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
