"""What another day would do, as programs read it."""

from __future__ import annotations

from datetime import date
from typing import Any

from governance.queries.what_if import Effect
from governance.rules.what_if import Outcome
from ledger.api.reading import Reader
from ledger.api.schemas import AMOUNT, DAY, NUMBER, TEXT, Schema, many, maybe, shape
from ledger.rules.money import plain

_MONTH: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
COMPONENTS: dict[str, Schema] = {
    "Effect": shape(
        date=DAY, deals=NUMBER, currency=TEXT, rows=many(shape(period=_MONTH, now=AMOUNT, then=AMOUNT)),
        moved_out=AMOUNT, life=AMOUNT, forgone=AMOUNT, starts_on=maybe(DAY), value=maybe(AMOUNT), month=maybe(_MONTH),
    )
}  # fmt: skip


def effect(found: Effect) -> dict[str, Any]:
    """`rows`: variance by month, as it stands and with that day; empty when no booked revenue hangs on it, and then
    `value` is what is expected in `month`. Decimal text in `currency`."""
    one, unit = found.outcome, found.currency
    return {
        "date": found.day.isoformat(),
        "deals": found.deals,
        "currency": unit,
        "rows": _rows(one, unit) if one else [],
        "moved_out": plain(one.moved_out if one else 0, unit),
        "life": plain(one.life if one else 0, unit),
        "forgone": plain(one.forgone if one else 0, unit),
        "starts_on": one.starts_on.isoformat() if one and one.starts_on else None,
        "value": None if found.value_minor is None else plain(found.value_minor, unit),
        "month": f"{found.month:%Y-%m}" if found.month else None,
    }


def _rows(one: Outcome, unit: str) -> list[dict[str, str]]:
    return [
        {
            "period": f"{month:%Y-%m}",
            "now": plain(one.now.get(month, 0), unit),
            "then": plain(one.then.get(month, 0), unit),
        }
        for month in one.months
    ]


def asked_day(asked: Reader, name: str) -> date:
    """The day that a preview is asked for; raises bad-input when it is none."""
    said = asked.text(name, most=10)
    try:
        found = date.fromisoformat(said)
    except ValueError:
        asked.fault(name, "ASK-20", f"“{said}” is no day. Write it as 2027-01-31.")
        found = date.min
    asked.done()
    return found
