"""Builds the demo company: eighteen months of history, written at its own moments by the product's commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial
from random import Random

from crm_ledger.demo import answers, clock, company, data, goals, meanwhile, steps
from crm_ledger.demo.acts import Walker
from crm_ledger.demo.company import Cast
from crm_ledger.demo.data import Plan
from crm_ledger.demo.facts import Facts
from governance.rules.capacity import month_after

DAYS = 550
# After a booking: milestone, days from the start of delivery to its submission and to its verification.
_TAIL = (("delivered", -4, -1), ("invoiced", 2, 5), ("collected", 30, 40))

Event = tuple[datetime, Callable[[], object]]


def build() -> int:
    """Returns the number of deals. The clock must be the demo's, and no entry may exist yet."""
    base = clock.read().now
    begins = base - timedelta(days=DAYS)
    clock.begin_at(begins)
    cast = company.found()
    company.publish_rates(begins.date().replace(day=1), cast)
    events = [*_rates(begins, base, cast), *_nights(begins, base), *goals.events(begins, base, cast)]
    events += answers.events(begins, base, cast)
    for plan in data.plans():
        events += _deal(plan, cast, base)
    for moment, act in sorted(events, key=lambda event: event[0]):
        clock.pass_to(moment)
        act()
    clock.return_to_real()
    goals.endanger(cast)
    meanwhile.night()
    meanwhile.read_old_notices()
    company.finish()
    return len(data.plans())


def _deal(plan: Plan, cast: Cast, base: datetime) -> Iterator[Event]:
    rng = Random(plan.title)  # noqa: S311  the same story on every machine
    moments = steps.moments(plan, base, rng)
    ended = moments[-1][0]
    facts = Facts(plan, base, ended, rng)
    walker = Walker(plan, cast, facts, rng)
    for moment, word in moments:
        yield moment, partial(walker.act, word)
    if plan.books:
        start = datetime.combine(facts.start, time(9), UTC)
        for key, submitted, verified in _TAIL:
            first = max(steps.at_work(start + timedelta(days=submitted), rng), ended + timedelta(hours=2))
            second = max(steps.at_work(start + timedelta(days=verified), rng), first + timedelta(hours=1))
            if second < base and key != plan.late:
                yield first, partial(walker.act, f"{key}>")
                yield second, partial(walker.act, f"{key}!")


def _rates(begins: datetime, base: datetime, cast: Cast) -> Iterator[Event]:
    month = month_after(begins.date())
    while month <= base.date():
        yield datetime.combine(month, time(0, 1), UTC), partial(company.publish_rates, month, cast)
        month = month_after(month)


def _nights(begins: datetime, base: datetime) -> Iterator[Event]:
    night = begins.replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while night < base:
        yield night, meanwhile.night
        night += timedelta(days=1)
