"""Open deals that expect to close in a month that is closed: they come to nothing there until they are moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection

from ledger.queries import periods
from pipeline.queries.deals import ref_of
from pipeline.rules.deal import DealView

_OPEN = """
FROM ledger_period m JOIN pipeline_dealstate s ON s.period = m.month AND s.place LIKE 'pipeline/%%'
WHERE m.closed_at IS NOT NULL
"""
_OF_SEATS = f"""
SELECT s.deal_id, (SELECT title FROM pipeline_deal d WHERE d.id = s.deal_id), s.close_on, s.value_minor
{_OPEN} AND s.owner_id = ANY (%s) ORDER BY s.value_minor DESC NULLS LAST, s.deal_id LIMIT %s
"""
_OWNERS = f"""
SELECT p.person_id, count(*), coalesce(sum(s.value_minor), 0)::bigint
FROM (SELECT s.owner_id, s.value_minor {_OPEN} AND m.month = %s) AS s JOIN pipeline_seat p ON p.id = s.owner_id
GROUP BY 1 ORDER BY 1
"""
# By who stands above: the manager of an owner, or the executive of the function.
_ABOVE = f"""
SELECT person, sum(deals)::bigint, sum(value)::bigint FROM (
    SELECT DISTINCT b.person_id AS person, p.id AS owner, s.deals, s.value
    FROM (SELECT s.owner_id, count(*) AS deals, coalesce(sum(s.value_minor), 0) AS value {_OPEN} AND m.month = %(month)s
        GROUP BY 1) AS s
    JOIN pipeline_seat p ON p.id = s.owner_id
    JOIN pipeline_seat b ON b.person_id <> p.person_id AND CASE WHEN %(manager)s
        THEN b.id = p.reports_to OR b.function = p.function AND b.role = 'manager' AND b.unit = p.unit
        ELSE b.function = p.function AND b.role = 'executive' AND (b.unit IS NULL OR b.unit = p.unit) END
    JOIN pipeline_person who ON who.id = b.person_id AND who.is_active
    WHERE b.from_at <= ledger_now() AND (b.until_at IS NULL OR b.until_at > ledger_now())
) AS above GROUP BY 1 ORDER BY 1 LIMIT 500
"""
_SUM = """
SELECT count(*), coalesce(sum(value_minor), 0)::bigint FROM pipeline_dealstate
WHERE period = %s AND place LIKE 'pipeline/%%' AND (%s::text[] IS NULL OR unit = ANY (%s))
"""


class LeftOpen(NamedTuple):
    """`value_minor` in the reporting currency."""

    deal: int
    title: str
    close_on: date
    value_minor: int | None

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


class Owner(NamedTuple):
    """A person with the number and the value of the deals that are left open: their own, or of those below them."""

    person: int
    deals: int
    value_minor: int


def is_left(view: DealView, today: date) -> bool:
    """Whether this deal is one of them. A month is closed after its end, so nothing else needs to ask."""
    if view.period is None or not (view.place or "").startswith("pipeline/"):
        return False
    return view.period < today.replace(day=1) and periods.one(view.period).state == "closed"


def of_seats(seats: Sequence[int], most: int) -> list[LeftOpen]:
    """Of the owner who holds these seats, the largest first."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_SEATS, [list(seats), most])
        return [LeftOpen(*row) for row in cursor.fetchall()]


def owners(month: date) -> list[Owner]:
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [month])
        return [Owner(*row) for row in cursor.fetchall()]


def above(month: date, *, manager: bool) -> list[Owner]:
    """The managers of owners who left deals open in a closed month, else the executives of their function: each with
    what stands below them."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, {"month": month, "manager": manager})
        return [Owner(*row) for row in cursor.fetchall()]


def sums(month: date, units: Sequence[str] | None) -> tuple[int, int]:
    """(deals, value) of open deals that expect to close in a month, closed or not; `units` None are all."""
    known = None if units is None else list(units)
    with connection.cursor() as cursor:
        cursor.execute(_SUM, [month, known, known])
        found: tuple[int, int] = cursor.fetchone()
        return found


def last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
