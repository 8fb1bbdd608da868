"""What a subscription may ask for: single kinds of entries, or all kinds of a noun."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.rules.kinds import KINDS

ALL = "*"


def known() -> list[str]:
    """Every word that may be asked for: `*`, `booking.*`, `booking.recorded`, …"""
    nouns = {name.split(".")[0] for name in KINDS}
    return [ALL, *sorted({f"{noun}.*" for noun in nouns} | set(KINDS))]


def unknown(asked: Iterable[str]) -> list[str]:
    words = set(known())
    return [word for word in asked if word not in words]


def kinds(asked: Iterable[str]) -> list[str]:
    """The kinds that these words stand for, sorted."""
    words = set(asked)
    if ALL in words:
        return sorted(KINDS)
    return sorted(name for name in KINDS if name in words or f"{name.split('.')[0]}.*" in words)
