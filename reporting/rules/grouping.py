"""Rows by unit and month, added up along one of the two, or neither."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

WAYS = ("unit", "period")


@dataclass(frozen=True, slots=True)
class Group:
    """Sums in minor units; None stands where every unit, or every month, is in it."""

    unit: str | None
    period: date | None
    value: int = 0
    gross: int = 0
    de_booked: int = 0
    under_waiver: int = 0
    unverified_history: int = 0

    def plus(self, row: Any) -> Group:
        return Group(
            self.unit,
            self.period,
            self.value + row.value,
            self.gross + row.gross,
            self.de_booked + row.de_booked,
            self.under_waiver + row.under_waiver,
            self.unverified_history + row.unverified_history,
        )


def groups(rows: Iterable[Any], by: Sequence[str]) -> tuple[Group, ...]:
    """One group for each unit and month, or for each of what `by` names of the two; none when it names nothing."""
    found: dict[tuple[str | None, date | None], Group] = {}
    for row in rows if by else ():
        key = (row.unit if "unit" in by else None, row.period if "period" in by else None)
        found[key] = found.get(key, Group(*key)).plus(row)
    return tuple(sorted(found.values(), key=lambda group: (group.unit or "", str(group.period))))
