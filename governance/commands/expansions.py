"""Expansions of capacity: ordered by one person, verified by another, withdrawn when they do not come."""

from __future__ import annotations

from datetime import date

from governance import permissions
from governance.commands.notifying import telling
from governance.queries import expansions, people, pools
from governance.rules import pools as rules
from governance.rules import reserving
from ledger.commands.append import Draft, append, append_many, lock
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, bad_input, conflict, not_found
from ledger.transactions import command, step
from pipeline import permissions as deal_permissions
from pipeline.queries import organisation, seats

MOST_UNITS = 10**9


@command
def order(unit: str, units: int, ordered_on: date, lead_days: int, *, by: Actor, note: str = "") -> int:
    """Says that more capacity is ordered; writes `expansion.ordered` and returns its number. It counts for nothing
    until somebody else has verified it: whoever may is told with the digest."""
    held = seats.of_person(by.person)
    if not organisation.has_unit(unit) or not deal_permissions.can_see_unit(held, unit):
        raise not_found(f"Unit {unit[:40]}")
    permissions.check(reserving.ordering(held, unit))
    today = organisation.company().day_of(seats.now())
    faults = []
    if not 1 <= units <= MOST_UNITS:
        faults.append(Fault("/units", "CAP-EXP-1", "An expansion adds a whole number of units a month, at least 1."))
    if ordered_on > today:
        faults.append(Fault("/ordered_on", "CAP-EXP-2", "An order of a day to come is no order yet."))
    if not 0 <= lead_days <= 3660:
        faults.append(Fault("/lead_days", "CAP-EXP-3", "The lead time is 0 to 3,660 days."))
    if faults:
        raise bad_input(faults)
    number = expansions.next_number()
    body = {"unit": unit, "units": units, "ordered_on": ordered_on, "lead_days": lead_days}
    draft = Draft("expansion.ordered", body, private={"note": note.strip()[:2000]})
    (entry,) = append(lock(f"expansion/{number}"), draft, by=by)
    name = organisation.unit_name(unit)
    sentence = (
        f"{name}: an expansion by {units:,} units a month is ordered. Somebody else verifies it before it counts."
    )
    telling.notify(
        f"expansion/{number}", 0, who_may_verify(unit, by.person), sentence, f"/capacity/?unit={unit}#expansions",
        interrupts=False, entry=entry.id,
    )  # fmt: skip
    return number


def who_may_verify(unit: str, ordered_by: int) -> set[int]:
    """People of operations and finance in the unit, whoever ordered it left out."""
    return {
        person
        for function in reserving.PROVING
        for person, _name in people.holders(function, unit, without=[ordered_by])
    }


@command
def verify(number: int, *, by: Actor, note: str = "") -> None:
    """Confirms that an order is real; writes `expansion.verified` and restates the open pools that it counts for."""
    row = _row(number, by)
    permissions.check(reserving.proving(by, seats.of_person(by.person), row.unit, row.ordered_by))
    if row.state != "ordered":
        raise conflict("expansion-state", "The expansion has moved on", f"It is {row.state}. [CAP-EXP-4]")
    _write(row, Draft("expansion.verified", {}, private={"note": note.strip()[:2000]}), by)


@command
def withdraw(number: int, reason: str, *, by: Actor) -> None:
    """Takes an expansion back that does not come; what was promised on it stays promised and shows as over."""
    row = _row(number, by)
    permissions.check(reserving.ordering(seats.of_person(by.person), row.unit))
    if not 3 <= len(reason.strip()) <= 2000:
        raise bad_input([Fault("/reason", "CAP-EXP-5", "Say why, in 3 to 2,000 characters.")])
    if row.state == "withdrawn":
        raise conflict("expansion-state", "The expansion has moved on", "It is withdrawn already. [CAP-EXP-4]")
    _write(row, Draft("expansion.withdrawn", {}, private={"reason": reason.strip()}), by)


def _row(number: int, by: Actor) -> expansions.ExpansionRow:
    row = expansions.one(number)
    if row is None or not deal_permissions.can_see_unit(seats.of_person(by.person), row.unit):
        raise not_found(f"Expansion {number}")
    return row


@step
def _write(row: expansions.ExpansionRow, draft: Draft, by: Actor) -> None:
    append(lock(f"expansion/{row.id}"), draft, by=by)
    telling.acknowledge(f"expansion/{row.id}")
    locked = pools.lock(row.unit, pools.opened_after(row.unit, row.counts_from))
    batch = []
    for pool in locked:
        change = rules.supply(pool.was, pool.pool)
        if change:
            batch.append((pool.chain, [Draft(change.kind, change.body, postings=change.postings)]))
    append_many(batch, by=by)
