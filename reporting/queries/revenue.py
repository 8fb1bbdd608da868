"""What the book of revenue holds for deals, and what its entries said last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.rules.envelope import parse
from reporting.rules.revenue import Held, Place

_LAST = """
SELECT envelope FROM ledger_entry WHERE stream = %s AND kind = ANY (%s)
  AND recorded_at <= coalesce(%s::timestamptz, 'infinity') ORDER BY seq DESC LIMIT 1
"""
_ALL = ["revenue.scheduled", "revenue.recognised", "variance.recorded"]
_KNOWN = """
SELECT r.deal_id, agreed.envelope, newest.envelope FROM reporting_revenue r
JOIN ledger_entry agreed ON agreed.id = r.agreed_id JOIN ledger_entry newest ON newest.id = r.entry_id
WHERE r.deal_id = ANY (%s)
"""
# By the month in which it is true, whichever month it was posted to.
_HELD = """
SELECT deal_id, place, coalesce(relates_to, period), unit, seat_id, sum(amount)::bigint FROM ledger_posting
WHERE deal_id = ANY (%s) AND book = 'revenue' GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0
"""


@dataclass(slots=True)
class Known:
    """`agreed` and `last`: the bodies of the entry that said what was agreed, and of the newest one."""

    agreed: Mapping[str, Any]
    last: Mapping[str, Any]
    held: Held = field(default_factory=dict)


def known(deals: Iterable[int]) -> dict[int, Known]:
    """Deal → what the book knows of it, in two queries; one that was never booked is missing."""
    numbers = list(deals)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [numbers])
        found = {deal: Known(_body(agreed), _body(last)) for deal, agreed, last in cursor.fetchall()}
    if found:
        for deal, places in held(list(found)).items():
            found[deal].held = places
    return found


def held(deals: Sequence[int]) -> dict[int, dict[Place, int]]:
    """Deal → place → amount in minor units, of deals for which the book holds anything."""
    found: dict[int, dict[Place, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [list(deals)])
        for deal, *place, amount in cursor.fetchall():
            found.setdefault(deal, {})[Place(*place)] = amount
    return found


def due(today: date, limit: int, without: Iterable[int] = ()) -> list[int]:
    """Deals whose revenue time alone has moved by then, longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT deal_id FROM reporting_revenue WHERE look_on <= %s AND NOT deal_id = ANY (%s)"
            " ORDER BY look_on, deal_id LIMIT %s",
            [today, list(without), limit],
        )
        return [row[0] for row in cursor.fetchall()]


_DUE = """
SELECT EXISTS (SELECT FROM reporting_revenue WHERE look_on <= (
    SELECT (ledger_now() AT TIME ZONE timezone)::date FROM pipeline_organisation ORDER BY id LIMIT 1
) AND (%s::bigint IS NULL OR deal_id = %s))
"""


def is_due(day: date) -> bool:
    """Whether by that day anything waits to be recognised or expected anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM reporting_revenue WHERE look_on <= %s)", [day])
        return bool(cursor.fetchone()[0])


def waits(deal: int | None = None) -> bool:
    """Whether anything waits today, in the company's zone; of one deal, whether that one does. One probe."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [deal, deal])
        return bool(cursor.fetchone()[0])


def scheduled(deal: int, at: datetime | None = None) -> dict[str, Any] | None:
    """The body of the last `revenue.scheduled` of a deal by then."""
    return _last(deal, _ALL[:1], at)


def newest(deal: int, at: datetime | None = None) -> dict[str, Any] | None:
    """The body of the last entry that said what moves the revenue of a deal, by then."""
    return _last(deal, _ALL, at)


def _last(deal: int, kinds: list[str], at: datetime | None) -> dict[str, Any] | None:
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [f"deal/{deal}", kinds, at])
        row = cursor.fetchone()
    return _body(row[0]) if row else None


def _body(envelope: Any) -> dict[str, Any]:
    body: dict[str, Any] = parse(bytes(envelope))["body"]
    return body


def place_of(deal: int) -> tuple[str | None, int]:
    """(place in the book of bookings, policy version) of a deal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT place, policy_version FROM pipeline_dealstate WHERE deal_id = %s", [deal])
        row: tuple[str | None, int] = cursor.fetchone()
    return row
