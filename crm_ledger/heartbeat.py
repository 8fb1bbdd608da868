"""When the scheduler last gave a sign of life, as the worker saw it."""

import time

from django.core.cache import cache

_KEY = "beat:last"


def record(moment: float) -> None:
    cache.set(_KEY, moment, timeout=None)


def age() -> float | None:
    """Seconds since the last sign, or None when there was none."""
    last = cache.get(_KEY)
    return None if last is None else max(0.0, time.time() - last)
