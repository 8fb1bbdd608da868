"""Books a deal in the transaction in which its last condition becomes true, and un-books it when one fails."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from ledger.commands.append import Draft, append
from ledger.queries import periods
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.postings import Cause
from ledger.transactions import step
from pipeline.commands import decisions, waiving
from pipeline.queries import deals, policies, rates
from pipeline.queries.organisation import Company
from pipeline.rules import booked, value
from pipeline.rules.deal import DealView
from pipeline.rules.decision import Decision
from pipeline.rules.policy import Policy


@step
def settle(number: int, chain: Chain, company: Company, *, by: Actor) -> Decision | None:
    """Brings the booking of a locked deal in line with its facts.

    Writes `booking.recorded` (period, rate and policy of this moment) when every condition stands, or
    `booking.reversed` (a negative posting in the period of this event) when one no longer does. What was booked
    under waiver and owes nothing any more is reversed and booked anew. Writes `waiver.repaid` for each open waiver
    whose requirement is met by now. Returns the decision when it wrote one, else None.
    """
    deal = deals.read_one(number)
    policy = policies.version(deal.view.policy_version)
    if waiving.repay(deal, policy, chain, by=by):
        deal = deals.read_one(number)
    last, before = policy.stages[-1].key, policy.stages[-2].key
    if deal.view.stage not in (before, last):
        return None
    decision = booked.judge(policy, deal.view, deal.standings, now=chain.now)
    if deal.view.stage == before and decision.passed:
        _record(deal, policy, decision, chain, company, by)
    elif deal.view.stage == last and not decision.passed:
        _reverse(deal, policy, decision, chain, company, by)
    elif deal.view.stage == last and booked.place(decision) != deal.view.place:
        # Repaid, so booked from this moment on: out of the line under waiver, and in again where it belongs.
        _reverse(deal, policy, decision, chain, company, by)
        deal = deals.read_one(number)
        decision = booked.judge(policy, deal.view, deal.standings, now=chain.now)
        _record(deal, policy, decision, chain, company, by)
    else:
        return None
    return decision


def _record(deal: deals.Deal, policy: Policy, decision: Decision, chain: Chain, company: Company, by: Actor) -> None:
    today = company.day_of(chain.now)
    rate = rates.required(str(deal.view.currency), company.currency, today)
    after = value.priced(replace(deal.view, stage=policy.stages[-1].key), rate, company.currency)
    place = booked.place(decision)
    assert place is not None  # the decision has passed
    after = value.placed(after, place, today)
    cause: Cause = "won" if place == "booked" else "waiver"
    append(
        chain,
        Draft(
            "booking.recorded",
            {
                "after": after.after(),
                "decision": decisions.body(decision),
                "rate": {"from": deal.view.currency, "to": company.currency, "rate": str(rate), "day": today},
            },
            postings=value.postings(deal.view, after, cause, company.currency, revalued="currency"),
            policy=policy.version,
        ),
        by=by,
    )


def _reverse(deal: deals.Deal, policy: Policy, decision: Decision, chain: Chain, company: Company, by: Actor) -> None:
    after = replace(deal.view, stage=policy.stages[-2].key)
    after = value.in_pipeline(after)
    append(
        chain,
        Draft(
            "booking.reversed",
            {
                "after": after.after(),
                "decision": decisions.body(decision),
                "because": [result.key for result in decision.refusals],
            },
            postings=value.postings(
                deal.view, after, "return", company.currency, out_period=event_period(company, chain.now)
            ),
            policy=policy.version,
        ),
        by=by,
    )


def restated(was: DealView, now: DealView, company: Company, moment: datetime) -> tuple[DealView, date | None]:
    """A booked deal whose value, unit or owner changes: it changes in the month of this event, not in the month that
    was reported. Returns the deal as it stands then, and the month in which its old value goes out."""
    if (was.value_minor, was.unit, was.owner) == (now.value_minor, now.unit, now.owner):
        return replace(now, place=was.place, period=was.period), None
    period = event_period(company, moment)
    return value.placed(now, str(was.place), period), period


@dataclass(frozen=True, slots=True)
class Event:
    """The month that a de-booking belongs to, and why it moves. `body` and `effective` say a day that is not today."""

    period: date
    cause: Cause
    body: dict[str, Any] = field(default_factory=dict)
    effective: datetime | None = None


def event(company: Company, now: datetime, cause: Cause, on: date | None) -> Event:
    """A de-booking that was true `on` a day; None is today. In a closed month it corrects a prior period."""
    if on is None or on == company.day_of(now):
        return Event(event_period(company, now), cause)
    month = on.replace(day=1)
    why = value.event_cause(cause, month, periods.closed(), now)
    return Event(month, why, {"on": on}, datetime.combine(on, time(), ZoneInfo(company.timezone)).astimezone(UTC))


def event_period(company: Company, now: datetime) -> date:
    """A de-booking belongs to the month of its own event, not to the month that was booked."""
    return company.day_of(now).replace(day=1)
