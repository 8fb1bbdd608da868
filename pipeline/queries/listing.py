"""Deals as lists show them: one query whatever the number of rows, newest first, by cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries import prepared
from pipeline.queries import searching, sight
from pipeline.queries.deals import ref_of
from pipeline.rules.seats import SeatView, visible_units

DEFAULT, MOST = 50, 200
# Words of a standing that hold a deal up; `placed` is a hold.
BLOCKING = ("rejected", "stale", "expired", "revoked", "placed")


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


class DealRow(NamedTuple):
    """A deal in a list, as the query gives it: a tuple is made ten times as fast as a dataclass.

    `value_minor` is in `reporting` currency, None while unpriced. `owner` is a seat.
    """

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


def _select(state: str, blocked: str) -> str:
    # Names by subquery: the planner takes them as they stand, where a join of six tables costs more than the rows.
    return f"""
SELECT s.deal_id, (SELECT title FROM pipeline_deal WHERE id = s.deal_id), s.stage, s.unit, s.owner_id, o.person_id,
       (SELECT name FROM pipeline_person WHERE id = o.person_id), s.account_id,
       (SELECT name FROM pipeline_account WHERE id = s.account_id), s.amount_minor, s.currency, s.value_minor,
       coalesce((SELECT currency FROM pipeline_organisation ORDER BY id LIMIT 1), 'USD'),
       s.close_on, s.start_on, s.place, s.version, s.policy_version, s.stage_entered_at, {blocked}
FROM {state} s JOIN pipeline_seat o ON o.id = s.owner_id
"""


# Words in the text itself: a kept plan may then use the index of what blocks. Of one row it is one probe (LIMIT), where
# the planner would otherwise read all that blocks anywhere.
_BLOCKS = f"FROM ledger_standing t WHERE t.stream = s.stream AND t.status IN ({', '.join(map(repr, BLOCKING))})"
_BLOCKED = f"EXISTS (SELECT {_BLOCKS})"
_SELECT = _select("pipeline_dealstate", f"coalesce((SELECT true {_BLOCKS} LIMIT 1), false)")
# An amount is stored in minor units; how many decimals that is depends on the deal's own currency.
_MINOR = (
    "s.amount_minor / CASE WHEN s.currency = ANY (%(whole)s) THEN 1.0 WHEN s.currency = ANY (%(milli)s) THEN 1000.0"
    " ELSE 100.0 END"
)
_CONDITIONS = {
    "stage": "s.stage = %(stage)s",
    "unit": "s.unit = %(unit)s",
    "owner": "s.owner_id = %(owner)s",
    "account": "s.account_id = %(account)s",
    "amount_min": f"{_MINOR} >= %(amount_min)s",
    "amount_max": f"{_MINOR} <= %(amount_max)s",
    "close_after": "s.close_on >= %(close_after)s",
    "close_before": "s.close_on <= %(close_before)s",
}


def deals(
    seats: Sequence[SeatView],
    filters: Filters | None = None,
    *,
    after: int | None = None,
    limit: int = DEFAULT,
) -> Page:
    """A page of the deals that these seats may see, newest first; `after` is the last deal seen."""
    limit = max(1, min(limit, MOST))
    filters = filters or Filters()
    where, values = _where(seats, filters)
    # Other filters are so many texts, and what they keep decides on the plan; and so does how many rows are wanted.
    usual = limit == DEFAULT and replace(filters, stage=None, unit=None) == Filters()
    if after is not None:
        where.append("s.deal_id < %(after)s")
    values |= {"after": after}
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    sql = f"{_SELECT} {condition} ORDER BY s.deal_id DESC LIMIT {limit + 1:d}"
    if usual:
        found = prepared.rows(sql, values)
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found = cursor.fetchall()
    rows = tuple(map(DealRow._make, found))
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def _where(seats: Sequence[SeatView], filters: Filters) -> tuple[list[str], dict[str, Any]]:
    where: list[str] = []
    values: dict[str, Any] = {"whole": searching.WHOLE, "milli": searching.MILLI}
    units = visible_units(seats)
    if units is not None and len(units) == 1:
        where.append(f"{sight.unit()} = %(own)s")  # an index holds the deals of one unit and stage in their order
        values["own"] = units[0]
    elif units is not None:
        where.append(f"{sight.unit()} = ANY (%(units)s)")
        values["units"] = list(units)
    for name, condition in _CONDITIONS.items():
        wanted = getattr(filters, name)
        if wanted is not None:
            where.append(condition)
            values[name] = wanted
    if filters.blocked is not None:
        where.append(("" if filters.blocked else "NOT ") + _BLOCKED)
    if filters.q:
        condition, more = searching.condition(filters.q)
        where.append(condition)
        values |= more
    return where, values
