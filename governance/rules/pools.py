"""What moves a pool of capacity: the entries of one unit and month, with their postings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import floor
from typing import Any, Literal

from ledger.rules.postings import CAPACITY, Cause, Posting

Held = Literal["none", "soft", "confirmed"]
PLACES: Mapping[str, str] = {"none": "available", "soft": "soft-reserved", "confirmed": "confirmed"}
KINDS: Mapping[tuple[str, str], tuple[str, Cause]] = {
    ("none", "soft"): ("capacity.reserved", "new"),
    ("none", "confirmed"): ("capacity.reserved", "won"),
    ("soft", "confirmed"): ("capacity.confirmed", "won"),
    ("confirmed", "soft"): ("capacity.softened", "return"),
    ("soft", "none"): ("capacity.released", "cancelled"),
    ("confirmed", "none"): ("capacity.released", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Pool:
    """A unit in a month: what it has, the share of it that may be promised, and what is promised."""

    unit: str
    month: date
    base: int
    expanded: int
    ceiling: Decimal
    soft: int = 0
    confirmed: int = 0

    @property
    def available(self) -> int:
        return self.base + self.expanded

    @property
    def promised(self) -> int:
        """The most that may be promised, in whole units."""
        return floor(self.available * self.ceiling)

    @property
    def taken(self) -> int:
        return self.soft + self.confirmed

    def supplied(self, base: int, expanded: int, ceiling: Decimal) -> Pool:
        return replace(self, base=base, expanded=expanded, ceiling=ceiling)


@dataclass(frozen=True, slots=True)
class Change:
    """What an entry of a pool says."""

    kind: str
    body: Mapping[str, Any]
    postings: tuple[Posting, ...]


def stream(unit: str, month: date) -> str:
    return f"capacity/{unit}/{month:%Y-%m}"


def supply(was: Pool | None, now: Pool) -> Change | None:
    """Opens a pool, or restates what it has; None when it is so already."""
    if was is not None and (was.base, was.expanded, was.ceiling) == (now.base, now.expanded, now.ceiling):
        return None
    body = {"base": now.base, "expanded": now.expanded, "ceiling": str(now.ceiling), "promised": now.promised}
    more = now.available - (was.available if was else 0)
    kind, cause = ("capacity.opened", "new") if was is None else ("capacity.restated", "replanned")
    lines = _move(now.unit, now.month, "source", "available", more, None, None, cause)  # type: ignore[arg-type]
    return Change(kind, body, lines)


def hold(pool: Pool, deal: int, seat: int | None, units: int, was: Held, now: Held, why: str = "") -> Change:
    """Takes `units` of a pool for a deal, keeps them in another way, or gives them back."""
    kind, cause = KINDS[was, now]
    body = {"deal": deal, "units": units, "was": was, "now": now, "why": why}
    return Change(kind, body, _move(pool.unit, pool.month, PLACES[was], PLACES[now], units, deal, seat, cause))


def _move(
    unit: str, month: date, leaves: str, enters: str, units: int, deal: int | None, seat: int | None, cause: Cause
) -> tuple[Posting, ...]:
    if not units:
        return ()
    lines: Iterable[tuple[str, int]] = ((leaves, -units), (enters, units))
    return tuple(Posting(CAPACITY, place, month, unit, deal, seat, amount, None, cause) for place, amount in lines)
