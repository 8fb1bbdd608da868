"""Keeps the totals of what is sealed. The database computes them itself; nobody hands it a number."""

from __future__ import annotations

import time

from django.db import connections

PATIENCE = 20.0  # seconds of one run: the rest is for the next one


def roll(patience: float = PATIENCE) -> int:
    """Adds the blocks that sealed entries have filled; returns how many. After days off the next run goes on.

    Each batch commits by itself, so a killed run loses nothing; of two at once one adds nothing.
    """
    until, made = time.monotonic() + patience, 0
    while True:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT ledger_roll()")
            (added,) = cursor.fetchone()
        made += added
        if not added or time.monotonic() >= until:
            return made


def forget(using: str) -> None:
    """Takes every block away, as the owner; until they are rolled anew, sums read the postings."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT ledger_forget_totals()")
