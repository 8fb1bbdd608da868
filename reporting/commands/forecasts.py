"""The owner of a deal says how sure it is; the record takes back what it supports no more."""

from __future__ import annotations

import logging
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import Error

from governance.commands.alerting import excess
from governance.rules import delivery
from governance.rules.capacity import month_after
from ledger.commands.append import Draft, append
from ledger.rules.actor import SYSTEM, Actor
from ledger.rules.chain import Chain
from ledger.rules.money import text
from ledger.rules.problems import Fault, Problem, bad_input, conflict, forbidden
from ledger.transactions import command, step
from pipeline import permissions
from pipeline.queries import deals, organisation, policies
from pipeline.queries.deals import Deal
from pipeline.rules.deal import DealView
from reporting.queries import forecast_demand, forecasts
from reporting.queries.forecasts import Judged
from reporting.rules import periods
from reporting.rules.forecast import ceiling, submitting
from reporting.rules.forecast.categories import NAMES, rank

log = logging.getLogger(__name__)


@command
def submit(
    number: int,
    category: str,
    probability: Decimal,
    *,
    by: Actor,
    amount: tuple[int, str] | None = None,
    close_on: date | None = None,
    expected: int | None = None,
) -> int:
    """What its owner says of a deal; writes `forecast.submitted` and answers with its entry.

    `amount` in minor units and `close_on` are what the person saw: they are the deal's, or it is refused. Raises
    `/forecast-refused` (409) with every reason when the category lies above the ceiling.
    """
    locked = deals.lock(number, by.person)
    view = locked.view
    permissions.check_can_see(locked.seats, view)
    if by.person != view.owner_person:
        raise forbidden(
            f"The forecast of {view.ref} is the word of its owner. A manager judges the roll-up. [FORECAST-ACT-1]"
        )
    if expected is not None and expected != view.version:
        raise permissions.stale_version(view.ref, expected, view.version)
    faults = submitting.faults(category, probability)
    if faults:
        raise bad_input(faults)
    if view.stage not in submitting.open_stages(policies.version(view.policy_version)):
        raise conflict("deal-closed", "The deal is not open", f"{view.ref} is in {view.stage}. [FORECAST-1]")
    _as_seen(view, amount, close_on)
    now = locked.chain.next_moment()
    judged = forecasts.judge(Deal(view, locked.standings), now, locked.company.timezone)
    shut = judged.ceiling.shut(category)
    if shut:
        said = " ".join(reason.sentence for reason in shut)
        raise conflict(
            "forecast-refused",
            f"Not submitted as {NAMES[category].lower()}",  # type: ignore[index]
            f"{view.ref} may be called {NAMES[judged.ceiling.category].lower()} at most. {said}",
            ceiling=judged.ceiling.category,
            reasons=ceiling.as_problem(shut),
        )
    body = submitting.body(view, category, probability, judged.ceiling, judged.integrity)
    (entry,) = append(locked.chain, Draft("forecast.submitted", body, policy=view.policy_version), by=by)
    _look_at_capacity(view, locked.now)
    return entry.id


def _look_at_capacity(view: DealView, now: datetime) -> None:
    """What is foretold beyond what the unit can deliver opens an alert on the day on which it is submitted."""
    need = delivery.need(view)
    if need is None or view.close_on is None:
        return
    period = periods.quarter_of(view.close_on, organisation.company().fiscal_start_month).name
    projected = forecast_demand.projected(view.unit, need.months[0], month_after(need.months[-1]))
    if projected:
        excess.of_forecast(period, projected, now)


@step
def hold_to_ceiling(number: int, chain: Chain, because: str) -> None:
    """Takes a forecast back to what the record supports now; writes `forecast.lowered`, or nothing."""
    said = forecasts.of_deal(number)
    if said is None or said.category not in submitting.SUPPORTED:
        return
    deal = deals.read_one(number)
    judged = forecasts.judge(deal, chain.next_moment(), organisation.zone())
    if rank(said.category) > rank(judged.ceiling.category):
        append(chain, _lowered(deal.view, said, judged, because), by=SYSTEM)


@command
def hold(number: int) -> bool:
    """Judges a forecast again when only time has passed: what was fresh has grown old, a day is over."""
    chain = deals.lock(number, SYSTEM.person).chain
    before = chain.version
    hold_to_ceiling(number, chain, "time")
    return chain.version > before


def sweep() -> int:
    """Every forecast that the record has to support, each in its own transaction; one that fails holds no other up."""
    done = 0
    for number in forecasts.supported():
        try:
            done += hold(number)
        except (Problem, Error) as error:  # the next sweep tries again
            log.error("the forecast of deal %s could not be judged again: %s", number, error)
    return done


def _lowered(view: DealView, said: forecasts.Said, judged: Judged, because: str) -> Draft:
    body: dict[str, Any] = {
        **submitting.body(view, judged.ceiling.category, said.probability, judged.ceiling, judged.integrity),
        "seat": said.seat,
        "was": said.category,
        "because": because,
        "reasons": ceiling.as_body(judged.ceiling.shut(said.category)),
    }
    if view.amount_minor is None or view.close_on is None:  # taken away: the forecast keeps what it was said of
        body |= {"amount_minor": said.amount_minor, "currency": said.currency, "close_on": said.close_on}
    return Draft("forecast.lowered", body, policy=view.policy_version)


def _as_seen(view: DealView, amount: tuple[int, str] | None, close_on: date | None) -> None:
    """A forecast counts the deal as it is: whoever means another amount or day amends the deal first."""
    if view.amount_minor is None or view.currency is None or view.close_on is None:
        missing = "close_on" if view.close_on is None else "amount"
        raise bad_input([Fault(f"/{missing}", "FORECAST-8", f"{view.ref} has no {missing.split('_')[0]} yet.")])
    said = []
    if amount is not None and amount != (view.amount_minor, view.currency):
        said.append(f"its amount is {text(view.amount_minor, view.currency)}")
    if close_on is not None and close_on != view.close_on:
        said.append(f"it closes on {view.close_on.isoformat()}")
    if said:
        raise conflict(
            "forecast-differs",
            "The deal says something else",
            f"Not submitted. {view.ref}: {' and '.join(said)}. Amend the deal first, then submit. [FORECAST-9]",
        )
