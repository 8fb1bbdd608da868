"""What the checklist of a month is judged by, its figures, and its snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from governance.queries import breaks
from governance.rules import breaks as limits
from ledger.queries import periods, verifications
from ledger.queries.periods import PeriodRow
from pipeline.queries import left_open, policies
from pipeline.queries.organisation import Company
from reporting.queries import finance, passes
from reporting.rules import closing
from reporting.rules.closing import Facts
from reporting.rules.figures import figures as figures_of

_ALERTS = """
SELECT count(*), count(*) FILTER (WHERE state IN ('open', 'acknowledged')) FROM governance_alert
WHERE missed_at >= %s AND missed_at < %s
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures of a month as one version of it reported them."""

    month: date
    version: int
    figures: Sequence[dict[str, Any]]
    sha256: str
    tree_size: int
    at: datetime
    entry: int


def figures(month: date, *, as_of: datetime, known: bool = False) -> list[dict[str, Any]]:
    """Every unit: what moved in the month, and what stood at its end; as reported, or as `known`."""
    end = closing.end_of(month)
    moved = finance.moved(as_of, month, end, known=known)
    stood = finance.stands(as_of, end, known=known)
    return figures_of(moved.rows, stood.rows)


def bounds(month: date, timezone: str) -> tuple[datetime, datetime]:
    """The moments at which a month begins and has ended where the company keeps its books."""
    zone = ZoneInfo(timezone)
    return tuple(  # type: ignore[return-value]
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (month, closing.end_of(month))
    )


def facts(company: Company, row: PeriodRow, *, as_of: datetime) -> Facts:
    """Nine queries and the sums behind the figures, however large the record is."""
    since, until = bounds(row.month, company.timezone)
    with connection.cursor() as cursor:
        cursor.execute(_ALERTS, [since, until])
        alerts, unexplained = cursor.fetchone()
    expected, expected_minor = left_open.sums(row.month, None)
    apart = breaks.sums(None, None, closing.end_of(row.month))
    policy = policies.newest_at(as_of)
    thresholds = policies.version(policy).thresholds if policy else {}
    verdict = verifications.last_verdict(closing.VERIFIED_WITHIN, until)
    people = {row.prepared_by, row.closed_by, *row.signatures.values(), *row.restating.values()}
    state: closing.State = row.state  # type: ignore[assignment]
    return Facts(
        month=row.month,
        today=company.day_of(as_of),
        state=state,
        prepared_by=row.prepared_by,
        figures=row.figures,
        signatures=row.signatures,
        figures_now=closing.digest(figures(row.month, as_of=as_of)),
        alerts=alerts,
        unexplained=unexplained,
        breaks=sum(one.many for one in apart),
        breaks_minor=sum(one.amount for one in apart),
        breaks_allowed=limits.threshold(thresholds, limits.AT_CLOSE, limits.AT_CLOSE_MINOR),
        reconciled_at=passes.last(as_of, until),
        currency=company.currency,
        expected=expected,
        expected_minor=expected_minor,
        verified_at=verdict.finished_at if verdict else None,
        verified_ok=verdict is not None and verdict.ok,
        verified_recently=verdict is not None and verdict.recent and verdict.reaches,
        names=names(people),
    )


def names(people: Iterable[int | None]) -> dict[int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name FROM pipeline_person WHERE id = ANY (%s)", [[one for one in people if one is not None]]
        )
        return dict(cursor.fetchall())


def snapshots(month: date) -> list[Snapshot]:
    """Newest version first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT month, version, figures, sha256, tree_size, at, entry_id FROM reporting_snapshot"
            " WHERE month = %s ORDER BY version DESC",
            [month],
        )
        return [_snapshot(row) for row in cursor.fetchall()]


def _snapshot(row: tuple[Any, ...]) -> Snapshot:
    said = json.loads(row[2]) if isinstance(row[2], str) else row[2]
    return Snapshot(row[0], row[1], said, *row[3:])


def listing(today: date, *, before: date | None, limit: int) -> list[PeriodRow]:
    """Months that have a fact, or were prepared, newest first, at most `limit` of them; `before` is the last seen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(recorded_at) FROM ledger_entry WHERE id <= (SELECT min(id) FROM ledger_entry)")
        (begin,) = cursor.fetchone()
        cursor.execute("SELECT min(month) FROM ledger_period")
        (first,) = cursor.fetchone()
    oldest = min(day for day in (first, begin and begin.date().replace(day=1), today.replace(day=1)) if day)
    months: list[date] = []
    month = today.replace(day=1) if before is None else _month_before(before)
    while month >= oldest and len(months) < limit:
        months.append(month)
        month = _month_before(month)
    if not months:
        return []
    known = {row.month: row for row in periods.many(months[-1], months[0])}
    return [known.get(month, PeriodRow(month, periods.stream_of(month))) for month in months]


def _month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
