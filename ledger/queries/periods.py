"""Which months are closed, and how far the closing of one has come."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.queries import prepared
from ledger.rules.closed import Closed

_COLUMNS = """month, stream, state, prepared_by, prepared_at, figures, signatures, closed_by, closed_at, version,
    restated_figures, restating"""


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """`signatures` and `restating`: function → person, under `figures` and `restated_figures`."""

    month: date
    stream: str
    state: str = "open"
    prepared_by: int | None = None
    prepared_at: datetime | None = None
    figures: str | None = None
    signatures: dict[str, int] = field(default_factory=dict)
    closed_by: int | None = None
    closed_at: datetime | None = None
    version: int = 0
    restated_figures: str | None = None
    restating: dict[str, int] = field(default_factory=dict)


def stream_of(month: date) -> str:
    return f"period/{month:%Y-%m}"


def closed() -> Closed:
    return dict(prepared.rows("SELECT month, closed_at FROM ledger_period WHERE closed_at IS NOT NULL", []))


def hold(month: date) -> None:
    """Waits for everybody who is posting to a month, and makes those to come wait, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_lock_period(%s)", [month])


def one(month: date) -> PeriodRow:
    """A month that nobody has prepared is open."""
    found = many(month, month)
    return found[0] if found else PeriodRow(month, stream_of(month))


def many(since: date, until: date) -> list[PeriodRow]:
    """Months from `since` to `until` that were prepared or closed, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ledger_period WHERE month BETWEEN %s AND %s ORDER BY month DESC", [since, until]
        )
        return [_row(row) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...]) -> PeriodRow:
    known = list(row)
    for place in (6, 11):
        known[place] = json.loads(known[place]) if isinstance(known[place], str) else known[place]
    return PeriodRow(*known)
