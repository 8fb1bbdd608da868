"""Rate limits by fixed window: one counter in the cache, however many requests."""

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
        try:
            count = self._count(f"crm:rate:{self.scope}:{who}:{int(self.now // self.duration)}")
        except RedisError:
            return True  # without a broker the product still answers
        return count <= self.num_requests

    def _count(self, key: str) -> int:
        count = _line.ask_again("INCR", key)
        if count == 1:
            _line.ask_again("EXPIRE", key, self.duration + 1)
        return count

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
