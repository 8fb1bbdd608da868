"""Holds as the record has them: of a deal, of an account, and the deals that follow an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection

from governance.rules.hold import Hold
from ledger.queries import prepared
from pipeline.rules.policy import HISTORY, LOST

_COLUMNS = (
    "id, deal_id, account_id, key, function, reason, placed_by, placed_at, of_hold, released_by, released_at, entry_id"
)


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold with the names that lists show; of a deal that follows its account, those of the account's hold."""

    hold: Hold
    owner: int
    placed_by: str
    released_by: str


def _ask(sql: str, values: list[Any]) -> list[Hold]:
    return [Hold(*row) for row in prepared.rows(sql, values)]


def one(stream: str, number: int) -> Hold | None:
    """The hold that an entry of this stream placed."""
    sql = f"SELECT {_COLUMNS} FROM governance_hold WHERE stream = %s AND id = %s"
    return next(iter(_ask(sql, [stream, number])), None)


def open_by(stream: str, function: str) -> Hold | None:
    """The one open hold of a function."""
    where = "stream = %s AND function = %s AND of_hold IS NULL AND released_at IS NULL"
    return next(iter(_ask(f"SELECT {_COLUMNS} FROM governance_hold WHERE {where}", [stream, function])), None)


def of_account(account: int) -> list[Hold]:
    """Its open holds, under a lock that keeps others from placing or releasing one until this transaction ends."""
    return _ask(f"SELECT {_COLUMNS} FROM governance_holds_of_account(%s)", [account])


# The same lock, and only how many they are: most accounts have none.
HOW_MANY_OF_ACCOUNT = "SELECT count(*)::text FROM governance_holds_of_account(%(account)s)"


def followed(deal: int) -> list[Hold]:
    """The open holds of accounts that a deal follows."""
    where = "deal_id = %s AND of_hold IS NOT NULL AND released_at IS NULL"
    return _ask(f"SELECT {_COLUMNS} FROM governance_hold WHERE {where} ORDER BY id", [deal])


def following(hold: int) -> dict[int, Hold]:
    """Deal → its own open hold that follows this one of its account."""
    rows = _ask(f"SELECT {_COLUMNS} FROM governance_hold WHERE of_hold = %s AND released_at IS NULL", [hold])
    return {row.deal: row for row in rows if row.deal is not None}


def open_deals(account: int) -> list[int]:
    """Deals of an account that are neither lost nor history."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT deal_id FROM pipeline_dealstate WHERE account_id = %s AND stage NOT IN (%s, %s)",
            [account, LOST, HISTORY],
        )
        return [row[0] for row in cursor.fetchall()]


_ROWS = f"""
SELECT {", ".join(f"h.{name.strip()}" for name in _COLUMNS.split(","))}, p.id, p.name, r.name
FROM governance_hold h JOIN pipeline_person p ON p.id = coalesce(
    (SELECT a.placed_by FROM governance_hold a WHERE a.id = h.of_hold), h.placed_by)
LEFT JOIN pipeline_person r ON r.id = h.released_by
"""


def rows(stream: str, *, open_only: bool = False, before: int | None = None, limit: int = 50) -> list[HoldRow]:
    """Holds of a stream, newest first. The caller has checked that it may be seen."""
    more = " AND h.released_at IS NULL" if open_only else ""
    return _rows(f"h.stream = %s AND h.id < %s{more} ORDER BY h.id DESC LIMIT %s", [stream, before or 2**62, limit])


def row(stream: str, number: int) -> HoldRow:
    """One that is there."""
    return _rows("h.stream = %s AND h.id = %s", [stream, number])[0]


def _rows(where: str, values: list[Any]) -> list[HoldRow]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} WHERE {where}", values)
        return [HoldRow(Hold(*one[:12]), one[12], one[13], one[14] or "") for one in cursor.fetchall()]
