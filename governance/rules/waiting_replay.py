"""When a deal waited on functions, while by while, read again from its entries (migrations/sql/waiting.sql)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from governance.rules.deadlines import owing
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
        if after is None or not (entry.kind.startswith(("milestone.", "handshake.")) or entry.after is not None):
            return
        unit, value = after["unit"], after["value_minor"] or 0
        waits = {function for held in standings.values() if (function := waits_on(held)) is not None}
        for function, known in list(self.open.items()):
            if function not in waits or (known.unit, known.value_minor) != (unit, value):
                known.until_at, known.until_entry = entry.recorded_at, entry.id
                del self.open[function]
        for function in sorted(waits - self.open.keys()):
            self.open[function] = While(function, entry.id, unit, value, entry.recorded_at)
            self.rows.append(self.open[function])


def waits_on(held: Held) -> str | None:
    """The function on which a requirement waits, as `governance_waits_on` of the database says it: for a decision on
    what was submitted, for an answer to what was offered, or because its day has passed. A refusal is an answer."""
    one = held.standing
    if one.effect != "unmet" or one.status == "released":
        return None
    late = one.missed_at is not None
    if held.requirement == "milestone":
        return one.function if late or one.status == "submitted" else None
    if held.requirement != "handshake":
        return None
    return owing(one) if one.status == "offered" or (late and one.status != "refused") else None
