"""The sealer inside the worker, beside its tasks: a dead scheduler or a dead broker delays nothing.

One thread seals each second; each channel of publication has a thread of its own, so that a receiver who does not
answer delays neither the seal nor another receiver. The scheduler's task does the same work; both take locks.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import bootsteps
from django.db import connections

log = logging.getLogger(__name__)
PERIOD = 1.0


class Loop:
    """Threads that do their work once a period, whatever happened the time before."""

    def __init__(self, period: float = PERIOD) -> None:
        self.period = period
        self.stopped = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        from ledger.commands import publish, sealing
        from ledger.notify import checkpoints

        self._every("sealer", sealing.seal_now)
        self._attempt("publisher", publish.declare)
        for name, channel in checkpoints.channels().items():
            self._every(f"publisher of {name}", partial(publish.through, name, channel))

    def stop(self, patience: float = 10) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(patience)

    def _every(self, name: str, work: Callable[[], Any]) -> None:
        thread = threading.Thread(target=self._run, args=(name, work), name=name, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _run(self, name: str, work: Callable[[], Any]) -> None:
        while not self.stopped.is_set():
            self._attempt(name, work)
            self.stopped.wait(self.period)
        connections.close_all()

    def _attempt(self, name: str, work: Callable[[], Any]) -> None:
        try:
            work()
        except Exception:
            # The next round begins with a fresh connection; nothing is lost, the seal goes on where it was.
            log.exception("the %s failed", name)
            connections.close_all()


class Sealing(bootsteps.StartStopStep):  # type: ignore[misc]
    """Starts the loop in a worker that was told the sealer's role and key."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.loop: Loop | None = None

    def start(self, parent: Any) -> None:
        from ledger.commands import sealing

        if sealing.is_set():
            self.loop = Loop()
            self.loop.start()

    def stop(self, parent: Any) -> None:
        if self.loop is not None:
            self.loop.stop()
            self.loop = None

    terminate = stop
