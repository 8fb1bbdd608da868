"""Revenue against what was agreed, as a measure. Its months with their causes are read once, for pages as well."""

from __future__ import annotations

from functools import partial

from reporting.queries import standing_deals, variance
from reporting.queries.measuring import Answer, Asked, Measure, month, summed
from reporting.queries.standing_deals import Postings
from reporting.queries.standing_measures import standing
from reporting.queries.variance import Line
from reporting.rules.revenue import BASELINE, BOOK, EXPECTED, RECOGNISED

WAYS = ("unit", "period", "cause")
_OF = Postings(BOOK, variance.PLACES, less=(BASELINE,), known=True, could=variance.COULD)


def read(asked: Asked) -> tuple[int, list[Line]]:
    return variance.lines(asked.period, asked.as_of, asked.units)


def _variance(asked: Asked) -> Answer:
    position, lines = asked.once(read)
    cells = (((one.unit, month(one.period), one.cause), one.expected - one.baseline) for one in lines)
    return summed(
        ((key, amount) for key, amount in cells if amount),
        WAYS,
        asked,
        position=position,
        version=1,
        count=partial(standing_deals.count, asked, _OF),
        behind=partial(standing_deals.behind, asked, _OF),
    )


def _agreed(asked: Asked) -> Answer:
    return standing(asked, Postings(BOOK, (BASELINE,)), WAYS, version=1)


def _expected(asked: Asked) -> Answer:
    return standing(asked, Postings(BOOK, (EXPECTED, RECOGNISED)), WAYS, version=1)


MEASURES = (
    Measure(
        "revenue-agreed", "Revenue agreed",
        "Revenue as it was agreed when deals were booked, in the months of its delivery.",
        "finance", "What variance is measured against.", "money", 1, WAYS, _agreed,
    ),
    Measure(
        "revenue-expected", "Revenue expected",
        "Revenue as it is expected now, or was recognised, in the months of its delivery.",
        "finance", "What the months ahead can be planned on.", "money", 1, WAYS, _expected,
    ),
    Measure(
        "variance", "Revenue variance",
        "Revenue expected now less the revenue agreed at booking, in the months of its delivery.",
        "operations", "Which milestones to rescue, and what to tell the board before the month ends.", "money", 1,
        WAYS, _variance,
    ),
)  # fmt: skip
