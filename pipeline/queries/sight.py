"""Who may see a deal is decided by where it stands today, also when its past is read."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from ledger.queries import moment
from ledger.rules.problems import not_found
from pipeline.rules.seats import SeatView, visible_units


def unit(state: str = "s") -> str:
    """SQL of the unit that decides, for a row of pipeline_dealstate."""
    if moment.past() is None:
        return f"{state}.unit"
    return f"(SELECT unit FROM public.pipeline_dealstate WHERE deal_id = {state}.deal_id)"


def sees(seats: Sequence[SeatView], number: int, known: str) -> bool:
    """Whether these seats see a deal; `known` is the unit in which it was read."""
    units = visible_units(seats)
    return units is None or (known if moment.past() is None else _today(number)) in units


def check(seats: Sequence[SeatView], number: int, known: str) -> None:
    """404, not 403: what is foreign does not exist."""
    if not sees(seats, number, known):
        raise not_found(f"Deal D-{number:06d}")


def _today(number: int) -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unit FROM public.pipeline_dealstate WHERE deal_id = %s", [number])
        row = cursor.fetchone()
    return row[0] if row else None
