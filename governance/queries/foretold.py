"""What forecasts ask of a month by now. They are known above: the composition root names who answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    after, held = month_after(month), supply.of_unit(unit)
    wanted = sum(one.units for one in _projected()(unit, month, after))
    taken = supply.taken(unit, month, after).get(month, 0)
    return MonthLoad(month, held.available(month), held.limit(month), taken, wanted)
