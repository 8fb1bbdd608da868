"""A row of a file of rates: currency, day, rate."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from pipeline.rules.importing.row_file import Cells, RowFault

COLUMNS = ("currency", "day", "rate")


def read(cells: Cells) -> tuple[str, date, Decimal] | RowFault:
    """(currency, day, rate), or the first value that cannot be read."""
    said = {name: (cells.get(name) or "").strip() for name in COLUMNS}
    missing = next((name for name in COLUMNS if not said[name]), None)
    if missing:
        return RowFault(missing, "RATE-ROW-1", f"{missing} is missing. A row has {', '.join(COLUMNS)}.")
    try:
        day = date.fromisoformat(said["day"])
    except ValueError:
        return RowFault("day", "RATE-ROW-2", "Write the day as 2026-11-30.")
    try:
        rate = Decimal(said["rate"])
    except InvalidOperation:
        return RowFault("rate", "RATE-ROW-3", "Write the rate as 1.085: with a point, without spaces.")
    return said["currency"].upper(), day, rate
