"""Deals as lists show them: one query whatever the number of rows, newest first, by cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from pipeline.queries import searching
from pipeline.queries.deals import ref_of
from pipeline.rules.seats import SeatView, visible_units

DEFAULT, MOST = 50, 200
BLOCKING = ("rejected", "stale", "expired", "revoked")  # words of a standing that hold a deal up


@dataclass(frozen=True, slots=True)
class Filters:
    """What to keep; None keeps everything. `owner` is a seat; amounts are in the deal's own currency."""

    stage: str | None = None
    unit: str | None = None
    owner: int | None = None
    account: int | None = None
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    close_after: date | None = None
    close_before: date | None = None
    blocked: bool | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class DealRow:
    """A deal in a list. `value_minor` is in `reporting` currency, None while unpriced. `owner` is a seat."""

    id: int
    title: str
    stage: str
    unit: str
    owner: int
    owner_person: int
    owner_name: str
    account: int | None
    account_name: str | None
    amount_minor: int | None
    currency: str | None
    value_minor: int | None
    reporting: str
    close_on: date | None
    start_on: date | None
    place: str | None
    version: int
    policy_version: int
    stage_entered_at: datetime
    blocked: bool

    @property
    def ref(self) -> str:
        return ref_of(self.id)


@dataclass(frozen=True, slots=True)
class Page:
    """`next` is the `after` of the following page, None on the last one."""

    rows: tuple[DealRow, ...]
    next: int | None


_BLOCKED = f"EXISTS (SELECT FROM ledger_standing t WHERE t.stream = s.stream AND t.status IN {BLOCKING})"
_SELECT = f"""
SELECT s.deal_id, d.title, s.stage, s.unit, s.owner_id, o.person_id, p.name, s.account_id, a.name, s.amount_minor,
       s.currency, s.value_minor, coalesce((SELECT currency FROM pipeline_organisation ORDER BY id LIMIT 1), 'USD'),
       s.close_on, s.start_on, s.place, s.version, s.policy_version, s.stage_entered_at, {_BLOCKED}
FROM pipeline_dealstate s
JOIN pipeline_deal d ON d.id = s.deal_id
JOIN pipeline_seat o ON o.id = s.owner_id
JOIN pipeline_person p ON p.id = o.person_id
LEFT JOIN pipeline_account a ON a.id = s.account_id
"""
# An amount is stored in minor units; how many decimals that is depends on the deal's own currency.
_MINOR = (
    "s.amount_minor / CASE WHEN s.currency = ANY (%s) THEN 1.0 WHEN s.currency = ANY (%s) THEN 1000.0 ELSE 100.0 END"
)


def deals(
    seats: Sequence[SeatView],
    filters: Filters = Filters(),
    *,
    after: int | None = None,
    limit: int = DEFAULT,  # noqa: B008
) -> Page:
    """A page of the deals that these seats may see, newest first; `after` is the last deal seen."""
    where, values = _where(seats, filters)
    if after is not None:
        where.append("s.deal_id < %s")
        values.append(after)
    limit = max(1, min(limit, MOST))
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} {condition} ORDER BY s.deal_id DESC LIMIT %s", [*values, limit + 1])
        rows = tuple(DealRow(*row) for row in cursor.fetchall())
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def _where(seats: Sequence[SeatView], filters: Filters) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []

    def only(condition: str, *given: Any) -> None:
        where.append(condition)
        values.extend(given)

    units = visible_units(seats)
    if units is not None:
        only("s.unit = ANY (%s)", list(units))
    for column, wanted in (
        ("s.stage =", filters.stage),
        ("s.unit =", filters.unit),
        ("s.owner_id =", filters.owner),
        ("s.account_id =", filters.account),
        ("s.close_on >=", filters.close_after),
        ("s.close_on <=", filters.close_before),
    ):
        if wanted is not None:
            only(f"{column} %s", wanted)
    for sign, bound in ((">=", filters.amount_min), ("<=", filters.amount_max)):
        if bound is not None:
            only(f"{_MINOR} {sign} %s", *searching.odd_currencies(), bound)
    if filters.blocked is not None:
        only(_BLOCKED if filters.blocked else f"NOT {_BLOCKED}")
    if filters.q:
        only(*searching.condition(filters.q))
    return where, values
