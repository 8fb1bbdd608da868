"""What a person may do with a deal. `check_` raises with a sentence, `can_` answers for a button."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ledger.rules.actor import SYSTEM_PERSON, Actor
from ledger.rules.problems import Problem, forbidden, not_found
from pipeline.rules.deal import DealView
from pipeline.rules.seats import SeatView, visible_units

IMPORTING = ("manager", "steward", "executive")
WORKING = ("rep", "manager", "lead", "executive", "steward")


def can_see_unit(seats: Iterable[SeatView], unit: str) -> bool:
    units = visible_units(seats)
    return units is None or unit in units


def check_can_see(seats: Iterable[SeatView], deal: DealView) -> None:
    """404, not 403: what is foreign does not exist."""
    if not can_see_unit(seats, deal.unit):
        raise not_found(f"Deal {deal.ref}")


def can_act(by: Actor, seats: Iterable[SeatView], deal: DealView) -> bool:
    return by.person == deal.owner_person or manages(seats, deal.unit)


def check_can_act(by: Actor, seats: tuple[SeatView, ...], deal: DealView) -> None:
    """The owner and the sales managers of the unit move a deal."""
    check_can_see(seats, deal)
    if not can_act(by, seats, deal):
        raise forbidden(
            f"{deal.ref} is moved by its owner or a sales manager of its unit. Ask one of them. [DEAL-ACT-1]"
        )


def manages(seats: Iterable[SeatView], unit: str) -> bool:
    return any(seat.role == "manager" and seat.function == "sales" and seat.covers(unit) for seat in seats)


def check_can_assign(seats: tuple[SeatView, ...], deal: DealView) -> None:
    check_can_see(seats, deal)
    if not manages(seats, deal.unit):
        raise forbidden(f"{deal.ref} is assigned by a sales manager of its unit. [DEAL-ACT-2]")


def sales_seat(seats: Iterable[SeatView]) -> SeatView | None:
    """The seat in which a person opens deals."""
    return next((seat for seat in seats if seat.function == "sales" and seat.unit is not None), None)


def check_can_open(seats: Iterable[SeatView]) -> None:
    if not any(seat.function == "sales" for seat in seats):
        raise forbidden("Deals are opened from a sales seat. Ask an administrator for one. [DEAL-ACT-3]")


def check_can_keep_references(by: Actor, seats: Iterable[SeatView]) -> None:
    """Accounts, contacts and products are opened by whoever works with deals; the system itself may too."""
    if by.person != SYSTEM_PERSON and not any(seat.role in WORKING for seat in seats):
        raise forbidden("Accounts, contacts and products are opened by people who work with deals. [REF-ACT-1]")


def check_can_steward(seats: Iterable[SeatView]) -> None:
    if not any(seat.role == "steward" for seat in seats):
        raise forbidden("A policy is drafted and published by a policy steward. [POLICY-ACT-1]")


def check_can_try(seats: Iterable[SeatView]) -> None:
    """A trial names deals and people of every unit, so it is for who sees all of them."""
    if visible_units(seats) is not None:
        raise forbidden("A policy is tried on every unit's deals, by somebody who sees them all. [POLICY-ACT-2]")


def can_import(seats: Iterable[SeatView]) -> bool:
    return any(seat.role in IMPORTING for seat in seats)


def check_can_import(seats: Iterable[SeatView]) -> None:
    if not can_import(seats):
        raise forbidden("Files are imported by a manager, an executive or a policy steward. [IMPORT-ACT-1]")


def check_can_keep_calendar(seats: Iterable[SeatView]) -> None:
    if not any(seat.role in ("admin", "steward") for seat in seats):
        raise forbidden("Holidays are kept by an administrator or a policy steward. [HOLIDAY-ACT-1]")


def check_can_publish_rates(by: Actor, seats: Iterable[SeatView]) -> None:
    """A rate is the company's: by who holds finance in every unit; the system itself may too."""
    if by.person != SYSTEM_PERSON and not any(seat.function == "finance" and seat.unit is None for seat in seats):
        raise forbidden("Rates are published by finance, from a seat that covers every unit. [RATE-ACT-1]")


def stale_version(ref: str, expected: int, version: int) -> Problem:
    return Problem(
        "stale-version",
        412,
        "Somebody else acted first",
        f"{ref} is at version {version}, not {expected}. Read it again; what you wrote is kept. [EDIT-409]",
        extra={"version": version},
    )


def summary(seats: Sequence[SeatView]) -> dict[str, Any]:
    """What these seats allow at all, for a person who asks; each act is still judged on its deal."""
    units = visible_units(seats)
    return {
        "units": None if units is None else list(units),
        "open_deals": any(seat.function == "sales" for seat in seats),
        "assign_deals": any(seat.role == "manager" and seat.function == "sales" for seat in seats),
        "steward_policy": any(seat.role == "steward" for seat in seats),
        "import_files": can_import(seats),
    }
