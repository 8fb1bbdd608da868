"""Waivers as the record holds them: of a deal, of a team in a quarter, and those that wait or have run out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from governance.rules.waiver import DECIDES, Waiver
from pipeline.queries.deals import ref_of
from pipeline.rules.seats import SeatView

COLUMNS = (
    "id, key, reason, unit, requester, requester_function, requested_at, valid_until, value_minor, state, approver,"
    " approver_function, decided_at, closed_at, entry_id"
)
_OPEN = "state IN ('requested', 'granted')"


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """A waiver with the words that lists show."""

    waiver: Waiver
    deal: int
    title: str
    requester: str
    approver: str

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


def _ask(where: str, values: list[Any], more: str = "") -> list[Waiver]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COLUMNS} FROM governance_waiver WHERE {where} {more}", values)
        return [Waiver(*row) for row in cursor.fetchall()]


def open_of(stream: str, key: str) -> Waiver | None:
    """The one open waiver of a requirement."""
    return next(iter(_ask(f"stream = %s AND key = %s AND {_OPEN}", [stream, key])), None)


def hold_team(unit: str, function: str) -> None:
    """Two grants of one team wait for each other, so that together they stay within the budget."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"waivers of {function} in {unit}"])


def of_team(unit: str, function: str, since: datetime) -> list[Waiver]:
    """What a team was granted since a moment: its debt of the quarter."""
    where = "unit = %s AND requester_function = %s AND decided_at >= %s AND state <> 'refused'"
    return _ask(where, [unit, function, since])


def ended(limit: int = 500) -> list[tuple[int, str]]:
    """(deal, key) of open waivers whose end has passed, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT deal_id, key FROM governance_waiver WHERE {_OPEN} AND valid_until <= (SELECT ledger_now())"
            " ORDER BY valid_until LIMIT %s",
            [limit],
        )
        return cursor.fetchall()


_ROWS = f"""
SELECT {", ".join(f"w.{name.strip()}" for name in COLUMNS.split(","))}, w.deal_id, d.title, p.name, a.name
FROM governance_waiver w JOIN pipeline_deal d ON d.id = w.deal_id
JOIN pipeline_person p ON p.id = w.requester LEFT JOIN pipeline_person a ON a.id = w.approver
"""


def _rows(where: str, values: list[Any]) -> list[WaiverRow]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} WHERE {where}", values)
        return [WaiverRow(Waiver(*row[:15]), row[15], row[16], row[17], row[18] or "") for row in cursor.fetchall()]


def of_deal(number: int) -> list[WaiverRow]:
    """Every waiver of a deal, newest first, at most 100. The caller has checked that the deal may be seen."""
    return _rows("w.deal_id = %s ORDER BY w.id DESC LIMIT 100", [number])


def waiting(seats: Iterable[SeatView], person: int, limit: int = 50) -> list[WaiverRow]:
    """Requests that this person may decide, soonest end first."""
    held = [(seat.function, seat.unit) for seat in seats if seat.role in DECIDES]
    if not held:
        return []
    return _rows(
        "w.state = 'requested' AND w.requester <> %s"
        " AND EXISTS (SELECT FROM unnest(%s::text[], %s::text[]) AS held (f, u)"
        " WHERE held.f <> w.requester_function AND (held.u IS NULL OR held.u = w.unit))"
        " ORDER BY w.valid_until, w.id LIMIT %s",
        [person, [function for function, _ in held], [unit for _, unit in held], limit],
    )
