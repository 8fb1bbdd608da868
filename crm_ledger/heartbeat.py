"""When scheduler, worker and courier last gave a sign of life, by the real clock. It is kept in Redis alone.

The scheduler signs by itself with each of its ticks; a worker signs when it consumes a task of its own queue.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from django.conf import settings
from django.core.cache import cache

PARTS = ("scheduler", "worker", "courier")
_born = time.time()


def record(part: str, moment: float | None = None) -> None:
    cache.set(_key(part), time.time() if moment is None else moment, timeout=None)


def ages() -> Mapping[str, float | None]:
    """Part → seconds since its last sign, None when there was none. One question to Redis."""
    found = cache.get_many([_key(part) for part in PARTS])
    now = time.time()
    return {part: max(0.0, now - found[_key(part)]) if _key(part) in found else None for part in PARTS}


def silent() -> list[str]:
    """The parts that have not been heard of for too long. Who has just begun to listen waits as long first."""
    limit = settings.BEAT_MAX_AGE_SECONDS
    return [part for part, age in ages().items() if (time.time() - _born if age is None else age) > limit]


def _key(part: str) -> str:
    return f"alive:{part}"
