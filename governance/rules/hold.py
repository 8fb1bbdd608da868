"""A hold: a stop that a function puts on a deal or on an account, with its reason, until that function releases it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from governance.rules.verification import Refusal
from ledger.rules.actor import Actor
from ledger.rules.problems import Fault
from pipeline.rules.deal import DealView
from pipeline.rules.seats import SeatView

REASONS = ("credit", "dispute", "compliance", "delivery", "data", "other")
LEADS = ("lead", "manager", "executive")
WORKS = ("rep", *LEADS)


@dataclass(frozen=True, slots=True)
class Hold:
    """As the record has it. `id` is the entry that placed it; `of_hold` the hold of its account that a deal follows."""

    id: int
    deal: int | None
    account: int | None
    key: str
    function: str
    reason: str
    placed_by: int
    placed_at: datetime
    of_hold: int | None = None
    released_by: int | None = None
    released_at: datetime | None = None
    entry: int = 0

    @property
    def open(self) -> bool:
        return self.released_at is None


def key_at(seq: int) -> str:
    """A hold is named by its place in its stream, so each has a standing of its own."""
    return f"hold-{seq}"


def faults(reason: str, why: str) -> list[Fault]:
    found = []
    if reason not in REASONS:
        found.append(Fault("/reason", "HOLD-1", f"Choose one of: {', '.join(REASONS)}."))
    if not 3 <= len(why.strip()) <= 2000:
        found.append(Fault("/why", "HOLD-2", "Say why, in 3 to 2,000 characters."))
    return found


def on_deal(seats: Iterable[SeatView], deal: DealView, function: str = "") -> tuple[str, Refusal | None]:
    """The function in which this person holds a deal: the one they name, or their first in its unit."""
    held = [seat.function for seat in seats if seat.role in WORKS and seat.covers(deal.unit)]
    return _one_of(held, function, Refusal("HOLD-3", f"A deal is held by a function of {deal.unit}.", False))


def on_account(seats: Iterable[SeatView], function: str = "") -> tuple[str, Refusal | None]:
    """An account spans units: a lead, a manager or an executive of a function holds it."""
    held = [seat.function for seat in seats if seat.role in LEADS]
    return _one_of(held, function, Refusal("HOLD-4", "An account is held by a lead or manager of a function.", False))


def _one_of(held: list[str], function: str, refusal: Refusal) -> tuple[str, Refusal | None]:
    if held and function in ("", *held):
        return function or held[0], None
    return "", refusal


def releasing(by: Actor, seats: Iterable[SeatView], deal: DealView, hold: Hold, paid: frozenset[int]) -> Refusal | None:
    """The function that placed it; and for another function than sales nobody who gains by the release."""
    if hold.of_hold is not None:
        return Refusal("HOLD-5", "The account is on hold: it is released there, for all its deals.", False)
    if not any(seat.function == hold.function and seat.role in WORKS and seat.covers(deal.unit) for seat in seats):
        return Refusal("HOLD-6", f"This hold is released by {hold.function}, which placed it.", False)
    if hold.function != "sales" and set(by.people) & (paid | {deal.owner_person}):
        return Refusal("SOD-16", "You own this deal or are paid on it, so another person releases this hold.")
    return None


def releasing_account(seats: Iterable[SeatView], hold: Hold) -> Refusal | None:
    if any(seat.function == hold.function and seat.role in LEADS for seat in seats):
        return None
    return Refusal("HOLD-7", f"This hold is released by a lead or manager of {hold.function}, which placed it.", False)
