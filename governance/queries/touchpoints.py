"""Touchpoints of an account and its health, as the record has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from governance.rules.touchpoint import FULL, Touchpoint

_COLUMNS = "id, account_id, kind, weight, function, logged_by, logged_as, logged_at, settled_by, settled_at, entry_id"
_ROWS = f"""
SELECT {", ".join(f"t.{name.strip()}" for name in _COLUMNS.split(","))}, p.name, s.name
FROM governance_touchpoint t JOIN pipeline_person p ON p.id = t.logged_by
LEFT JOIN pipeline_person s ON s.id = t.settled_by
"""


@dataclass(frozen=True, slots=True)
class TouchpointRow:
    """A touchpoint with the names that lists show."""

    touchpoint: Touchpoint
    logged_by: str
    settled_by: str


@dataclass(frozen=True, slots=True)
class Health:
    """`score` of 100 and how many touchpoints are open. Full where nothing was ever logged."""

    score: int = FULL
    open: int = 0


def one(account: int, number: int) -> Touchpoint | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM governance_touchpoint WHERE account_id = %s AND id = %s", [account, number]
        )
        row = cursor.fetchone()
    return Touchpoint(*row) if row else None


def rows(account: int, *, open_only: bool = False, before: int | None = None, limit: int = 50) -> list[TouchpointRow]:
    """Newest first."""
    more = " AND t.settled_at IS NULL" if open_only else ""
    where = f"t.account_id = %s AND t.id < %s{more} ORDER BY t.id DESC LIMIT %s"
    return _rows(where, [account, before or 2**62, limit])


def row(account: int, number: int) -> TouchpointRow:
    """One that is there."""
    return _rows("t.account_id = %s AND t.id = %s", [account, number])[0]


def _rows(where: str, values: list[Any]) -> list[TouchpointRow]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} WHERE {where}", values)
        return [TouchpointRow(Touchpoint(*one[:11]), one[11], one[12] or "") for one in cursor.fetchall()]


def health(account: int) -> Health:
    with connection.cursor() as cursor:
        cursor.execute("SELECT score, open FROM governance_accounthealth WHERE account_id = %s", [account])
        found = cursor.fetchone()
    return Health(*found) if found else Health()
