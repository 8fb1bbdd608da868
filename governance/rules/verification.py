"""Who may prepare, verify, revoke and attest. The same rules for everyone, administrators included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.rules.actor import Actor
from ledger.rules.standing import Standing
from pipeline.rules.deal import DealView
from pipeline.rules.seats import SeatView, holds


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why this person may not. `code` is stable; `separation` tells duties from plain rights."""

    code: str
    sentence: str
    separation: bool = True


@dataclass(frozen=True, slots=True)
class Conflicts:
    """People who stand too near: the uploaders of this evidence, and who is paid on the deal."""

    uploaders: frozenset[int]
    paid: frozenset[int]


def preparing(by: Actor, seats: Iterable[SeatView], deal: DealView, function: str) -> Refusal | None:
    """Evidence and submissions come from the function itself, or from the owner of the deal."""
    if by.person == deal.owner_person or holds(seats, function, deal.unit):
        return None
    return Refusal("SOD-1", f"This milestone belongs to {function} in {deal.unit}. Ask somebody there.", False)


def verifying(
    by: Actor, seats: Iterable[SeatView], deal: DealView, standing: Standing, conflicts: Conflicts
) -> Refusal | None:
    """Somebody else: not owner, preparer, uploader or paid, and in the function at that moment."""
    people = set(by.people)
    if not holds(seats, standing.function, deal.unit):
        return Refusal("SOD-2", f"This is verified by {standing.function} in {deal.unit}. You hold no seat there.")
    if people & conflicts.uploaders:
        return Refusal("SOD-3", "You uploaded this evidence, so another person verifies it.")
    if standing.preparer in people:
        return Refusal("SOD-4", "You submitted this milestone, so another person verifies it.")
    if deal.owner_person in people:
        return Refusal("SOD-5", "You own this deal, so another person verifies it.")
    if people & conflicts.paid:
        return Refusal("SOD-6", "You are paid on this deal, so another person verifies it.")
    return None


def revoking(by: Actor, seats: Iterable[SeatView], deal: DealView, standing: Standing) -> Refusal | None:
    """The function takes its word back; the owner of the deal cannot do it for them."""
    if holds(seats, standing.function, deal.unit):
        return None
    return Refusal("SOD-7", f"A verification is revoked by {standing.function} in {deal.unit}.", False)


def attesting(
    by: Actor, seats: Iterable[SeatView], deal: DealView, function: str, given_by: Iterable[int], paid: frozenset[int]
) -> Refusal | None:
    """A function signs through who holds it; one person signs for one function; who is paid signs for sales only."""
    people = set(by.people)
    if not holds(seats, function, deal.unit):
        return Refusal("SOD-8", f"{function} attests through somebody who holds it in {deal.unit}.")
    if people & set(given_by):
        return Refusal("SOD-9", "You attested these terms for another function, so another person attests here.")
    if function != "sales" and people & (paid | {deal.owner_person}):
        return Refusal("SOD-10", f"You own this deal or are paid on it, so another person attests for {function}.")
    return None


def approving(by: Actor, seats: Iterable[SeatView], deal: DealView, role: str, paid: frozenset[int]) -> Refusal | None:
    """An approval comes from the role that the policy names, and never from who gains by it."""
    if not any(seat.role == role and seat.covers(deal.unit) for seat in seats):
        return Refusal("SOD-11", f"This is approved in the role {role}, which you do not hold in {deal.unit}.")
    if set(by.people) & (paid | {deal.owner_person}):
        return Refusal("SOD-12", "You own this deal or are paid on it, so another person approves it.")
    return None
