"""Where a deal's value stands in the bookings book, and what an act does to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from ledger.rules.closed import Closed, open_month
from ledger.rules.money import convert
from ledger.rules.postings import Cause, Position, Posting, first_of_month, move, pipeline_place
from pipeline.rules.deal import DealView


def position(view: DealView) -> Position | None:
    """None while the deal is unpriced: no amount, or no month to stand in."""
    if view.value_minor is None or view.place is None or view.period is None:
        return None
    return Position(view.place, view.period, view.unit, view.owner, view.value_minor)


def priced(view: DealView, rate: Decimal | None, reporting: str) -> DealView:
    """The same deal with its value in the reporting currency at `rate`; unpriced where there is none, never zero."""
    if view.amount_minor is None or view.currency is None or rate is None:
        return replace(view, value_minor=None)
    return replace(view, value_minor=convert(view.amount_minor, view.currency, rate, reporting))


def placed(view: DealView, place: str, period: date | None) -> DealView:
    """The same deal standing at a place in the month of `period`."""
    spot, month = standing(view, place, period)
    return replace(view, place=spot, period=month)


def standing(view: DealView, place: str, period: date | None) -> tuple[str | None, date | None]:
    """Place and month; what is unpriced stands nowhere."""
    if view.value_minor is None or period is None:
        return None, None
    return place, first_of_month(period)


def in_pipeline(view: DealView) -> DealView:
    """Standing in the place of its stage, in the month of its expected close."""
    return placed(view, pipeline_place(view.stage), view.close_on)


def postings(
    was: DealView | None,
    now: DealView,
    cause: Cause,
    reporting: str,
    *,
    revalued: Cause = "amount",
    out_period: date | None = None,
) -> tuple[Posting, ...]:
    """What an act moves: the difference of the two positions, summing to zero."""
    before = position(was) if was is not None else None
    after = position(now)
    if before is None and after is None:
        return ()
    return move(now.id, before, after, cause, reporting, revalued=revalued, out_period=out_period)


def slip_cause(was: date | None, now: date | None) -> Cause:
    return "pulled_in" if was and now and now < was else "slipped"


def event_cause(cause: Cause, month: date, closed: Closed, at: datetime) -> Cause:
    """What takes a booking back in a month that is closed corrects a prior period, whatever it was."""
    return cause if open_month(month, closed, at) == month else "prior_period"
