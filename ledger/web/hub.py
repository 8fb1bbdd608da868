"""One thread a web process asks where the record stands, only while somebody listens, and tells all of them.

It asks the database and not Redis: what it tells is then true whoever wrote, through whichever door, and a broker that
is away stops no page (docs/adr). One question of a tenth of a millisecond each half second serves every listener.
"""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.db import Error, connection

from ledger.queries import live
from ledger.queries.live import Mark

log = logging.getLogger(__name__)
EVERY_SECONDS = 0.5


class Hub:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._listeners = 0
        self._now: Mark | None = None
        self._asking = False

    def join(self) -> bool:
        """False when as many listen as this process may serve and still answer pages."""
        with self._changed:
            if self._listeners >= settings.LIVE_STREAMS:
                return False
            self._listeners += 1
            if not self._asking:
                self._asking, self._now = True, None
                threading.Thread(target=self._ask, name="position", daemon=True).start()
            return True

    def leave(self) -> None:
        with self._changed:
            self._listeners -= 1

    def wait(self, seen: Mark | None, seconds: float) -> Mark | None:
        """The mark as soon as it is another than `seen`; None when it stayed the same for so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._now not in (None, seen), seconds)
            return self._now if self._now != seen else None

    def _ask(self) -> None:
        while True:
            with self._changed:
                if not self._listeners:
                    self._asking = False
                    break
            try:
                found = live.now()
            except Error as fault:  # the database is away: listeners hear nothing, and their pages say so
                log.warning("the record cannot be asked: %s", fault)
                connection.close()
            else:
                with self._changed:
                    if found != self._now:
                        self._now = found
                        self._changed.notify_all()
            time.sleep(EVERY_SECONDS)
        connection.close()


HUB = Hub()
