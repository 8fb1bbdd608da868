"""A row of a file of finance: sort, number, deal, day, amount, currency."""

from __future__ import annotations

from datetime import date

from ledger.rules.money import check_currency, to_minor
from ledger.rules.problems import Fault
from pipeline.rules.importing.row_file import Cells, RowFault
from reporting.rules.billing import SORTS, Sort, Stated

COLUMNS = ("sort", "number", "deal", "day", "amount", "currency")


def read(cells: Cells) -> tuple[str, Stated | RowFault]:
    """(deal, what is stated), or the first value that cannot be read."""
    said = {name: (cells.get(name) or "").strip() for name in COLUMNS}
    ref = said["deal"]
    missing = next((name for name in COLUMNS if not said[name]), None)
    if missing:
        return ref, RowFault(missing, "BILLING-ROW-1", f"{missing} is missing. A row has {', '.join(COLUMNS)}.")
    if said["sort"] not in SORTS:
        return ref, RowFault("sort", "BILLING-ROW-2", f"Write one of: {', '.join(SORTS)}.")
    sort: Sort = said["sort"]  # type: ignore[assignment]
    try:
        day = date.fromisoformat(said["day"])
    except ValueError:
        return ref, RowFault("day", "BILLING-ROW-3", "Write the day as 2026-11-30.")
    wrong = check_currency(said["currency"])
    if wrong is not None:
        return ref, RowFault("currency", wrong.code, wrong.message)
    amount = to_minor(said["amount"], said["currency"])
    if isinstance(amount, Fault):
        return ref, RowFault("amount", amount.code, amount.message)
    return ref, Stated(sort, said["number"], day, amount, said["currency"])
