"""Pools of capacity: locked for a writer, read for everybody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from governance.rules.pools import Held, Pool, stream
from ledger.rules.chain import Chain
from ledger.rules.envelope import ZERO_HASH


@dataclass(slots=True)
class LockedPool:
    """A pool whose stream this transaction holds. `was` is None before it is opened; `pool` has today's supply."""

    chain: Chain
    was: Pool | None
    pool: Pool


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a deal holds of one pool."""

    unit: str
    month: date
    units: int
    state: Held


def lock(unit: str, months: Sequence[date]) -> list[LockedPool]:
    """Locks the pools of a unit in the order of their months and reads them under the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM governance_lock_pools(%s, %s::date[])", [unit, list(months)])
        rows = cursor.fetchall()
    found = []
    for month, version, head, at, now, base, expanded, ceiling, soft, confirmed, *today in rows:
        chain = Chain(stream(unit, month), version or 0, bytes(head) if head else ZERO_HASH, at, now)
        was = None if base is None else Pool(unit, month, base, expanded, ceiling.normalize(), soft, confirmed)
        base_now, expanded_now, ceiling_now = today
        empty = was or Pool(unit, month, 0, 0, ceiling_now)
        found.append(LockedPool(chain, was, empty.supplied(base_now, expanded_now, ceiling_now.normalize())))
    return found


def of_deal(number: int) -> list[Reserved]:
    """What a deal holds now, by month."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unit, month, units, state FROM governance_reservation WHERE deal_id = %s ORDER BY unit, month",
            [number],
        )
        return [Reserved(*row) for row in cursor.fetchall()]


def opened_after(unit: str, month: date) -> list[date]:
    """Months of a unit from `month` on whose pool is open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT month FROM governance_capacitymonth WHERE unit = %s AND month >= %s ORDER BY month", [unit, month]
        )
        return [row[0] for row in cursor.fetchall()]


def running_out(limit: int = 500) -> list[int]:
    """Deals whose soft reservation is over, oldest first: by the index of what expires."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(stream, '/', 2)::bigint FROM ledger_standing"
            " WHERE effect <> 'unmet' AND valid_until <= (SELECT ledger_now()) AND requirement = 'capacity'"
            " ORDER BY valid_until LIMIT %s",
            [limit],
        )
        return [row[0] for row in cursor.fetchall()]
