"""Reprices open deals after a new rate: their value moves in a bucket of its own. What is booked keeps its rate.

Safe twice and on any number of machines: each deal is judged under its lock, and what is priced right is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.commands.append import Draft, append_many, lock_many
from ledger.rules.actor import SYSTEM
from ledger.transactions import command
from pipeline.commands import booking
from pipeline.queries import deals, organisation, policies, rates, seats
from pipeline.rules import value

CHUNK = 200  # deals in one transaction
MOST = 5_000  # deals that one run takes up; the next run goes on


@command
def reprice(numbers: Sequence[int]) -> int:
    """Writes `deal.repriced` where the rate of today says another value; returns how many. What was unpriced and owed
    nothing but a rate is booked in the same transaction."""
    chains = lock_many([f"deal/{number}" for number in numbers])
    found, company = deals.read(numbers), organisation.company()
    drafts, first = [], []
    for chain in chains:
        was = found[int(chain.stream.split("/")[1])].view
        policy = policies.version(was.policy_version)
        place = policy.position(was.stage)
        if place is None or place == len(policy.stages) - 1 or was.currency in (None, company.currency):
            continue
        today = company.day_of(chain.now)
        rate = rates.on(str(was.currency), today)
        now = was if rate is None else value.in_pipeline(value.priced(was, rate, company.currency))
        if now.value_minor == was.value_minor:
            continue
        body = {
            "after": now.after(),
            "rate": {"from": was.currency, "to": company.currency, "rate": str(rate), "day": today},
        }
        lines = value.postings(was, now, "currency", company.currency, revalued="currency")
        drafts.append((chain, [Draft("deal.repriced", body, postings=lines, policy=policy.version)]))
        first += [(was.id, chain)] if was.value_minor is None else []
    append_many(drafts, by=SYSTEM)
    for number, chain in first:
        booking.settle(number, chain, company, by=SYSTEM)
    return len(drafts)


def sweep(most: int = MOST) -> int:
    """Reprices what a rate has moved, in chunks. Returns how many entries were written."""
    today = organisation.company().day_of(seats.now())
    written, seen = 0, set[int]()
    while most > 0 and (numbers := rates.moved(today, min(CHUNK, most), seen)):
        most -= len(numbers)
        seen.update(numbers)
        written += reprice(numbers)
    return written
