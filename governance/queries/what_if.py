"""The effect of another day for a milestone, before anybody commits to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from governance.queries import milestones, slips
from governance.rules import what_if as rules
from governance.rules.what_if import Outcome
from pipeline.queries import calendars, deals, organisation, policies, seats
from pipeline.rules import slips as expected


@dataclass(frozen=True, slots=True)
class Effect:
    """What a day does. `outcome` of a booked deal whose revenue hangs on the milestone; else where the value of the
    deal is expected then, which stays or moves to `month`; nothing of either while it is unpriced."""

    day: date
    currency: str
    deal: int
    outcome: Outcome | None = None
    value_minor: int | None = None
    month: date | None = None
    stays: bool = True

    @property
    def deals(self) -> int:
        return 1


def of_milestone(number: int, day: date) -> Effect:
    """The caller has checked that the milestone may be seen; raises not-found when there is none."""
    deal, key = milestones.deal_of(number)
    found, company, now = deals.read_one(deal), organisation.company(), seats.now()
    view, policy = found.view, policies.version(found.view.policy_version)
    due = calendars.of_unit(view.unit).end_of_work(day)
    overdue = [name for name, held in found.standings.items() if expected.is_overdue(held, now)]
    estimates = slips.typical([name for name in overdue if name in policy.milestones], view.unit, company.timezone)
    outcome = rules.outcome(policy, view, found.standings, key, due, now, company.timezone, estimates)
    if outcome is not None:
        return Effect(day, company.currency, deal, outcome)
    if view.value_minor is None or view.period is None:
        return Effect(day, company.currency, deal)
    month = max(view.period, day.replace(day=1))
    return Effect(day, company.currency, deal, None, view.value_minor, month, month == view.period)
