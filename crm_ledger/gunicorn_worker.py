"""The worker of the web server: a thread that has answered stays with its caller for a moment.

gunicorn hands an open connection back to the main thread after each answer, which watches it and gives the next request
to another thread: two changes of threads and some eight calls of the system, a tenth of a short request. Who asks again
at once, a program or a page with its parts, finds the same thread still there instead, with its connection to the
database. At most half of the threads do that, so whoever comes new never waits for one that stays.
"""

from __future__ import annotations

import select
import threading
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

_MOMENT_MS = 50


class Staying(ThreadWorker):
    """As `gthread`, whose `handle` returns True where the connection is open and may carry another request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._busy = 0

    def enqueue_req(self, conn: Any) -> None:
        with self._lock:
            self._busy += 1
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        try:
            answer = super().handle(conn)
            while answer is True and self._asks_again(conn):
                answer = super().handle(conn)
            return answer
        finally:
            with self._lock:
                self._busy -= 1

    def _asks_again(self, conn: Any) -> bool:
        """Whether the next request, or the good-bye, is there within a moment. Busy are also those that wait for a
        thread."""
        if not self.alive or self._busy > self.cfg.threads // 2:
            return False
        if conn.parser.unreader.buf.getvalue():
            return True  # read ahead with the one before
        watch = select.poll()
        watch.register(conn.sock, select.POLLIN)
        return bool(watch.poll(_MOMENT_MS))
