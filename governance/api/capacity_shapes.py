"""Capacity as programs read it."""

from __future__ import annotations

from typing import Any

from governance.queries import pools
from governance.queries.capacity import Month, Outlook
from governance.queries.expansions import ExpansionRow
from governance.rules.capacity import MonthLoad
from governance.rules.reserving import Answer
from ledger.api.schemas import DAY, MOMENT, NUMBER, REF, TEXT, Schema, many, maybe, ref, shape
from ledger.api.shapes import moment
from pipeline.queries.deals import ref_of

SHARE: Schema = {"type": "string", "pattern": "^[0-9]+\\.[0-9]{4}$", "examples": ["1.1440"]}
COMPONENTS: dict[str, Schema] = {
    "Capacity": shape(units=many(ref("CapacityOfUnit"))),
    "CapacityOfUnit": shape(unit=TEXT, name=TEXT, months=many(ref("CapacityMonth"))),
    "CapacityMonth": shape(
        month=DAY, base=NUMBER, expanded=NUMBER, available=NUMBER, ceiling=TEXT, limit=NUMBER, soft=NUMBER,
        confirmed=NUMBER, load=NUMBER, utilisation=maybe(SHARE), over=NUMBER, demand=NUMBER, expected_demand=NUMBER,
        load_if_all_won=NUMBER, utilisation_if_all_won=maybe(SHARE), over_if_all_won=NUMBER, fulfillable=NUMBER,
        unfulfillable=NUMBER,
    ),
    "Expansion": shape(
        id=NUMBER, unit=TEXT, units=NUMBER, ordered_on=DAY, lead_days=NUMBER, ready_on=DAY, counts_from=DAY,
        state={"type": "string", "enum": ["ordered", "verified", "withdrawn"]}, ordered_by=ref("PersonName"),
        ordered_at=MOMENT, verified_by=maybe(ref("PersonName")), verified_at=maybe(MOMENT),
    ),
    "Expansions": shape(results=many(ref("Expansion"))),
    "Reservation": shape(
        deal=REF, earliest_start=maybe(DAY), order_by=maybe(DAY),
        months=many(shape(unit=TEXT, month=DAY, units=NUMBER, state={"type": "string", "enum": ["soft", "confirmed"]})),
    ),
}  # fmt: skip


def outlook(one: Outlook) -> dict[str, Any]:
    return {"unit": one.unit, "name": one.name, "months": [_month(month) for month in one.months]}


def _month(one: Month) -> dict[str, Any]:
    pool, row = one.pool, one.load
    now = MonthLoad(pool.month, pool.available, pool.promised, pool.taken, 0)
    return {
        "month": pool.month.isoformat(),
        "base": pool.base,
        "expanded": pool.expanded,
        "available": pool.available,
        "ceiling": str(pool.ceiling),
        "limit": pool.promised,
        "soft": pool.soft,
        "confirmed": pool.confirmed,
        "load": pool.taken,
        "utilisation": _share(now),
        "over": now.over,
        "demand": one.wanted,
        "expected_demand": one.expected,
        "load_if_all_won": row.load,
        "utilisation_if_all_won": _share(row),
        "over_if_all_won": row.over,
        "fulfillable": row.fulfillable,
        "unfulfillable": row.unfulfillable,
    }


def _share(row: MonthLoad) -> str | None:
    return None if row.utilisation is None else f"{row.utilisation:.4f}"


def expansion(row: ExpansionRow | None) -> dict[str, Any]:
    assert row is not None  # it was written a moment ago
    return {
        "id": row.id,
        "unit": row.unit,
        "units": row.units,
        "ordered_on": row.ordered_on.isoformat(),
        "lead_days": row.lead_days,
        "ready_on": row.ready_on.isoformat(),
        "counts_from": row.counts_from.isoformat(),
        "state": row.state,
        "ordered_by": {"person": row.ordered_by, "name": row.ordered_by_name},
        "ordered_at": moment(row.ordered_at),
        "verified_by": None if row.verified_by is None else {"person": row.verified_by, "name": row.verified_by_name},
        "verified_at": moment(row.verified_at),
    }


def reservation(number: int, answer: Answer | None = None) -> dict[str, Any]:
    """What a deal holds now."""
    return {
        "deal": ref_of(number),
        "earliest_start": answer.earliest.isoformat() if answer and answer.earliest else None,
        "order_by": answer.order_by.isoformat() if answer else None,
        "months": [
            {"unit": row.unit, "month": row.month.isoformat(), "units": row.units, "state": row.state}
            for row in pools.of_deal(number)
        ],
    }
