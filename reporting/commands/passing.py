"""What the passing of days makes of revenue: what was delivered is recognised, and what is overdue is expected later.

Safe twice and on any number of machines: each deal is judged under its lock, and its entry says on which day somebody
must look again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import Error

from governance.commands.deadlines import Estimates
from ledger.commands.append import append_many, lock_many
from ledger.rules.actor import SYSTEM
from ledger.rules.postings import BOOKED
from ledger.rules.postings import Cause as Why
from ledger.rules.problems import Problem
from ledger.transactions import command
from pipeline.queries import deals, organisation, policies, seats
from reporting.commands import revenue
from reporting.queries import revenue as query
from reporting.rules import revenue_entries as said

log = logging.getLogger(__name__)
MISS: Why = "milestone_miss"
PASSED: Why = "advance"
FALLEN: Why = "return"  # it is not booked any more, and nothing said so of its revenue
CHUNK = 50  # deals in one transaction
LOOKED_AT = 50  # deals that a reader's request takes up
MOST = 2_000  # deals that one run takes up; the next run goes on


@command
def follow(numbers: Sequence[int]) -> int:
    """Writes `revenue.recognised` where only days have passed, and `variance.recorded` where the estimate of a
    milestone has moved. Returns how many entries it wrote: 0 when another worker was first."""
    chains = lock_many([f"deal/{number}" for number in numbers])
    facts, known, company = deals.read(numbers), query.known(numbers), organisation.company()
    estimates, batch = Estimates(company), []
    for chain in chains:
        number = int(chain.stream.split("/")[1])
        deal, book = facts[number], known.get(number)
        today = revenue.day_of(chain, company)
        looks = said.day_of(book.last, "look_on") if book is not None else None
        if book is None or looks is None or looks > today:
            continue
        policy = policies.version(deal.view.policy_version)
        kind, why = "variance.recorded", MISS
        if deal.view.place != BOOKED:
            plan, why = said.plan_of(book.agreed, book.last)._replace(state="unbooked", through=None), FALLEN
        else:
            plan = revenue.plan_of(policy, deal, book, chain, company, estimates.of(policy, deal, chain.now))
            if plan.causes == said.causes_of(book.last):
                kind, why = "revenue.recognised", PASSED
        drafts = revenue.drafts(kind, {}, number, today, plan, book, why, company, policy.version, always=True)
        batch.append((chain, drafts))
    return len(append_many(batch, by=SYSTEM))


def sweep(most: int = MOST) -> int:
    """Handles what waits, longest waiting first, in chunks. A chunk that fails is tried one by one, and what still
    fails holds nobody up: the next run tries it again. Returns how many entries were written."""
    today = organisation.company().day_of(seats.now())
    written, passed = 0, set[int]()
    while most > 0 and (found := query.due(today, min(CHUNK, most), passed)):
        most -= len(found)
        passed.update(found)
        try:
            written += follow(found)
        except (Problem, Error) as error:
            log.warning("revenue of a chunk of %s deals failed, they are taken one by one: %s", len(found), error)
            written += sum(_alone(number) for number in found)
    return written


def _alone(number: int) -> int:
    try:
        return follow([number])
    except (Problem, Error) as error:
        log.error("the revenue of deal %s could not be followed: %s", number, error)
        return 0


def look(deal: int | None = None) -> None:
    """For a reader: what days have moved is written first; of one deal, or of all up to a bound."""
    if query.waits(deal):
        _alone(deal) if deal is not None else sweep(LOOKED_AT)
