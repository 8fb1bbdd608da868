"""A forecast that goes over what a unit can deliver is an alert on the day on which it is submitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from governance.commands.alerting import opening
from governance.queries import alert_people, supply
from governance.rules import projected as rules
from governance.rules.capacity import month_after
from governance.rules.projected import Excess, Projected
from ledger import words
from ledger.rules import money
from ledger.transactions import step
from pipeline.queries import organisation


@step
def of_forecast(period: str, projected: Sequence[Projected], now: datetime) -> list[int]:
    """Opens an alert for each unit and month in which what is projected on top of what is promised goes over the
    ceiling. `period` names the forecast, such as 2027-Q1: a unit, month and period open one alert, however often it is
    submitted. Returns the numbers of those that it opened."""
    company = organisation.company()
    units = sorted({one.unit for one in projected})
    supplies = {unit: supply.of_unit(unit) for unit in units}
    taken = {
        (unit, month): held
        for unit in units
        for month, held in supply.taken(unit, *_span(one.month for one in projected if one.unit == unit)).items()
    }
    opened = []
    for excess in rules.excesses(projected, supplies, taken):
        number = _open(period, excess, now, company)
        opened += [number] if number is not None else []
    return opened


def _span(months: Iterable[date]) -> tuple[date, date]:
    known = sorted(months)
    return known[0], month_after(known[-1])


def _open(period: str, excess: Excess, now: datetime, company: organisation.Company) -> int | None:
    about = rules.about(excess.unit, excess.row.month, period)
    facts = {"deal": None, "milestone": None, "key": "", "function": "operations", "unit": excess.unit, "owner": None}
    known = alert_people.opening(about, {**facts, "missed": now})
    if known.number is None:
        return None
    stake = [{"period": excess.row.month, "amount_minor": excess.lost_minor}] if excess.lost_minor else []
    body = opening.body_of(known, about, now, facts, stake, company.currency, now)
    body |= {"subject": "capacity", "capacity": excess.facts(), "forecast": period}
    opening.open_alert(
        known, body, now, _sentence(period, excess, known.calendar.day_of(body["due"]), company.currency)
    )
    return known.number


def _sentence(period: str, excess: Excess, due: date, currency: str) -> str:
    """`Forecast 2027-Q1: East is 194 units over its ceiling in Jan 2027. 70 of 264 units fit (26.5 %). USD 1.2M …`"""
    row = excess.row
    told = {
        "period": period, "unit": excess.unit, "over": words.count(row.over), "month": words.month(row.month),
        "fits": words.count(row.fulfillable), "wanted": words.count(row.wanted),
        "share": f"{(row.fulfillable_share or 0) * 100:.1f}", "value": money.text(excess.lost_minor, currency),
        "due": words.day(due),
    }  # fmt: skip
    said = _(
        "Forecast %(period)s: %(unit)s is %(over)s units over its ceiling in %(month)s."
        " %(fits)s of %(wanted)s units fit (%(share)s %%), %(value)s do not. Explain by %(due)s."
    )
    return said % told
