"""What a deal stands to lose or to delay when one of its obligations is not kept, by month."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from pipeline.rules.deal import DealView


class Part(NamedTuple):
    """Minor units of the reporting currency, in the month that starts on `period`."""

    period: date
    amount_minor: int


def of(deal: DealView) -> list[Part]:
    """The value of the deal, in the month in which it is expected or was booked; nothing while it is unpriced."""
    if not deal.value_minor or deal.period is None:
        return []
    return [Part(deal.period, deal.value_minor)]
