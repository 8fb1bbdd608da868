"""Alerts as the record holds them: one, lists by their due moment, what the clock calls for, and counts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from governance.rules import projected
from governance.rules.alert import Alert
from ledger.rules.problems import not_found
from pipeline.queries.deals import ref_of
from pipeline.rules.seats import SeatView, visible_units

COLUMNS = (
    "id", "about", "subject", "milestone_id", "deal_id", "key", "function", "unit", "owner_seat", "counterpart",
    "missed_at", "opened_at", "due_at", "severity", "warned_at", "stake", "stake_minor", "currency", "state", "rung",
    "rung_at", "next_at", "cause", "promised_on", "acknowledged_by", "acknowledged_at", "explained_by", "explained_at",
    "committed_by", "committed_at", "closed_by", "closed_at", "entry_id",
)  # fmt: skip
# What was missed is done or answered, or nobody owes it any more; what did not agree does.
_DONE = (
    "CASE WHEN a.subject = 'break' THEN b.cleared_at IS NOT NULL"
    " ELSE coalesce(st.effect = 'met' OR st.status = 'released' OR s.stage IN ('lost', 'history')"
    "  OR st.requirement = 'handshake' AND st.status = 'refused', true) END"
)
_STAKE = COLUMNS.index("stake")
_SELECT = f"""
SELECT {", ".join(f"a.{name}" for name in COLUMNS)}, m.name, d.title, o.person_id, p.name,
    {_DONE}, coalesce(st.requirement = 'handshake', false),
    coalesce(st.effect = 'unmet' AND st.status <> 'released' AND s.stage NOT IN ('lost', 'history'), false)
FROM governance_alert a
LEFT JOIN governance_milestone m ON m.id = a.milestone_id
LEFT JOIN pipeline_deal d ON d.id = a.deal_id
LEFT JOIN pipeline_dealstate s ON s.deal_id = a.deal_id
LEFT JOIN ledger_standing st ON (st.stream, st.key) = (m.stream, m.key)
LEFT JOIN governance_break b ON a.subject = 'break' AND b.stream = a.about
LEFT JOIN pipeline_seat o ON o.id = a.owner_seat
LEFT JOIN pipeline_person p ON p.id = o.person_id
"""


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert with the words that lists show. `done`: what was missed is done or answered by now, or nobody owes it
    any more. `owed`: it has a day still that can be moved, as a handshake that was refused has."""

    alert: Alert
    milestone: str
    title: str
    owner_person: int | None
    owner: str
    done: bool
    handshake: bool  # what was missed is agreed, not verified
    owed: bool

    @property
    def month(self) -> date:
        """The first month in which something is at stake; that of the opening where nothing is."""
        first = min((str(part["period"])[:10] for part in self.alert.stake), default="")
        return date.fromisoformat(first) if first else self.alert.opened_at.date()

    @property
    def deal(self) -> str | None:
        return None if self.alert.deal is None else ref_of(self.alert.deal)


def _row(row: tuple[Any, ...]) -> AlertRow:
    known = list(row[: len(COLUMNS)])
    known[_STAKE] = json.loads(known[_STAKE]) if isinstance(known[_STAKE], str) else known[_STAKE]
    name, title, person, owner, *flags = row[len(COLUMNS) :]
    return AlertRow(Alert(*known), name or "", title or "", person, owner or "", *flags)


def one(number: int) -> AlertRow:
    """Raises not-found."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE a.id = %s", [number])
        row = cursor.fetchone()
    if row is None:
        raise not_found(f"Alert {number}")
    return _row(row)


def visible(seats: Sequence[SeatView], number: int) -> AlertRow:
    """The alert, or not-found for what does not exist and for what these seats may not see, alike."""
    row, units = one(number), visible_units(seats)
    if units is not None and row.alert.unit not in units:
        raise not_found(f"Alert {number}")
    return row


def listing(
    seats: Sequence[SeatView],
    *,
    states: Iterable[str] = (),
    milestone: int | None = None,
    deal: int | None = None,
    function: str | None = None,
    unit: str | None = None,
    escalated: bool = False,
    mine: int | None = None,
    closed: bool = False,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[AlertRow]:
    """At most `limit` alerts that these seats may see, soonest due first; `after` is the last (due, id). With `closed`
    those that are, newest first; `after` is the last (closed, id)."""
    where: list[str] = ["true"]
    values: list[Any] = []

    def only(condition: str, *given: Any) -> None:
        where.append(condition)
        values.extend(given)

    units, wanted = visible_units(seats), list(states)
    if units is not None:
        only("a.unit = ANY (%s)", list(units))
    if wanted:
        only("a.state = ANY (%s)", wanted)
        if "closed" not in wanted:
            only("a.state <> 'closed'")  # so that the small index of what is open answers
    if milestone is not None:
        only("a.milestone_id = %s", milestone)
    if deal is not None:
        only("a.deal_id = %s", deal)
    if function:
        only("a.function = %s", function)
    if unit:
        only("a.unit = %s", unit)
    if escalated:
        only("a.rung > 0 AND a.state <> 'closed'")
    if mine is not None:
        held = [(seat.function, seat.unit) for seat in seats]
        only("EXISTS (SELECT FROM unnest(%s::text[], %s::text[]) AS held (f, u)"
             " WHERE held.f = a.function AND (held.u IS NULL OR held.u = a.unit))",
             [name for name, _ in held], [place for _, place in held])  # fmt: skip
    if closed:
        only("a.closed_at IS NOT NULL")
    if after is not None:
        only("(a.closed_at, a.id) < (%s, %s)" if closed else "(a.due_at, a.id) > (%s, %s)", *after)
    order = "a.closed_at DESC, a.id DESC" if closed else "a.due_at, a.id"
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT} WHERE {' AND '.join(where)} ORDER BY {order} LIMIT %s", [*values, limit])
        return [_row(row) for row in cursor.fetchall()]


def cursor_of(row: AlertRow, closed: bool) -> str:
    """The place of a row in `listing`."""
    at = row.alert.closed_at if closed and row.alert.closed_at else row.alert.due_at
    return f"{at.isoformat()}_{row.alert.id}"


def after_of(said: str) -> tuple[datetime, int] | None:
    """What `cursor_of` wrote; anything else is the first page."""
    at, _dash, number = said.rpartition("_")
    try:
        return datetime.fromisoformat(at), int(number)
    except ValueError:
        return None


# Closing is the last step and never undone, so the table of now answers for every moment. One probe a unit of the index
# of kept promises; a closing after a broken one that nobody made anew keeps none.
_KEPT = """
SELECT max(kept.closed_at) FROM public.pipeline_unit u, LATERAL (
    SELECT a.closed_at FROM public.governance_alert a WHERE a.unit = u.key AND a.closed_at <= (SELECT ledger_now())
      AND a.committed_at > a.explained_at ORDER BY a.closed_at DESC LIMIT 1
) AS kept WHERE %(units)s::text[] IS NULL OR u.key = ANY (%(units)s::text[])
"""


def last_kept(seats: Sequence[SeatView]) -> datetime | None:
    """When somebody last said that a promise was kept, of the alerts that these seats may see."""
    units = visible_units(seats)
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, {"units": None if units is None else list(units)})
        found: datetime | None = cursor.fetchone()[0]
    return found


def called(limit: int, without: Iterable[int] = ()) -> list[int]:
    """Alerts that the clock calls for, longest waiting first. A promise that was kept waits for a person instead."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id FROM governance_alert a LEFT JOIN governance_milestone m ON m.id = a.milestone_id"
            " LEFT JOIN ledger_standing st ON (st.stream, st.key) = (m.stream, m.key)"
            " LEFT JOIN pipeline_dealstate s ON s.deal_id = a.deal_id"
            " LEFT JOIN governance_break b ON a.subject = 'break' AND b.stream = a.about"
            " WHERE a.next_at <= (SELECT ledger_now()) AND NOT a.id = ANY (%s)"
            f" AND NOT (a.state = 'committed' AND {_DONE})"
            " ORDER BY a.next_at LIMIT %s",
            [list(without), limit],
        )
        return [row[0] for row in cursor.fetchall()]


def promised_of_capacity(limit: int) -> list[tuple[int, str, str]]:
    """(number, unit, about) of alerts of capacity whose promised day has passed, longest waiting first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, unit, about FROM governance_alert WHERE next_at <= (SELECT ledger_now())"
            " AND state = 'committed' AND subject = 'capacity' ORDER BY next_at LIMIT %s",
            [limit],
        )
        return cursor.fetchall()


def ids_of_milestone(number: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM governance_alert WHERE milestone_id = %s ORDER BY id", [number])
        return [row[0] for row in cursor.fetchall()]


def of_capacity(unit: str, month: date, limit: int = 20) -> list[Alert]:
    """Alerts about a month of a unit that are not closed, whatever forecast they name: one stretch of an index."""
    first = projected.about(unit, month, "")
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_SELECT} WHERE a.about >= %s AND a.about < %s AND a.state <> 'closed' ORDER BY a.id LIMIT %s",
            [first, first[:-1] + "0", limit],  # "0" comes after "/"
        )
        return [_row(row).alert for row in cursor.fetchall()]
