"""What the stock lacks for obligations: the revenue of what is booked, and milestones that are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from crm_ledger.bench import stock
from crm_ledger.bench.firm import Firm
from ledger.commands.append import Draft, append_many, lock_many
from ledger.rules.actor import SYSTEM
from ledger.rules.chain import Chain
from pipeline.queries import deals, policies
from pipeline.queries.deals import Deal
from pipeline.rules import slips
from reporting.commands import revenue
from reporting.queries.revenue import Known
from reporting.rules import revenue as rules
from reporting.rules.revenue import Owner, Plan

_WAITING = "SELECT count(*) FROM ledger_standing WHERE watch_at IS NOT NULL"
_UNSCHEDULED = """
SELECT d.deal_id FROM pipeline_dealstate d WHERE d.place = 'booked'
  AND NOT EXISTS (SELECT FROM reporting_revenue r WHERE r.deal_id = d.deal_id) ORDER BY 1
"""
# Scattered over all deals and stages. Delivery of what is booked is what money hangs on.
_CHOSEN = """
SELECT split_part(stream, '/', 2)::bigint, key, function FROM (
    SELECT stream, key, function FROM ledger_standing
    WHERE watch_at > (SELECT ledger_now()) AND status = 'planned' AND key NOT IN ('invoiced', 'collected')
    ORDER BY md5(stream || key) LIMIT %s
) AS chosen ORDER BY 1
"""
_SOON = timedelta(seconds=1)


def waiting() -> int:
    """Milestones with a moment on which somebody must look."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        found: int = cursor.fetchone()[0]
    return found


def schedule(firm: Firm, *, from_today: bool = False) -> None:
    """`revenue.scheduled` of each booked deal that lacks it, which a booking writes by itself. `from_today`: as if
    delivery had been agreed to begin today, so that a miss leaves no room and moves money."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSCHEDULED)
        numbers = [row[0] for row in cursor.fetchall()]
    chunks = [numbers[at : at + stock.BATCH] for at in range(0, len(numbers), stock.BATCH)]
    stock.in_processes([_Schedules(firm, chunk, from_today) for chunk in chunks])


def make_due(firm: Firm, milestones: int) -> int:
    """Plans so many waiting milestones again, for a moment that comes now, and returns how many they were."""
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, [milestones])
        rows = cursor.fetchall()
    stock.in_processes([_Due(tuple(rows[at : at + stock.BATCH])) for at in range(0, len(rows), stock.BATCH)])
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Schedules:
    firm: Firm
    numbers: Sequence[int]
    from_today: bool

    def run(self) -> None:
        with transaction.atomic():
            chains = lock_many([f"deal/{number}" for number in self.numbers])
            found = deals.read(self.numbers)
            append_many([(chain, self._drafts(found[_number(chain)], chain)) for chain in chains], by=SYSTEM)

    def _drafts(self, deal: Deal, chain: Chain) -> list[Draft]:
        company, number = self.firm.company, deal.view.id
        policy = policies.version(deal.view.policy_version)
        terms = slips.terms(policy, deal.view, deal.standings, company.timezone)
        if terms is None:
            raise RuntimeError(f"{deal.view.ref} is booked without a value or a start")
        today, owner = revenue.day_of(chain, company), Owner(deal.view.unit, deal.view.owner)
        terms = replace(terms, start=today) if self.from_today else terms
        agreed = Plan(terms, (), "scheduled", owner, today.replace(day=1))
        body = {"terms": rules.terms_body(terms), "unit": owner.unit, "owner": owner.seat}
        known = Known({}, {})
        return revenue.drafts(
            "revenue.scheduled", body, number, today, agreed, known, "won", company, policy.version, always=True
        )


@dataclass(frozen=True, slots=True)
class _Due:
    rows: Sequence[tuple[int, str, str]]

    def run(self) -> None:
        with transaction.atomic():
            batch = []
            for chain in lock_many([f"deal/{number}" for number, _, _ in self.rows]):
                mine = [(key, function) for number, key, function in self.rows if number == _number(chain)]
                batch.append((chain, [_planned(key, function, chain.now) for key, function in mine]))
            append_many(batch, by=SYSTEM)


def _planned(key: str, function: str, now: datetime) -> Draft:
    said = {"key": key, "requirement": "milestone", "function": function}
    return Draft("milestone.planned", {**said, "due": now + _SOON})


def _number(chain: Chain) -> int:
    return int(chain.stream.split("/")[1])
