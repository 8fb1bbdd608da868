"""What a recovery date would do, before anybody commits to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from governance.queries.alerts import AlertRow
from ledger.rules import money


@dataclass(frozen=True, slots=True)
class Effect:
    """`stays`: the month in which the deal is expected still holds. `deals`: how many the date touches."""

    text: str
    month: date
    stays: bool
    deals: int
    start_moves_days: int


def of(found: AlertRow, day: date, currency: str) -> Effect | None:
    """None when the alert is about no deal, or the deal is unpriced."""
    held = found.alert
    if held.deal is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT period, value_minor, start_on FROM pipeline_dealstate WHERE deal_id = %s", [held.deal])
        row = cursor.fetchone()
    if row is None or row[0] is None or row[1] is None:
        return None
    period, value, start = row
    month = max(period, day.replace(day=1))
    moves = max(0, (day - start).days) if start is not None else 0
    return Effect(money.text(value, currency), month, month == period, 1, moves)
