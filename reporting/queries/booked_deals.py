"""A deal behind a number, and how many stand behind booked: asked of those alone that came out of it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.queries import prepared
from pipeline.queries.deals import ref_of
from reporting.rules.periods import Period

REVALUED = ("amount", "currency")  # causes that change a value where it stands
# A deal that never came out again was moved in once. So only those that came out are looked at one by one, each by the
# postings of the deal: the planner takes those of booked for rare and would look through all of them as well, were it
# not kept from it by OFFSET 0.
_CORRECTION = """
WITH out AS MATERIALIZED (
    SELECT DISTINCT deal_id FROM ledger_posting
    WHERE book = 'bookings' AND place = 'booked' AND amount < 0 AND recorded_at <= %(as_of)s
)
SELECT count(*) FILTER (WHERE moved.amount <> 0) - coalesce(sum(moved.moves), 0) FROM out, LATERAL (
    SELECT sum(p.amount) AS amount, count(*) FILTER (WHERE p.cause <> ALL (%(revalued)s)) AS moves
    FROM (SELECT * FROM ledger_posting h WHERE h.deal_id = out.deal_id OFFSET 0) AS p
    WHERE p.book = 'bookings' AND p.place = 'booked' AND p.recorded_at <= %(as_of)s
      AND (%(units)s::text[] IS NULL OR p.unit = ANY (%(units)s))
      AND p.period >= coalesce(%(since)s, '-infinity'::date) AND p.period < coalesce(%(until)s, 'infinity'::date)
) AS moved
"""


@dataclass(frozen=True, slots=True)
class BookedDeal:
    """One deal behind the number, with the last entry that moved it."""

    deal: int
    title: str
    unit: str
    place: str
    amount: int
    entry: int

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


def count_deals(
    moves: int, *, as_of: datetime, period: Period | None = None, units: Sequence[str] | None = None
) -> int:
    """How many deals stand behind a number with so many `moves`: those whose amounts come to something."""
    said = {
        "as_of": as_of, "units": None if units is None else list(units), "revalued": list(REVALUED),
        "since": period and period.first, "until": period and period.until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        prepared.execute(cursor, _CORRECTION, said)
        correction: int = cursor.fetchone()[0]
    return moves + int(correction)
