"""Values of the record as programs read them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ledger.rules.money import plain


def money(minor: int | None, currency: str | None) -> dict[str, str] | None:
    """`{"amount": "240000.00", "currency": "EUR"}`; None while it is not known: unpriced, never zero."""
    if minor is None or currency is None:
        return None
    return {"amount": plain(minor, currency), "currency": currency}


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the microsecond, with a Z."""
    if at is None:
        return None
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)  # what the database gives is in UTC
    return utc.isoformat(timespec="microseconds")[:-6] + "Z"


def day(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
