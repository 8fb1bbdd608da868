"""What forecasts ask of a month by now. They are known above: the composition root names who answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import date
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from governance.queries import supply
from governance.rules.capacity import MonthLoad, month_after
from governance.rules.projected import Projected


@cache
def _projected() -> Callable[[str, date, date], Sequence[Projected]]:
    """(unit, first day of a month, first day of the month after the last) → by month."""
    found: Callable[[str, date, date], Sequence[Projected]] = import_string(settings.GOVERNANCE_PROJECTED)
    return found


def load(unit: str, month: date) -> MonthLoad:
    """What is promised in a month of a unit, and what forecasts project on top of it."""
    return loads(unit, [month])[month]


def loads(unit: str, months: Collection[date]) -> dict[date, MonthLoad]:
    """The same of several months of a unit, in as many statements as for one."""
    first, after, held = min(months), month_after(max(months)), supply.of_unit(unit)
    taken, wanted = supply.taken(unit, first, after), Counter[date]()
    for one in _projected()(unit, first, after):
        wanted[one.month] += one.units
    return {
        month: MonthLoad(month, held.available(month), held.limit(month), taken.get(month, 0), wanted[month])
        for month in months
    }
