"""Separation of duties for a person: `check_…` raises with a sentence that says who can instead."""

from __future__ import annotations

from collections.abc import Iterable

from governance.rules.verification import Refusal
from ledger.rules.problems import Problem, forbidden
from pipeline.rules.seats import SeatView


def check(refusal: Refusal | None, others: Iterable[str] = ()) -> None:
    """403 `separation-of-duties`, naming at most three people who can act instead."""
    if refusal is None:
        return
    names = list(others)
    who = f" {_names(names)} can." if names else ""
    sentence = f"{refusal.sentence}{who} [{refusal.code}]"
    if not refusal.separation:
        raise forbidden(sentence)
    raise Problem("separation-of-duties", 403, "Another person decides this", sentence, extra={"code": refusal.code})


def sentence(refusal: Refusal) -> str:
    """The same words for a page that shows a shut action."""
    return f"{refusal.sentence} [{refusal.code}]"


def check_can_subscribe(seats: Iterable[SeatView]) -> None:
    """A program hears what its person may see, so who sees no deal has nothing to subscribe to."""
    if not any(seat.role != "admin" for seat in seats):
        raise forbidden("Webhooks belong to people who see deals. An administrator sees their state only. [HOOK-ACT-1]")


def administers(seats: Iterable[SeatView]) -> bool:
    """Sees whether messages arrive, never what they say."""
    return any(seat.role == "admin" for seat in seats)


def _names(names: list[str]) -> str:
    if len(names) <= 2:
        return " and ".join(names)
    return f"{names[0]} and {len(names) - 1} others"
