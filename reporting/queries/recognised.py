"""Delivery-based revenue and backlog at a day, as sums over postings (docs/revenue.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ledger.queries import balances
from pipeline.rules.schedule import following
from reporting.queries.measuring import Answer, Asked, Measure
from reporting.queries.standing_deals import Postings
from reporting.queries.standing_measures import standing
from reporting.rules.revenue import BOOK, EXPECTED, RECOGNISED


class Delivered(NamedTuple):
    """Minor units of the reporting currency. `through`: the last day of the months that `revenue` counts."""

    revenue: int
    backlog: int
    through: date


def at(day: date, as_of: datetime, units: Sequence[str] | None = None) -> Delivered:
    """Revenue of the months that had ended by the end of `day`, and what was to be delivered after them, as known at
    `as_of`; over all deals of `units`, None being all. Revenue is recognised by whole months."""
    after = following(day.replace(day=1))
    if day + timedelta(days=1) < after:
        after = day.replace(day=1)
    sums = balances.balances(BOOK, (EXPECTED, RECOGNISED), as_of=as_of, units=units).balances
    earned = sum(one.amount for one in sums if one.place == RECOGNISED and one.period < after)
    return Delivered(earned, sum(one.amount for one in sums) - earned, after - timedelta(days=1))


def _fulfilled(asked: Asked) -> Answer:
    return standing(asked, Postings(BOOK, (RECOGNISED,)), ("unit", "period"), version=1)


MEASURES = (
    Measure(
        "fulfilled", "Fulfilled",
        "What was delivered of booked deals, in months that have ended: the revenue recognised by delivery.",
        "operations", "Whether what was sold is also kept.", "money", 1, ("unit", "period"), _fulfilled,
    ),
)  # fmt: skip
