"""The locked head of a stream inside one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_TICK = timedelta(microseconds=1)


@dataclass(slots=True)
class Chain:
    """`append` moves it along. `now` is the product's clock when the lock was held: every judgement uses it."""

    stream: str
    version: int
    head: bytes
    at: datetime | None
    now: datetime

    def next_moment(self) -> datetime:
        """Time runs forward in a stream, even when the system clock does not."""
        return self.now if self.at is None or self.now > self.at else self.at + _TICK
