"""The scheduler of the product: Celery's own, which also says that it lives."""

from __future__ import annotations

import time
from typing import Any

from celery.beat import PersistentScheduler

EVERY_SECONDS = 5


class Scheduler(PersistentScheduler):
    """Signs by itself, so that a stopped scheduler and a stopped worker are told apart."""

    _signed = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        if time.monotonic() - self._signed > EVERY_SECONDS:
            self._signed = time.monotonic()
            self._sign()
        return float(super().tick(*args, **kwargs))

    def _sign(self) -> None:
        from crm_ledger import heartbeat

        try:
            heartbeat.record("scheduler")
        except Exception:  # Redis is away; sending would fail as well, and Celery waits for it
            self.logger.warning("no sign of life could be left")
