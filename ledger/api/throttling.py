"""Rate limits by fixed window: one counter in the cache, however many requests."""

from __future__ import annotations

import math
import time
from functools import cache
from typing import Any, cast

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


@cache
def _redis() -> Redis:
    """One pool of connections for a process; the cache of Django makes a client for each call."""
    return Redis.from_url(settings.REDIS_URL, socket_timeout=1)


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
        count = cast(int, _redis().incr(key))
        if count == 1:
            _redis().expire(key, self.duration + 1)
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
