"""Goals in the unit of their measure: money in minor units, a share in ten-thousandths, all else as it is counted."""

from __future__ import annotations

from decimal import Decimal

from ledger.rules import money
from ledger.rules.problems import Fault, bad_input
from reporting.rules.measured import Unit, Value

_SHARE = 10_000


def whole(stated: Decimal, unit: Unit, currency: str, pointer: str = "/goal") -> int:
    """The whole number that the record keeps; raises bad-input for what is finer than that."""
    digits = money.DECIMALS[currency] if unit == "money" else 4 if unit == "share" else 0
    exact = stated.scaleb(digits)
    if exact != exact.to_integral_value():
        raise bad_input([Fault(pointer, "TARGET-12", f"“{stated}” has more than {digits} decimals.")])
    return int(exact)


def measured(value: Value, unit: Unit) -> Value:
    """A measured value in the same unit as its goal."""
    return value * _SHARE if value is not None and unit == "share" else value


def text(goal: int | Decimal | None, unit: Unit, currency: str) -> str | None:
    """Decimal text, as the measure itself is written."""
    if goal is None:
        return None
    if unit == "money":
        return money.plain(int(goal), currency)
    return f"{Decimal(goal) / _SHARE:f}" if unit == "share" else f"{goal:f}" if isinstance(goal, Decimal) else str(goal)
