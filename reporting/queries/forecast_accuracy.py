"""Finished forecasts and what came of them, from locked snapshots: by team as sums, of one person's seats line by line.

No query here answers for a seat that is not its reader's own: by team it gives sums only, and rules/privacy.py says of
which teams.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries import remembered
from reporting.queries import passages
from reporting.queries.measuring import Asked
from reporting.rules import privacy
from reporting.rules.forecast import accuracy
from reporting.rules.forecast.accuracy import Figures, Tally
from reporting.rules.forecast.early_news import EARLY
from reporting.rules.forecast.locks import HORIZONS
from reporting.rules.privacy import SMALLEST

HORIZON = 30  # days before its period: the snapshot that forecasts are scored by, unless another is asked for
MONTHS = 12  # finished periods that count
# A deal came when it was booked inside the period. It was missed when the period ended, or when it was lost before.
_SCORED = """
SELECT f.unit, f.seat_id, f.deal_id, f.period, f.at, b.at IS NOT NULL AS early, f.category AS locked_category,
    f.probability AS locked_probability, coalesce(b.category, f.category) AS category,
    coalesce(b.probability, f.probability) AS probability, f.value_minor AS locked_minor,
    coalesce(b.value_minor, f.value_minor) AS value_minor, coalesce(b.close_on, f.close_on) AS close_on,
    CASE WHEN w.deal_id IS NULL THEN 0 ELSE coalesce(w.value_minor, 0) END AS actual, w.deal_id IS NOT NULL AS came
FROM reporting_lock n
JOIN reporting_forecast f ON f.period = n.period AND f.at <= n.taken_of
    AND (f.until_at IS NULL OR f.until_at > n.taken_of)
CROSS JOIN LATERAL (SELECT (n.period + interval '1 month')::timestamp AT TIME ZONE %(zone)s AS ended) AS m
LEFT JOIN LATERAL (
    SELECT v.deal_id, d.value_minor FROM reporting_passage v JOIN pipeline_dealstate d ON d.deal_id = v.deal_id
    WHERE v.deal_id = f.deal_id AND v.stage = %(last)s AND v.entered_at < m.ended
      AND v.entered_at >= n.period::timestamp AT TIME ZONE %(zone)s
      AND (v.left_at IS NULL OR v.left_at >= m.ended) LIMIT 1
) AS w ON true
LEFT JOIN LATERAL (
    SELECT min(v.entered_at) AS at FROM reporting_passage v
    WHERE w.deal_id IS NULL AND v.deal_id = f.deal_id AND v.stage = 'lost' AND v.entered_at < m.ended
) AS l ON true
LEFT JOIN LATERAL (
    SELECT * FROM (
        SELECT x.at, x.category, x.probability, x.value_minor, x.close_on, x.period FROM reporting_forecast x
        WHERE w.deal_id IS NULL AND x.deal_id = f.deal_id AND x.kind = 'submitted' AND x.seat_id = f.seat_id
          AND x.at > n.taken_of AND x.at <= coalesce(l.at, m.ended) - %(early)s
        ORDER BY x.at DESC LIMIT 1
    ) AS x WHERE reporting_category_rank(x.category) <= reporting_category_rank(f.category)
      AND x.probability <= f.probability AND (x.category <> f.category OR x.probability < f.probability
          OR x.period > f.period)
) AS b ON true
WHERE n.horizon = %(horizon)s AND n.period >= %(since)s AND n.period < %(until)s
  AND (%(seats)s::bigint[] IS NULL OR f.seat_id = ANY (%(seats)s))
  AND (%(units)s::text[] IS NULL OR f.unit = ANY (%(units)s))
"""
_WEIGHED = "CASE WHEN category = 'omitted' THEN 0 ELSE round(coalesce(value_minor, 0) * probability) END"
_BY_PERIOD = f"""
SELECT period, sum({_WEIGHED})::bigint, sum(actual)::bigint, count(*), sum((probability - came::int) ^ 2),
    count(*) FILTER (WHERE came), count(*) FILTER (WHERE early), count(*) FILTER (WHERE NOT came)
FROM ({_SCORED}) AS scored GROUP BY period HAVING count(DISTINCT seat_id) >= {SMALLEST} ORDER BY period
"""
_SPOKEN = """
SELECT n.period, n.horizon, array_agg(DISTINCT f.seat_id) FROM reporting_lock n
JOIN reporting_forecast f ON f.period = n.period AND f.at <= n.taken_of
    AND (f.until_at IS NULL OR f.until_at > n.taken_of)
WHERE n.period >= %(since)s AND n.period < %(until)s AND f.unit = ANY (%(units)s) GROUP BY n.period, n.horizon
"""
_LINES = f"""
SELECT deal_id, period, locked_category, locked_probability, probability, {_WEIGHED}::bigint, actual, came, early
FROM ({_SCORED}) AS scored ORDER BY period DESC, deal_id DESC LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One finished forecast of one's own: what was locked, what counts after early news, and what came."""

    deal: int
    period: date
    category: str
    said: Decimal
    counts: Decimal
    weighed_minor: int
    actual_minor: int
    came: bool
    early: bool


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of a group of seats over finished periods. `warned` of `missed` were told of early."""

    figures: Figures
    warned: int
    missed: int
    months: tuple[Month, ...] = ()


class Month(NamedTuple):
    """Sums over one finished month of a group, in which at least five seats had foretold something."""

    period: date
    said_minor: int
    came_minor: int
    finished: int
    squares: Decimal
    came: int
    warned: int
    missed: int


def together(groups: Iterable[Accuracy]) -> Accuracy:
    """Of several groups as one: from what each of them shows, so that the whole tells nothing of what is left out."""
    return _accuracy([month for group in groups for month in group.months])


def of_units(asked: Asked, units: Collection[str], horizon: int = HORIZON) -> Accuracy:
    """Of all who sat in these units. Sums only, and of months in which at least five of them had foretold something. A
    month at another horizon is left out when fewer than five have joined or left: the difference would show them."""
    months = [Month(*row) for row in _ask(asked, _BY_PERIOD, horizon, units=list(units), seats=None)]
    if horizon != HORIZON:
        apart = _apart(asked, units, horizon)
        months = [month for month in months if month.period in apart]
    return _accuracy(months)


def _apart(asked: Asked, units: Collection[str], horizon: int) -> set[date]:
    """The months that may be shown at this horizon beside what is shown at the others."""
    spoken: dict[date, dict[int, list[int]]] = {}
    for period, at, seats in _ask(asked, _SPOKEN, horizon, units=list(units)):
        spoken.setdefault(period, {})[at] = seats
    order = (HORIZON, *(other for other in HORIZONS if other != HORIZON))
    return {period for period, sets in spoken.items() if horizon in privacy.apart(sets, order)}


def _accuracy(months: Sequence[Month]) -> Accuracy:
    pairs: dict[date, tuple[int, int]] = {}
    for month in months:
        said, came = pairs.get(month.period, (0, 0))
        pairs[month.period] = said + month.said_minor, came + month.came_minor
    squares = sum((month.squares for month in months), Decimal(0))
    tally = Tally(sum(month.finished for month in months), squares, sum(month.came for month in months))
    warned, missed = sum(month.warned for month in months), sum(month.missed for month in months)
    return Accuracy(accuracy.of_group(list(pairs.values()), tally), warned, missed, tuple(months))


def of_seats(asked: Asked, seats: Sequence[int], horizon: int = HORIZON, limit: int = 500) -> list[Line]:
    """What these seats foretold and what came, newest period first. The caller says for what purpose it looks."""
    rows = _ask(asked, _LINES, horizon, units=None, seats=list(seats), limit=limit)
    return [Line(*row) for row in rows]


def finished(asked: Asked) -> tuple[date, date]:
    """The months that count: the last twelve that are over, from the first to before the second."""
    today = asked.company.day_of(asked.as_of)
    until = today.replace(day=1)
    year, index = divmod(until.year * 12 + until.month - 1 - MONTHS, 12)
    return date(year, index + 1, 1), until


def _ask(asked: Asked, query: str, horizon: int, **more: Any) -> Sequence[tuple[Any, ...]]:
    since, until = finished(asked)
    said = {
        "zone": asked.company.timezone, "last": passages.last_stage(asked), "early": EARLY, "horizon": horizon,
        "since": since, "until": until, **more,
    }  # fmt: skip
    with asked.reading():
        if query != _LINES:
            return remembered.rows(query, said)
        with connection.cursor() as cursor:  # of one's own deals line by line: nothing that a process keeps
            cursor.execute(query, said)
            return cursor.fetchall()
