"""Breaks as the record has them: open ones of deals, lists, and sums by unit and month."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection

from governance.rules.breaks import Break
from ledger.rules.problems import not_found
from pipeline.queries.deals import ref_of
from pipeline.rules.seats import SeatView, visible_units

_COLUMNS = (
    "id", "deal_id", "unit", "sort", "function", "month", "amount_minor", "currency", "facts", "found_at", "at",
    "cleared_at", "entry_id",
)  # fmt: skip
_FACTS = _COLUMNS.index("facts")
_SELECT = f"SELECT {', '.join(f'b.{name}' for name in _COLUMNS)}"
_ROWS = f"""
{_SELECT}, d.title, a.id, a.state, a.due_at, p.name FROM governance_break b
JOIN pipeline_deal d ON d.id = b.deal_id LEFT JOIN governance_alert a ON a.about = b.stream
LEFT JOIN pipeline_seat o ON o.id = a.owner_seat LEFT JOIN pipeline_person p ON p.id = o.person_id
"""
_SUMS = """
SELECT unit, month, function, sort, sum(amount_minor)::bigint, count(*) FROM governance_break
WHERE cleared_at IS NULL AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s))
  AND (%(since)s::date IS NULL OR month >= %(since)s) AND (%(until)s::date IS NULL OR month < %(until)s)
GROUP BY unit, month, function, sort
"""
_LINES = """
SELECT deal_id, unit, month, function, sort, facts, amount_minor FROM governance_break
WHERE cleared_at IS NULL AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s))
  AND (%(since)s::date IS NULL OR month >= %(since)s) AND (%(until)s::date IS NULL OR month < %(until)s)
ORDER BY deal_id, sort
"""
# One place for a deal, whatever its breaks: the newest of them says where it stands in a list.
_DEALS = """
FROM (
    SELECT deal_id, min(unit) AS unit, string_agg(sort, ', ' ORDER BY sort) AS place,
        sum(amount_minor)::bigint AS amount, max(entry_id) AS entry
    FROM governance_break WHERE cleared_at IS NULL AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s))
      AND (%(since)s::date IS NULL OR month >= %(since)s) AND (%(until)s::date IS NULL OR month < %(until)s)
    GROUP BY deal_id
) AS found
"""


@dataclass(frozen=True, slots=True)
class BreakRow:
    """A break with the words that lists show, and the alert that it opened."""

    found: Break
    title: str
    alert: int | None
    state: str | None
    due: Any
    owner: str

    @property
    def deal(self) -> str:
        return ref_of(self.found.deal)


class Line(NamedTuple):
    """An open break without its words."""

    deal: int
    unit: str
    month: date
    function: str
    sort: str
    facts: Mapping[str, Any]
    amount: int


class Sum(NamedTuple):
    unit: str
    month: date
    function: str
    sort: str
    amount: int
    many: int


def _break(row: Sequence[Any]) -> Break:
    held = list(row)
    held[_FACTS] = json.loads(held[_FACTS]) if isinstance(held[_FACTS], str) else held[_FACTS]
    return Break(*held)


def open_of(deals: Iterable[int]) -> dict[int, dict[str, Break]]:
    """Deal → sort → the break that is open."""
    found: dict[int, dict[str, Break]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SELECT} FROM governance_break b WHERE b.deal_id = ANY (%s) AND b.cleared_at IS NULL", [list(deals)]
        )
        for row in cursor.fetchall():
            one = _break(row)
            found.setdefault(one.deal, {})[one.sort] = one
    return found


def unreconciled(deals: Iterable[int]) -> set[int]:
    """Those of these deals on which promise, plan and books do not agree."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT deal_id FROM governance_break WHERE deal_id = ANY (%s) AND cleared_at IS NULL",
            [list(deals)],
        )
        return {row[0] for row in cursor.fetchall()}


def deals_of(streams: Iterable[str]) -> list[int]:
    """The deals whose breaks these streams are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT deal_id FROM governance_break WHERE stream = ANY (%s)", [list(streams)])
        return [row[0] for row in cursor.fetchall()]


def visible(seats: Sequence[SeatView], number: int) -> BreakRow:
    """The break, or not-found for what does not exist and for what these seats may not see, alike."""
    units = visible_units(seats)
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROWS} WHERE b.id = %s", [number])
        row = cursor.fetchone()
    if row is None or (units is not None and row[2] not in units):
        raise not_found(f"Break {number}")
    return _row(row)


def listing(
    seats: Sequence[SeatView],
    *,
    unit: str = "",
    sort: str = "",
    deal: int | None = None,
    until: date | None = None,
    cleared: bool = False,
    after: tuple[Any, int] | None = None,
    limit: int = 50,
) -> list[BreakRow]:
    """At most `limit` breaks that these seats may see: open ones by amount, most first, or cleared ones, newest first.
    `until` is the day after the last month, `after` the last (amount, or moment of clearing; id)."""
    units = visible_units(seats)
    order = "b.cleared_at" if cleared else "b.amount_minor"
    where, values = [f"b.cleared_at IS {'NOT ' if cleared else ''}NULL"], []
    for condition, given in (
        ("b.unit = ANY (%s)", list(units) if units is not None else None), ("b.unit = %s", unit or None),
        ("b.sort = %s", sort or None), ("b.deal_id = %s", deal), ("b.month < %s", until),
    ):  # fmt: skip
        if given is not None:
            where.append(condition)
            values.append(given)
    if after is not None:
        where.append(f"({order}, b.id) < (%s, %s)")
        values += after
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ROWS} WHERE {' AND '.join(where)} ORDER BY {order} DESC, b.id DESC LIMIT %s", [*values, limit]
        )
        return [_row(row) for row in cursor.fetchall()]


def cursor_of(row: BreakRow, cleared: bool) -> str:
    one = row.found
    return f"{one.cleared_at.isoformat() if cleared and one.cleared_at else one.amount}_{one.id}"


def after_of(said: str, cleared: bool) -> tuple[Any, int] | None:
    """What `cursor_of` wrote, for `listing`; anything else is the first page."""
    at, _dash, number = said.rpartition("_")
    try:
        key: Any = datetime.fromisoformat(at) if cleared else int(at)
        return key, int(number)
    except ValueError:
        return None


def _row(row: tuple[Any, ...]) -> BreakRow:
    title, alert, state, due, owner = row[len(_COLUMNS) :]
    return BreakRow(_break(row[: len(_COLUMNS)]), title, alert, state, due, owner or "")


def sums(units: Sequence[str] | None, since: date | None = None, until: date | None = None) -> list[Sum]:
    """What is open, by unit, month, function and sort; `until` is the day after the last month."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, _scope(units, since, until))
        return [Sum(*row) for row in cursor.fetchall()]


def lines(units: Sequence[str] | None, since: date | None, until: date | None) -> list[Line]:
    """Every open break of a scope; each has an alert of somebody, so there are never too many to read."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, _scope(units, since, until))
        return [
            Line._make([*row[:5], json.loads(row[5]) if isinstance(row[5], str) else row[5], row[6]])
            for row in cursor.fetchall()
        ]


def count_deals(units: Sequence[str] | None, since: date | None, until: date | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_DEALS}", _scope(units, since, until))
        many: int = cursor.fetchone()[0]
    return many


def deals(
    units: Sequence[str] | None, since: date | None, until: date | None, before: int | None, most: int
) -> list[tuple[Any, ...]]:
    """(deal, title, unit, sorts, amount, entry) of deals with open breaks, newest entry first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT found.deal_id, d.title, found.unit, found.place, found.amount, found.entry {_DEALS}"
            " JOIN pipeline_deal d ON d.id = found.deal_id"
            " WHERE found.entry < coalesce(%(before)s, 9223372036854775807)"
            " ORDER BY found.entry DESC LIMIT %(most)s",
            _scope(units, since, until) | {"before": before, "most": most},
        )
        return cursor.fetchall()


def next_numbers(many: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('governance_break_number') FROM generate_series(1, %s)", [many])
        return [row[0] for row in cursor.fetchall()]


def _scope(units: Sequence[str] | None, since: date | None, until: date | None) -> dict[str, Any]:
    return {"units": None if units is None else list(units), "since": since, "until": until}
