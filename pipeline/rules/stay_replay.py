"""How a deal stood, while by while, read again from its entries (pipeline/migrations/sql/stays.sql)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ledger.rules.replay import Entry
from pipeline.rules.replay import day

MOST_MONTHS = 120
Delivers = tuple[int, date, int] | tuple[None, None, None]  # units a month, the first month, how many


@dataclass(slots=True)
class Stay:
    """`state` are stage, unit, owner, close, value, and what it would deliver."""

    from_entry: int
    state: tuple[Any, ...]
    entered_at: datetime
    from_at: datetime
    until_at: datetime | None = None
    until_entry: int | None = None


@dataclass(slots=True)
class Stays:
    rows: list[Stay] = field(default_factory=list)

    def take(self, entry: Entry, entered_at: datetime) -> None:
        """`entered_at`: when the deal came into the stage that this entry states."""
        after = entry.after
        if after is None:
            return
        state = (
            after["stage"], after["unit"], after["owner"], day(after["close_on"]), after["value_minor"],
            *delivers(after),
        )  # fmt: skip
        last = self.rows[-1] if self.rows else None
        if last is not None:
            if last.state == state:
                return
            last.until_at, last.until_entry = entry.recorded_at, entry.id
        self.rows.append(Stay(entry.id, state, entered_at, entry.recorded_at))


def delivers(after: Mapping[str, Any]) -> Delivers:
    """What a state asks of capacity: all of it, or nothing while something is missing."""
    inputs = after.get("inputs", {})
    units, months, start = inputs.get("delivery_units"), inputs.get("delivery_months"), day(after["start_on"])
    if start is None or not (_is_some(units) and _is_some(months)):
        return None, None, None
    return units, start.replace(day=1), min(months, MOST_MONTHS)


def _is_some(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
