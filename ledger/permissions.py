"""Who may read the whole record: it holds every unit's deals, so a deal's own timeline is what others read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ledger.rules.problems import forbidden


class SeatLike(Protocol):
    """A seat, as the apps above know it."""

    @property
    def role(self) -> str: ...

    @property
    def unit(self) -> str | None: ...


READERS = ("auditor", "executive", "steward")


def can_read_record(roles: Iterable[str]) -> bool:
    return any(role in READERS for role in roles)


def check_can_read_record(roles: Iterable[str]) -> None:
    if not can_read_record(roles):
        raise forbidden("The whole record is read by auditors, executives and policy stewards. [RECORD-ACT-1]")


def can_ask_for_verification(roles: Iterable[str]) -> bool:
    return "auditor" in roles


def check_can_ask_for_verification(roles: Iterable[str]) -> None:
    if not can_ask_for_verification(roles):
        raise forbidden("A verification of the whole record is asked for by an auditor. [RECORD-ACT-2]")


def can_see_entry(seats: Iterable[SeatLike], unit: str | None) -> bool:
    """Readers of the record see every entry; others those of deals in their unit, as they see the deals."""
    held = [seat for seat in seats if seat.role != "admin"]
    if can_read_record(seat.role for seat in held):
        return True
    return unit is not None and any(seat.unit is None or seat.unit == unit for seat in held)
