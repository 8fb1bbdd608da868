"""Who may read the whole record: it holds every unit's deals, so a deal's own timeline is what others read."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.rules.problems import forbidden

READERS = ("auditor", "executive", "steward")


def can_read_record(roles: Iterable[str]) -> bool:
    return any(role in READERS for role in roles)


def check_can_read_record(roles: Iterable[str]) -> None:
    if not can_read_record(roles):
        raise forbidden("The whole record is read by auditors, executives and policy stewards. [RECORD-ACT-1]")
