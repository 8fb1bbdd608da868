"""When a deal waited on functions, while by while, read again from its entries (migrations/sql/waiting.sql)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ledger.rules.replay import Entry, Held


@dataclass(slots=True)
class While:
    function: str
    from_entry: int
    unit: str
    value_minor: int
    from_at: datetime
    until_at: datetime | None = None
    until_entry: int | None = None


@dataclass(slots=True)
class Waiting:
    rows: list[While] = field(default_factory=list)
    open: dict[str, While] = field(default_factory=dict)

    def take(self, entry: Entry, standings: Mapping[str, Held], after: Mapping[str, Any] | None) -> None:
        """`standings` and `after` as the entry leaves them."""
        if after is None or not (entry.kind.startswith("milestone.") or entry.after is not None):
            return
        unit, value = after["unit"], after["value_minor"] or 0
        waits = {held.standing.function for held in standings.values() if is_waiting(held)}
        for function, known in list(self.open.items()):
            if function not in waits or (known.unit, known.value_minor) != (unit, value):
                known.until_at, known.until_entry = entry.recorded_at, entry.id
                del self.open[function]
        for function in sorted(waits - self.open.keys()):
            self.open[function] = While(function, entry.id, unit, value, entry.recorded_at)
            self.rows.append(self.open[function])


def is_waiting(held: Held) -> bool:
    """Submitted to its function, or past its due moment."""
    one = held.standing
    late = one.missed_at is not None and one.status != "released"
    return held.requirement == "milestone" and one.effect == "unmet" and (one.status == "submitted" or late)
