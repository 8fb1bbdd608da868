"""Rate limits by fixed window: one counter in the broker, however many requests.

A process takes up to a hundredth of a limit at a time and spends that by itself, so that most requests ask nobody. No
more is ever allowed than the limit; what one process took and did not spend is lost to the others until the window is
over.
"""

from __future__ import annotations

import math
import threading
import time
from functools import cache
from typing import Any

from django.conf import settings
from redis import ConnectionPool, RedisError
from redis.exceptions import ConnectionError as Lost
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


@cache
def _pool() -> ConnectionPool:
    return ConnectionPool.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


class _Line(threading.local):
    """A connection of each thread. Taking one from a pool for each request costs more than the question itself."""

    connection: Any = None

    def ask(self, *words: Any) -> int:
        if self.connection is None:
            self.connection = _pool().get_connection()
        try:
            self.connection.send_command(*words)
            return int(self.connection.read_response())
        except BaseException:
            # An answer that was not read would be taken for that to the next question.
            self.connection.disconnect()
            raise

    def ask_again(self, *words: Any) -> int:
        """Twice: a broker that was started anew has closed the line."""
        try:
            return self.ask(*words)
        except Lost:
            return self.ask(*words)


_line = _Line()
_SHARES = 100  # of a limit; a small one is taken one by one
_MOST = 20  # that a process takes at a time, however large the limit


class _Taken:
    """What this process took of the windows that are open and has not spent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[str, tuple[int, float]] = {}  # counter → how many, until when

    def spend(self, key: str) -> bool:
        with self._lock:
            left, until = self._left.get(key, (0, 0.0))
            if left:
                self._left[key] = left - 1, until
            return bool(left)

    def add(self, key: str, many: int, now: float, until: float) -> None:
        with self._lock:
            if key not in self._left:  # a window opens: those that are over are forgotten
                self._left = {name: said for name, said in self._left.items() if said[1] > now}
            self._left[key] = self._left.get(key, (0, until))[0] + many, until


_taken = _Taken()


class WindowThrottle(SimpleRateThrottle):
    """DRF's own keeps the time of each request, which costs more the more there are."""

    rate: str | None
    num_requests: int
    duration: int

    def allow_request(self, request: Request, view: Any) -> bool:
        who = self.get_ident_of(request)
        if who is None or self.rate is None:
            return True
        self.now = time.time()
        key = f"crm:rate:{self.scope}:{who}:{int(self.now // self.duration)}"
        try:
            return _taken.spend(key) or self._take(key)
        except RedisError:
            return True  # without a broker the product still answers

    def _take(self, key: str) -> bool:
        """Takes a share of what is left of the window and spends one of it; False when nothing is left."""
        share = max(1, min(self.num_requests // _SHARES, _MOST))
        count = _line.ask_again("INCRBY", key, share)
        if count == share:
            _line.ask_again("EXPIRE", key, self.duration + 1)
        got = share - max(0, count - self.num_requests)
        if got > 1:
            _taken.add(key, got - 1, self.now, (self.now // self.duration + 1) * self.duration)
        return got > 0

    def wait(self) -> float:
        return math.ceil(self.duration - self.now % self.duration)

    def get_ident_of(self, request: Request) -> str | None:
        raise NotImplementedError


class PersonThrottle(WindowThrottle):
    """For somebody who is logged in: by person, whatever the number of tokens."""

    scope = "user"

    def get_ident_of(self, request: Request) -> str | None:
        return str(request.user.pk) if request.user and request.user.is_authenticated else None


class StrangerThrottle(WindowThrottle):
    """For anybody else: by address."""

    scope = "anon"

    def get_ident_of(self, request: Request) -> str | None:
        return None if request.user and request.user.is_authenticated else self.get_ident(request)
