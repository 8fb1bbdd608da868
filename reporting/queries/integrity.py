"""The integrity of totals: amount-weighted, at any moment, from what was measured by then."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries import moment, prepared
from ledger.rules.postings import BOOKED
from pipeline.queries.deals import ref_of
from reporting.rules.periods import Period

# Whole days before the day of the moment, and the moves of that day: as many rows as places, months and units moved.
_SUMS = """
SELECT unit, period, sum(value)::bigint, sum(worth)::bigint FROM (
    SELECT unit, period, value, worth FROM reporting_integrityday
    WHERE place = ANY (%(places)s) AND day < %(day)s AND period >= %(since)s AND period < %(until)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s))
    UNION ALL
    SELECT unit, period, value, worth FROM reporting_integritymove
    WHERE place = ANY (%(places)s) AND at >= %(midnight)s AND at <= %(as_of)s
        AND period >= %(since)s AND period < %(until)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s))
) AS part GROUP BY unit, period ORDER BY unit, period
"""
_LOWEST = """
SELECT i.deal_id, d.title, i.unit, i.place, i.value, i.score, i.parts, i.lack FROM reporting_integrity i
JOIN pipeline_deal d ON d.id = i.deal_id
WHERE i.place = ANY (%(places)s) AND i.lack > 0 AND (%(units)s::text[] IS NULL OR i.unit = ANY (%(units)s))
    AND (i.period >= %(since)s AND i.period < %(until)s)
    AND (%(lack)s::bigint IS NULL OR (i.lack, i.deal_id) < (%(lack)s, %(deal)s))
ORDER BY i.lack DESC, i.deal_id DESC LIMIT %(limit)s
"""
# Entries that are not sealed yet, and leaves that were not followed yet, were not measured.
_UNTIL = """
SELECT CASE WHEN EXISTS (SELECT FROM ledger_leaf WHERE idx >= place.leaf) OR
        (SELECT max(id) FROM public.ledger_entry) IS DISTINCT FROM
        (SELECT entry_id FROM ledger_leaf WHERE idx = place.leaf - 1)
    THEN place.at ELSE public.ledger_now() END
FROM reporting_integrityplace place WHERE place.id = 1
"""


class Part(NamedTuple):
    """What stands in one unit and month; `worth` is value × score."""

    unit: str
    period: date
    value: int
    worth: int


class UnitScore(NamedTuple):
    unit: str
    value: int
    score: int | None


@dataclass(frozen=True, slots=True)
class Score:
    """Amount-weighted and rounded down; `value` in minor units is what was weighed."""

    parts: tuple[Part, ...]

    @property
    def value(self) -> int:
        return sum(part.value for part in self.parts)

    @property
    def score(self) -> int | None:
        """None where nothing has an amount, or nothing was measured yet."""
        return scored(self.parts)

    @property
    def units(self) -> tuple[UnitScore, ...]:
        named: dict[str, list[Part]] = {}
        for part in self.parts:
            named.setdefault(part.unit, []).append(part)
        return tuple(UnitScore(unit, sum(one.value for one in known), scored(known)) for unit, known in named.items())


def scored(parts: Iterable[Part]) -> int | None:
    known = list(parts)
    value = sum(part.value for part in known)
    return sum(part.worth for part in known) // value if value > 0 else None


@dataclass(frozen=True, slots=True)
class Low:
    """A deal that takes from a total: its value times what it lacks."""

    deal: int
    title: str
    unit: str
    place: str
    value: int
    score: int
    parts: Sequence[tuple[str, int, int, Sequence[str]]]
    lack: int

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


def score(
    *,
    as_of: datetime,
    period: Period | None = None,
    units: Sequence[str] | None = None,
    places: Sequence[str] = (BOOKED,),
) -> Score:
    """Of what stands in these places, as it was measured by `as_of`."""
    day = as_of.astimezone(UTC).date()
    said = _scope(period, units, places) | {
        "day": day, "midnight": datetime(day.year, day.month, day.day, tzinfo=UTC), "as_of": as_of,
    }  # fmt: skip
    return Score(tuple(Part(*row) for row in prepared.rows(_SUMS, said)))


def lowest(
    *,
    period: Period | None = None,
    units: Sequence[str] | None = None,
    places: Sequence[str] = (BOOKED,),
    after: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[Low]:
    """The deals that take most from a total now, the heaviest first; `after`: (lack, deal) of the last one seen."""
    lack, deal = after or (None, None)
    said = _scope(period, units, places) | {"lack": lack, "deal": deal, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_LOWEST, said)
        return [
            Low(deal, title, unit, place, value, score, _parts(parts), lack)
            for deal, title, unit, place, value, score, parts, lack in cursor.fetchall()
        ]


def measured_until() -> datetime | None:
    """The moment up to which entries were measured; at the end of the record that is now. None before the first."""
    with connection.cursor() as cursor:
        cursor.execute(_UNTIL)
        row = cursor.fetchone()
    past = moment.past()
    until = row[0] if row else None
    return min(until, past) if until and past else until


def _scope(period: Period | None, units: Sequence[str] | None, places: Sequence[str]) -> dict[str, Any]:
    return {
        "places": list(places), "units": None if units is None else list(units),
        "since": period.first if period else date.min, "until": period.until if period else date.max,
    }  # fmt: skip


def _parts(said: str) -> Sequence[tuple[str, int, int, Sequence[str]]]:
    return tuple((name, held, asked, tuple(missing)) for name, held, asked, missing in json.loads(said))
