"""Brings the pools in line with what a deal needs: the one place where capacity is taken and given back.

A step of other commands: the deal is locked first, then its pools in the order of their months.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from governance.queries import pools, supply
from governance.queries.pools import LockedPool, Reserved
from governance.rules import capacity, reserving
from governance.rules import pools as rules
from governance.rules.capacity import HORIZON, MonthLoad, Supply
from governance.rules.delivery import Need
from governance.rules.pools import Held
from governance.rules.reserving import Answer
from ledger.commands.append import Draft, append_many
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.transactions import step
from pipeline.rules.deal import DealView


@dataclass(slots=True)
class Holding:
    """The pools that a deal touches, locked, with what it holds of each."""

    deal: DealView
    held: Mapping[tuple[str, date], Reserved]
    pools: Mapping[tuple[str, date], LockedPool]

    def own(self, unit: str, month: date) -> int:
        row = self.held.get((unit, month))
        return row.units if row else 0


@step
def hold(deal: DealView, chain: Chain, need: Need | None) -> Holding:
    """Locks every pool that the deal holds or needs."""
    held = {(row.unit, row.month): row for row in pools.of_deal(deal.id)}
    wanted: dict[str, set[date]] = defaultdict(set)
    for unit, month in held:
        wanted[unit].add(month)
    if need is not None:
        wanted[need.unit].update(need.months)
    locked = {}
    for unit in sorted(wanted):
        for pool in pools.lock(unit, sorted(wanted[unit])):
            locked[unit, pool.pool.month] = pool
            chain.now = max(chain.now, pool.chain.now)  # it may have waited for them
    return Holding(deal, held, locked)


def answer(holding: Holding, need: Need, lead_days: int) -> Answer:
    """What the need would make of its months, beside what everybody else was promised."""
    rows = []
    for month in need.months:
        pool = holding.pools[need.unit, month].pool
        others = pool.taken - holding.own(need.unit, month)
        rows.append(MonthLoad(month, pool.available, pool.promised, others, need.units))
    order_by = capacity.order_by(need.start_on, lead_days)
    held = frozenset(month for month in need.months if holding.own(need.unit, month) >= need.units)
    found = Answer(tuple(rows), need.start_on, need.start_on, order_by, held)
    return found if found.fits else replace(found, earliest=earliest(holding, need, supply.of_unit(need.unit)))


def earliest(holding: Holding, need: Need, has: Supply) -> date | None:
    """The first day on which all delivery months fit; without a lock, so it is advice and no promise."""
    first = need.start_on.replace(day=1)
    taken = supply.taken(need.unit, first, capacity.month_after(first, HORIZON + len(need.months)))
    others = {month: units - holding.own(need.unit, month) for month, units in taken.items()}
    return capacity.earliest_start(has, others, need.units, need.start_on, len(need.months))


@step
def settle(holding: Holding, need: Need | None, to: Held, *, by: Actor, why: str = "") -> bool:
    """Writes what leads from what is held to `need` in the state `to`; True when it wrote anything.

    The caller has asked whether it fits; a pool over its ceiling is refused by the database at the latest.
    """
    batch: list[tuple[Chain, Sequence[Draft]]] = []
    for (unit, month), locked in sorted(holding.pools.items()):
        wanted = need.units if need and unit == need.unit and month in need.months else 0
        changes = [change for change in (rules.supply(locked.was, locked.pool),) if change]
        row = holding.held.get((unit, month))
        state: Held = row.state if row else "none"
        seat = holding.deal.owner
        if row and (not wanted or row.units != wanted):
            changes.append(rules.hold(locked.pool, holding.deal.id, seat, row.units, state, "none", why))
            state = "none"
        if wanted and state != to:
            changes.append(rules.hold(locked.pool, holding.deal.id, seat, wanted, state, to, why))
        batch.append((locked.chain, [Draft(one.kind, one.body, postings=one.postings) for one in changes]))
    append_many(batch, by=by)
    return any(drafts for _, drafts in batch)


def lead_days(thresholds: Mapping[str, object]) -> int:
    return reserving.days(thresholds, "capacity-lead-days", reserving.LEAD_DAYS)
