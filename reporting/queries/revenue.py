"""What the book of revenue holds for a deal, and what its entries said last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from ledger.rules.envelope import parse
from reporting.rules.revenue import Held, Place

_LAST = """
SELECT envelope FROM ledger_entry WHERE stream = %s AND kind = ANY (%s)
  AND recorded_at <= coalesce(%s::timestamptz, 'infinity') ORDER BY seq DESC LIMIT 1
"""
_BOTH = ["revenue.scheduled", "variance.recorded"]


def held(deal: int) -> Held:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, period, unit, seat_id, sum(amount)::bigint FROM ledger_posting"
            " WHERE deal_id = %s AND book = 'revenue' GROUP BY place, period, unit, seat_id HAVING sum(amount) <> 0",
            [deal],
        )
        return {Place(*row[:4]): row[4] for row in cursor.fetchall()}


def scheduled(deal: int, at: datetime | None = None) -> dict[str, Any] | None:
    """The body of the last `revenue.scheduled` of a deal by then."""
    return _last(deal, _BOTH[:1], at)


def newest(deal: int, at: datetime | None = None) -> dict[str, Any] | None:
    """The body of the last entry that said what moves the revenue of a deal, by then."""
    return _last(deal, _BOTH, at)


def _last(deal: int, kinds: list[str], at: datetime | None) -> dict[str, Any] | None:
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [f"deal/{deal}", kinds, at])
        row = cursor.fetchone()
    return parse(bytes(row[0]))["body"] if row else None


def place_of(deal: int) -> tuple[str | None, int]:
    """(place in the book of bookings, policy version) of a deal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, policy_version FROM pipeline_dealstate WHERE deal_id = %s", [deal])
        row: tuple[str | None, int] = cursor.fetchone()
    return row
