"""What a measure comes to, as text that means the same to every reader."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from ledger.rules.money import plain

Unit = Literal["money", "share", "count", "days"]
# Money in minor units of the reporting currency, a count as a whole number; a share (of 1) and days as Decimal.
# None where there is nothing to measure, which is not zero.
Value = int | Decimal | None


def said(value: Value, unit: Unit, currency: str) -> str | None:
    """Decimal text: `240000.00`, `0.2833`, `41`."""
    if value is None:
        return None
    if unit == "money":
        return plain(int(value), currency)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
