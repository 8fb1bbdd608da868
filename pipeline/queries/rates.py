"""Exchange rates by day."""

from __future__ import annotations

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


def required(currency: str, reporting: str, day: date) -> Decimal:
    """The rate, or a fault that says how to bring one in."""
    if currency == reporting:
        return Decimal(1)
    rate = on(currency, day)
    if rate is None:
        sentence = (
            f"There is no rate from {currency} to {reporting} on or before {day}. "
            f"Publish one (manage.py rate {currency} {day} RATE), or state the amount in {reporting}."
        )
        raise bad_input([Fault("/currency", "MONEY-6", sentence)], "No exchange rate")
    return rate
