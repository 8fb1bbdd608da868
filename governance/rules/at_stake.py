"""What a deal stands to lose or to delay when one of its obligations is not kept, by month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from ledger.rules.postings import BOOKED
from ledger.rules.standing import Standings
from pipeline.rules import slips
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.schedule import Cause, difference, schedule


class Part(NamedTuple):
    """Minor units of the reporting currency, in the month that starts on `period`."""

    period: date
    amount_minor: int


class Miss(NamedTuple):
    """What a miss moves: by month, and the cause when it moves the revenue of a booked deal."""

    parts: list[Part]
    cause: Cause | None = None


def of(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    key: str,
    now: datetime,
    zone: str,
    estimates: Mapping[str, int],
) -> Miss:
    """Of a booked deal whose revenue hangs on it, what does not come in its month as far as this milestone alone makes
    it so: nothing within its float, or behind another that is later, so that what several put at stake adds up.
    Else the value of the deal, in the month in which it is expected or was booked; nothing while it is unpriced."""
    terms = slips.terms(policy, deal, standings, zone) if deal.place == BOOKED else None
    if terms is not None:
        causes = slips.causes(policy, terms.start, standings, now, zone, estimates)
        mine = next((cause for cause in causes if cause.key == key), None)
        if mine is not None:
            without = schedule(terms, [cause for cause in causes if cause.key != key]).revenue
            moved = difference(without, schedule(terms, causes).revenue)
            return Miss([Part(period, amount) for period, amount in moved.items() if amount > 0], mine)
    return Miss(_whole(deal))


def _whole(deal: DealView) -> list[Part]:
    return [Part(deal.period, deal.value_minor)] if deal.value_minor and deal.period else []
