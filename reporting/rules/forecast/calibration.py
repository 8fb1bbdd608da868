"""What one said against what came: the table of said and came, and the one line above it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reporting.rules.forecast.accuracy import Said

BUCKETS = (Decimal("0.1"), Decimal("0.3"), Decimal("0.5"), Decimal("0.7"), Decimal("0.9"))


@dataclass(frozen=True, slots=True)
class Bucket:
    """Forecasts that were near one probability. Shares lie in 0 to 1."""

    near: Decimal
    count: int
    said: Decimal | None
    came: Decimal | None


def table(said: Sequence[Said]) -> tuple[Bucket, ...]:
    """Every forecast in exactly one bucket: 0 to 20 %, to 40 %, and so on; the upper end belongs to the next."""
    return tuple(_bucket(near, [one for one in said if bucket_of(one[0]) == near]) for near in BUCKETS)


def bucket_of(probability: Decimal) -> Decimal:
    return BUCKETS[min(len(BUCKETS) - 1, int(probability * len(BUCKETS)))]


def fullest(buckets: Sequence[Bucket]) -> Bucket | None:
    """The one to speak of: of those with most forecasts, the one furthest from the truth."""
    filled = [bucket for bucket in buckets if bucket.count and bucket.said is not None and bucket.came is not None]
    return max(filled, key=lambda one: (one.count, abs((one.said or 0) - (one.came or 0))), default=None)


def _bucket(near: Decimal, members: Sequence[Said]) -> Bucket:
    if not members:
        return Bucket(near, 0, None, None)
    count = len(members)
    chances = sum((probability for probability, _ in members), Decimal(0))
    return Bucket(near, count, chances / count, Decimal(sum(came for _, came in members)) / count)
