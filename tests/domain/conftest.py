"""How hard property-based tests search: the same examples every time, or, on demand, new and more of them."""

import os

from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    # Explaining a failure takes longer than finding it, and the failing example says enough.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow],
)
# HYPOTHESIS_PROFILE=searching looks further than `make test` has time for.
settings.register_profile("searching", settings.get_profile("steady"), derandomize=False, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
