"""Exchange rates by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from ledger.rules.problems import Fault, bad_input


def on(currency: str, day: date) -> Decimal | None:
    """The newest rate published for `day` or before; None when there is none: unpriced, never zero."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rate FROM pipeline_fxrate WHERE currency = %s AND day <= %s ORDER BY day DESC LIMIT 1",
            [currency, day],
        )
        row = cursor.fetchone()
    return row[0] if row else None


@dataclass(frozen=True, slots=True)
class RateRow:
    """Units of the reporting currency for one of `currency`, from `day` until the next rate."""

    currency: str
    day: date
    rate: Decimal
    entry: int


def of_day(currency: str, day: date) -> Decimal | None:
    """What was published for this very day."""
    rows = listing(currency, None, 1, day)
    return rows[0].rate if rows else None


def listing(currency: str, after: tuple[date, str] | None, limit: int, day: date | None = None) -> list[RateRow]:
    """Newest day first, of one currency or of all (empty); `after` is the last (day, currency) seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, day, rate, entry_id FROM pipeline_fxrate"
            " WHERE (%(currency)s = '' OR currency = %(currency)s)"
            " AND (%(day)s::date IS NULL OR day = %(day)s)"
            " AND (%(on)s::date IS NULL OR day < %(on)s OR day = %(on)s AND currency > %(last)s)"
            " ORDER BY day DESC, currency LIMIT %(limit)s",
            {
                "currency": currency, "day": day, "on": after[0] if after else None, "last": after[1] if after else "",
                "limit": limit,
            },
        )  # fmt: skip
        return [RateRow(*row) for row in cursor.fetchall()]


def cursor_of(row: RateRow) -> str:
    return f"{row.day.isoformat()}_{row.currency}"


def after_of(said: str) -> tuple[date, str] | None:
    """What `cursor_of` wrote; anything else is the first page."""
    day, _dash, currency = said.partition("_")
    try:
        return date.fromisoformat(day), currency
    except ValueError:
        return None


def known(currency: str, reporting: str, day: date) -> Decimal | None:
    """The rate of a day; 1 for the reporting currency itself, None where none was published: the deal is unpriced."""
    return Decimal(1) if currency == reporting else on(currency, day)


def required(currency: str, reporting: str, day: date) -> Decimal:
    """The rate, or a fault that says how to bring one in."""
    if currency == reporting:
        return Decimal(1)
    rate = on(currency, day)
    if rate is None:
        sentence = (
            f"There is no rate from {currency} to {reporting} on or before {day}. "
            f"Finance publishes one (POST /rates/, or manage.py rate {currency} {day} RATE);"
            f" or state the amount in {reporting}."
        )
        raise bad_input([Fault("/currency", "MONEY-6", sentence)], "No exchange rate")
    return rate


_MOVED = """
SELECT deal_id FROM (
    (SELECT s.deal_id FROM pipeline_dealstate s, pipeline_organisation o, LATERAL (
        SELECT r.rate * power(10::numeric, pipeline_decimals(o.currency) - pipeline_decimals(s.currency)) AS price
        FROM pipeline_fxrate r WHERE r.currency = s.currency AND r.day <= %(today)s ORDER BY r.day DESC LIMIT 1
    ) AS known
    WHERE s.currency = ANY (ARRAY(SELECT DISTINCT currency FROM pipeline_fxrate)) AND s.currency <> o.currency
      AND s.place LIKE 'pipeline/%%' AND abs(s.value_minor - s.amount_minor * known.price) > 0.5
      AND NOT s.deal_id = ANY (%(without)s)
    ORDER BY s.deal_id LIMIT %(limit)s)
    UNION ALL
    (SELECT s.deal_id FROM pipeline_dealstate s
    WHERE s.value_minor IS NULL AND s.amount_minor IS NOT NULL AND s.stage NOT IN ('lost', 'history')
      AND EXISTS (SELECT FROM pipeline_fxrate r WHERE r.currency = s.currency AND r.day <= %(today)s)
      AND NOT s.deal_id = ANY (%(without)s)
    LIMIT %(limit)s)
) AS either ORDER BY deal_id LIMIT %(limit)s
"""


def moved(today: date, limit: int, without: Iterable[int] = ()) -> list[int]:
    """Open deals whose value is not their amount at the rate of today: a new one, or the first of their currency."""
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, {"today": today, "without": list(without), "limit": limit})
        return [row[0] for row in cursor.fetchall()]
