"""The moments at which forecasts are kept as they stand: 90, 60 and 30 days before a period, and at its start."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HORIZONS = (90, 60, 30, 0)
_MONTHS_AHEAD = 4  # 90 days before a month's first day lie in the third or fourth month before it


def moment(period: date, horizon: int, zone: str) -> datetime:
    """Midnight, in the zone of the company, `horizon` days before the first day of a month."""
    return datetime.combine(period - timedelta(days=horizon), time(), ZoneInfo(zone)).astimezone(UTC)


def due(now: datetime, zone: str, kept: Collection[tuple[date, int]], since: datetime) -> list[tuple[date, int]]:
    """(period, horizon) of every lock whose moment has come and that is not kept yet, the oldest first; none from
    before `since`, when the record began."""
    today = now.astimezone(ZoneInfo(zone)).date()
    wanted = []
    for ahead in range(_MONTHS_AHEAD + 1):
        year, index = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        period = date(year, index + 1, 1)
        wanted += [(period, horizon) for horizon in HORIZONS if since <= moment(period, horizon, zone) <= now]
    return sorted(set(wanted) - set(kept), key=lambda one: (moment(one[0], one[1], zone), one))
