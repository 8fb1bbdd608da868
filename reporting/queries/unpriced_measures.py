"""Open deals in a currency without a rate: an amount and no value, in no sum until a rate is there."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import connection

from ledger.queries import balances
from ledger.rules.money import plain
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Answer, Asked, Measure, summed

WAYS = ("unit", "currency")
_OPEN = """
FROM pipeline_dealstate s WHERE s.value_minor IS NULL AND s.amount_minor IS NOT NULL
  AND s.stage NOT IN ('lost', 'history')
  AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s))
"""
_DEALS = f"""
SELECT found.deal_id, d.title, found.unit, found.currency, found.amount_minor, found.entry_id
FROM (SELECT s.* {_OPEN}) AS found JOIN pipeline_deal d ON d.id = found.deal_id
WHERE found.entry_id < coalesce(%(before)s, 9223372036854775807) ORDER BY found.entry_id DESC LIMIT %(limit)s
"""


def _unpriced(asked: Asked) -> Answer:
    found = _ask(f"SELECT s.unit, s.currency, count(*) {_OPEN} GROUP BY 1, 2", asked)
    return summed(
        (((unit, currency), many) for unit, currency, many in found),
        WAYS,
        asked,
        position=balances.position(asked.as_of),
        version=1,
        count=lambda: sum(many for _unit, _currency, many in found),
        behind=partial(_behind, asked),
        unit="count",
    )


def _behind(asked: Asked, before: int | None, most: int) -> list[BookedDeal]:
    """Newest entry first; a deal is worth nothing yet, and its place says its amount in its own currency."""
    rows = _ask(_DEALS, asked, before=before, limit=most)
    return [
        BookedDeal(deal, title, unit, f"{currency} {plain(amount, currency)}", 0, entry)
        for deal, title, unit, currency, amount, entry in rows
    ]


def _ask(sql: str, asked: Asked, **more: Any) -> list[tuple[Any, ...]]:
    said = {"units": None if asked.units is None else list(asked.units), **more}
    with asked.reading(), connection.cursor() as cursor:
        cursor.execute(sql, said)
        return cursor.fetchall()


MEASURES = (
    Measure(
        "unpriced", "Unpriced deals",
        "Open deals in a currency without a rate on or before the day: they have an amount and no value, stand in no"
        " sum and cannot be booked until finance publishes a rate.",
        "finance", "Which rate to publish first.", "count", 1, WAYS, _unpriced, by_period=False,
    ),
)  # fmt: skip
