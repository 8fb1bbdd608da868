"""The pipeline by stage, now or as it was known: one question, whose cost does not grow with the number of deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from ledger.queries import moment
from ledger.rules.problems import not_found
from pipeline.queries import organisation, seats, sight
from pipeline.rules.seats import SeatView, visible_units

# Sums of what is sealed and the entries behind it; see sql/stages.sql.
_KNOWN = "SELECT * FROM pipeline_stages_at(%s, coalesce(%s, 'infinity'::timestamptz)) ORDER BY stage, unit, currency"
# Where a deal stood then does not say who may see it today; a reader of some units has fewer deals to go through.
_SEEN = """
SELECT stage, unit, coalesce(currency, ''), count(*), sum(coalesce(amount_minor, 0))::bigint
FROM pipeline_dealstate s WHERE {sight} = ANY (%s) AND (%s::text IS NULL OR unit = %s) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


class InStage(NamedTuple):
    """`amount` in minor units of `currency`, which is empty for deals that have none."""

    stage: str
    unit: str
    currency: str
    deals: int
    amount: int


@dataclass(frozen=True, slots=True)
class Answer:
    rows: tuple[InStage, ...]
    as_of: datetime


def answer(held: Sequence[SeatView], *, unit: str = "") -> Answer:
    """What these seats may see. Raises not-found for a unit that is not there or may not be seen, alike."""
    units = visible_units(held)
    if unit and ((units is not None and unit not in units) or not organisation.has_unit(unit)):
        raise not_found(f"Unit {unit[:40]}")
    return Answer(tuple(by_stage(units, unit)), seats.now())


def by_stage(units: Sequence[str] | None, unit: str = "") -> list[InStage]:
    """Deals by stage, unit and currency; `units` are those whose deals may be seen, None for every one."""
    past = moment.past()
    with connection.cursor() as cursor:
        if units is not None and past is not None:
            cursor.execute(_SEEN.format(sight=sight.unit()), [list(units), unit or None, unit])
        else:
            within = [unit] if unit else None if units is None else list(units)
            cursor.execute(_KNOWN, [within, past])
        return [InStage(*row) for row in cursor.fetchall()]
