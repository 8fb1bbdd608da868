"""The variance of every booked deal computed again from the record, beside what its book holds. Writes nothing.

Reads what it needs of many deals at once, and no more of them: the terms that were agreed, the milestones that move
revenue, and what the book holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from governance.queries import slips as past
from ledger.rules.standing import Standing
from pipeline.queries import organisation, policies, seats
from pipeline.queries.organisation import Company
from pipeline.rules import slips
from pipeline.rules.policy import Policy
from reporting.queries import revenue
from reporting.rules import revenue as rules
from reporting.rules import revenue_entries as said
from reporting.rules.revenue import Plan

CHUNK = 1_000  # deals in memory at once
# The envelope as it lies there: PostgreSQL takes five times as long to read JSON out of it.
_BOOKED = """
SELECT r.deal_id, d.policy_version, d.unit, agreed.envelope
FROM reporting_revenue r JOIN pipeline_dealstate d ON d.deal_id = r.deal_id
JOIN ledger_entry agreed ON agreed.id = r.agreed_id
WHERE d.place = 'booked' AND r.deal_id > %s AND r.deal_id %% %s = %s ORDER BY r.deal_id LIMIT %s
"""
_STANDINGS = """
SELECT split_part(stream, '/', 2)::bigint, key, effect, status, entry_id, at, due_at, first_due_at FROM ledger_standing
WHERE stream = ANY (%s) AND key = ANY (%s) AND requirement = 'milestone'
"""


class _Booked(NamedTuple):
    deal: int
    policy: int
    unit: str
    agreed: bytes  # the entry that said what was agreed


class Recomputed(NamedTuple):
    """How many booked deals were computed, and those whose book is to move. A book may wait for the day on which an
    estimate is looked at again or for a month that has just passed: `passing.sweep` moves those."""

    deals: int
    differing: list[int]


def recompute(part: int = 0, of: int = 1) -> Recomputed:
    """Of the deals whose number leaves `part` when divided by `of`, so that processes share the work."""
    done, differing, after = 0, list[int](), 0
    company, now = organisation.company(), seats.now()
    medians = _Medians(company)
    while chunk := _booked(after, part, of):
        done, after = done + len(chunk), chunk[-1].deal
        differing += _differing(chunk, company, now, medians)
    return Recomputed(done, differing)


def _booked(after: int, part: int, of: int) -> list[_Booked]:
    with connection.cursor() as cursor:
        cursor.execute(_BOOKED, [after, of, part, CHUNK])
        return [_Booked(deal, policy, unit, bytes(agreed)) for deal, policy, unit, agreed in cursor.fetchall()]


def _differing(chunk: list[_Booked], company: Company, now: datetime, medians: _Medians) -> list[int]:
    numbers = [one.deal for one in chunk]
    known = {version: policies.version(version) for version in {one.policy for one in chunk}}
    standings = _standings(numbers, {key for policy in known.values() for key in _moving(policy)})
    held, month, found = revenue.held(numbers), company.day_of(now).replace(day=1), list[int]()
    for one in chunk:
        agreed, mine = json.loads(one.agreed)["body"], standings.get(one.deal, {})
        terms = said.terms_of(agreed)
        estimates = medians.of(mine, one.unit, now)
        causes = slips.causes(known[one.policy], terms.start, mine, now, company.timezone, estimates)
        plan = Plan(terms, causes, "scheduled", said.owner_of(agreed), month)
        if not rules.holds(held.get(one.deal, {}), plan):
            found.append(one.deal)
    return found


def _moving(policy: Policy) -> set[str]:
    """Milestones that move revenue, as `slips.causes` looks at them."""
    paying = {part.milestone for part in policy.delivery.shares}
    return {key for key, template in policy.milestones.items() if template.blocks or key in paying}


def _standings(numbers: Iterable[int], keys: Iterable[str]) -> dict[int, dict[str, Standing]]:
    found: dict[int, dict[str, Standing]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_STANDINGS, [[f"deal/{number}" for number in numbers], list(keys)])
        for deal, key, effect, status, entry, at, due, first in cursor.fetchall():
            found.setdefault(deal, {})[key] = Standing(
                key, effect, status, entry, at=at, due_at=due, first_due_at=first
            )
    return found


class _Medians:
    """By how many days milestones slip, asked once for each and each unit."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.known: dict[tuple[str, str], dict[str, int]] = {}

    def of(self, standings: Mapping[str, Standing], unit: str, now: datetime) -> dict[str, int]:
        found: dict[str, int] = {}
        for key, standing in standings.items():
            if slips.is_overdue(standing, now):
                if (key, unit) not in self.known:
                    self.known[key, unit] = past.typical([key], unit, self.company.timezone)
                found |= self.known[key, unit]
        return found
