"""What finance has stated of a deal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from reporting.rules.billing import Known


@dataclass(frozen=True, slots=True)
class BillingRow:
    """Amounts in minor units: of `currency`, and of the reporting currency."""

    sort: str
    number: str
    deal: int
    day: date
    amount: int
    currency: str
    value: int
    recorded_at: datetime
    entry: int


_COLUMNS = "sort, number, deal_id, day, amount_minor, currency, value_minor, recorded_at, entry_id"


def known(deal: int) -> list[Known]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sort, amount_minor, value_minor FROM reporting_billing WHERE deal_id = %s", [deal])
        return [Known(*row) for row in cursor.fetchall()]


def stated(sort: str, number: str) -> BillingRow | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM reporting_billing WHERE (sort, number) = (%s, %s)", [sort, number])
        row = cursor.fetchone()
    return BillingRow(*row) if row else None


def of_deal(deal: int, sorts: Sequence[str], *, before: int | None = None, limit: int = 50) -> list[BillingRow]:
    """Newest first; `before` is the entry of the last one seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM reporting_billing WHERE deal_id = %s AND sort = ANY (%s)"
            " AND entry_id < coalesce(%s, 9223372036854775807) ORDER BY entry_id DESC LIMIT %s",
            [deal, list(sorts), before, limit],
        )
        return [BillingRow(*row) for row in cursor.fetchall()]
