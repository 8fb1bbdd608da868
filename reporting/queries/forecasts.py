"""Forecasts of deals as the record holds them: what is said now, what was said, and how closes have moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from governance.queries import breaks
from ledger.queries import prepared
from pipeline.queries import policies
from pipeline.queries.deals import Deal, ref_of
from pipeline.rules import integrity
from pipeline.rules.pushes import Push
from reporting.rules.forecast import ceiling
from reporting.rules.forecast.categories import Category
from reporting.rules.forecast.ceiling import Ceiling, Known
from reporting.rules.periods import Period

_COLUMNS = (
    "entry_id", "deal_id", "seat_id", "kind", "category", "ceiling", "probability", "amount_minor", "currency",
    "value_minor", "close_on", "period", "unit", "at", "until_at",
)  # fmt: skip
_SELECT = f"SELECT {', '.join(f'f.{name}' for name in _COLUMNS)}, d.title FROM reporting_forecast f"


@dataclass(frozen=True, slots=True)
class Said:
    """One statement on a deal. `until` is None while it is in force; `lowered` when the record took it back."""

    entry: int
    deal: int
    seat: int
    kind: str
    category: Category
    ceiling: Category
    probability: Decimal
    amount_minor: int
    currency: str
    value_minor: int | None
    close_on: date
    period: date
    unit: str
    at: datetime
    until: datetime | None
    title: str

    @property
    def ref(self) -> str:
        return ref_of(self.deal)

    @property
    def lowered(self) -> bool:
        return self.kind == "lowered"


def of_deal(number: int) -> Said | None:
    """What is said of a deal now; None while nobody has said anything."""
    found = _rows("WHERE f.deal_id = %s AND f.until_at IS NULL", [number])
    return found[0] if found else None


def one(entry: int, deal: int) -> Said:
    return _rows("WHERE f.stream = %s AND f.entry_id = %s", [f"deal/{deal}", entry])[0]


def listing(
    seats: Sequence[int],
    *,
    deal: int | None = None,
    period: Period | None = None,
    category: str | None = None,
    current: bool = False,
    after: int | None = None,
    limit: int = 50,
) -> list[Said]:
    """What these seats have said, newest first. A person is asked about in no other way: see rules/privacy.py."""
    where: list[str] = ["f.seat_id = ANY (%s)"]
    values: list[Any] = [list(seats)]

    def only(condition: str, *given: Any) -> None:
        where.append(condition)
        values.extend(given)

    if deal is not None:
        only("f.deal_id = %s", deal)
    if period is not None:
        only("f.period >= %s AND f.period < %s", period.first, period.until)
    if category:
        only("f.category = %s", category)
    if current:
        only("f.until_at IS NULL")
    if after is not None:
        only("f.entry_id < %s", after)
    return _rows(f"WHERE {' AND '.join(where)} ORDER BY f.entry_id DESC LIMIT %s", [*values, limit])


def _rows(tail: str, values: list[Any]) -> list[Said]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} JOIN pipeline_deal d ON d.id = f.deal_id {tail}", values)
        return [Said(*row) for row in cursor.fetchall()]


def pushes(number: int) -> tuple[Push, ...]:
    """How the close of a deal has moved to later days, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, was_on, now_on FROM reporting_push WHERE deal_id = %s ORDER BY at, entry_id", [number]
        )
        return tuple(Push(*row) for row in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Judged:
    """A ceiling with what it was judged by."""

    ceiling: Ceiling
    integrity: int
    moved: tuple[Push, ...]


def judge(deal: Deal, now: datetime, zone: str) -> Judged:
    """The ceiling of a deal as the record stands."""
    policy, moved = policies.version(deal.view.policy_version), pushes(deal.view.id)
    agreed = not breaks.unreconciled([deal.view.id])
    score = integrity.integrity(policy, deal.view, deal.standings, now=now, zone=zone, reconciled=agreed).score
    return Judged(ceiling.of(policy, deal.view, deal.standings, Known(score, moved), now, zone), score, moved)


@dataclass(frozen=True, slots=True)
class Mine:
    """An open deal of one's own with what is said of it; `category` is empty while nobody has said anything."""

    deal: int
    title: str
    stage: str
    value_minor: int | None
    close_on: date
    category: str
    lowered: bool
    probability: Decimal | None

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


def supported() -> list[int]:
    """Deals of which more is said than pipeline, in the order of their numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT deal_id FROM reporting_forecast WHERE until_at IS NULL AND category <> 'pipeline'"
            " AND category <> 'omitted' ORDER BY deal_id"
        )
        return [row[0] for row in cursor.fetchall()]


def supported_of(streams: Sequence[str]) -> set[str]:
    """Those of the streams whose deals are among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'deal/' || deal_id FROM reporting_forecast WHERE until_at IS NULL AND category <> 'pipeline'"
            " AND category <> 'omitted' AND deal_id = ANY (%s)",
            [[int(stream.split("/")[1]) for stream in streams]],
        )
        return {row[0] for row in cursor.fetchall()}


_MINE = """
SELECT s.deal_id, d.title, s.stage, s.value_minor, s.close_on, coalesce(f.category, ''),
    coalesce(f.kind = 'lowered', false), f.probability
FROM pipeline_dealstate s JOIN pipeline_deal d ON d.id = s.deal_id
LEFT JOIN reporting_forecast f ON f.deal_id = s.deal_id AND f.until_at IS NULL
WHERE s.owner_id = ANY (%s) AND s.place LIKE 'pipeline/%%' AND s.period >= %s AND s.period < %s
ORDER BY s.value_minor DESC NULLS LAST, s.deal_id LIMIT %s
"""


def open_of(seats: Sequence[int], period: Period, limit: int = 50) -> list[Mine]:
    """The open deals of these seats that are to close in a period, the largest first."""
    with connection.cursor() as cursor:
        prepared.execute(cursor, _MINE, [list(seats), period.first, period.until, limit])
        return [Mine(*row) for row in cursor.fetchall()]


def baseline(number: int) -> date | None:
    """The close that a deal had when it first became commit-eligible: when its ceiling was first found to be commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT close_on FROM reporting_forecast WHERE deal_id = %s AND ceiling = 'commit' ORDER BY at LIMIT 1",
            [number],
        )
        row = cursor.fetchone()
    return row[0] if row else None
