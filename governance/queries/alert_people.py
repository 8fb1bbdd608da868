"""What an alert needs to know of people and of the calendar when it opens, and whom each rung calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from governance.rules.alert import HIGH, Alert
from pipeline.rules.calendar import Calendar

# One statement for any number of alerts: there may be a thousand misses at once. OFFSET 0 keeps the moment of a warning
# from being looked up by time, through the whole record, instead of along its stream.
_OPENING = """
SELECT given.at, (SELECT nextval('governance_alert_number')
        WHERE NOT EXISTS (SELECT FROM governance_alert WHERE about = given.about)
          AND NOT EXISTS (SELECT FROM governance_alert WHERE milestone_id = given.milestone AND (state = 'committed'
            OR state <> 'closed' AND promised_on = (given.missed AT TIME ZONE u.timezone)::date))),
    u.timezone, (SELECT array_agg(day) FROM pipeline_holiday WHERE unit = u.key AND name <> ''), o.id, o.person_id,
    (SELECT max(said.recorded_at) FROM (SELECT recorded_at, envelope FROM ledger_entry
            WHERE stream = 'deal/' || given.deal AND kind = 'milestone.warned' OFFSET 0) AS said
        WHERE said.recorded_at < given.missed
          AND convert_from(said.envelope, 'UTF8')::jsonb #>> '{body,key}' = given.key),
    (SELECT name FROM governance_milestone WHERE id = given.milestone),
    (SELECT title FROM pipeline_deal WHERE id = given.deal),
    (SELECT (one ->> 'value')::numeric FROM pipeline_dealstate d
        JOIN pipeline_policyversion v ON v.version = d.policy_version,
        jsonb_array_elements(v.document -> 'thresholds') AS one
        WHERE d.deal_id = given.deal AND one ->> 'key' = %(high)s)
FROM unnest(%(about)s::text[], %(deal)s::bigint[], %(milestone)s::bigint[], %(key)s::text[], %(function)s::text[],
        %(unit)s::text[], %(owner)s::bigint[], %(missed)s::timestamptz[])
    WITH ORDINALITY AS given (about, deal, milestone, key, function, unit, owner, missed, at)
JOIN pipeline_unit u ON u.key = given.unit LEFT JOIN LATERAL (
    SELECT s.id, s.person_id FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id
    WHERE s.function = given.function AND (s.unit = u.key OR s.unit IS NULL) AND p.is_active
      AND s.from_at <= ledger_now() AND (s.until_at IS NULL OR s.until_at > ledger_now())
    ORDER BY s.id IS NOT DISTINCT FROM given.owner DESC, s.person_id IS NOT DISTINCT FROM (
        SELECT preparer FROM ledger_standing WHERE stream = 'deal/' || given.deal AND key = given.key) DESC,
        s.unit IS NULL, s.role = 'lead' DESC, s.id LIMIT 1
) AS o ON true
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """`number` None: it is open already, or a promise of it is broken and opens that one again, or has done so. The
    owner is the seat that answers: the owner of the deal for sales, else who prepared it, else a lead of the function
    in the unit; None when nobody holds the function."""

    number: int | None
    calendar: Calendar
    seat: int | None
    person: int | None
    warned_at: datetime | None
    milestone: str
    title: str
    high: int | None = None  # what the policy of the deal calls grave


def opening(about: str, said: Mapping[str, Any]) -> Opening:
    """`said`: deal, milestone, key, function, unit, owner (a seat) and missed."""
    return openings([(about, said)])[0]


def openings(asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Opening]:
    """The same for many alerts at once, in their order."""
    names = ("deal", "milestone", "key", "function", "unit", "owner", "missed")
    columns: dict[str, Any] = {name: [said[name] for _, said in asked] for name in names}
    with connection.cursor() as cursor:
        cursor.execute(_OPENING, {**columns, "about": [about for about, _ in asked], "high": HIGH})
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_opening(rows.get(at)) for at in range(1, len(asked) + 1)]


def _opening(row: tuple[Any, ...] | None) -> Opening:
    if row is None:
        return Opening(None, Calendar(), None, None, None, "", "")
    number, zone, holidays, seat, person, warned, milestone, title, high = row
    calendar = Calendar(zone or "UTC", frozenset(holidays or ()))
    return Opening(number, calendar, seat, person, warned, milestone or "", title or "", high and int(high))


_RUNG = {
    1: "s.function = %(counterpart)s AND (s.unit = %(unit)s OR s.unit IS NULL AND s.role = 'lead')"
       " OR s.id = (SELECT reports_to FROM pipeline_seat WHERE id = %(owner)s)"
       " OR s.function = %(function)s AND s.role = 'manager' AND s.unit = %(unit)s",
    2: "s.function = %(function)s AND s.role = 'executive'",
}  # fmt: skip


def audience(alert: Alert, rung: int) -> list[int]:
    """Rung 0: the owner. Rung 1: the counterpart and the manager. Rung 2: the executive of the function."""
    who = _RUNG.get(rung, "s.id = %(owner)s")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT s.person_id FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id"
            f" WHERE p.is_active AND s.from_at <= ledger_now() AND (s.until_at IS NULL OR s.until_at > ledger_now())"
            f" AND ({who}) LIMIT 50",
            {
                "counterpart": alert.counterpart,
                "unit": alert.unit,
                "owner": alert.owner_seat,
                "function": alert.function,
            },
        )
        return [row[0] for row in cursor.fetchall()]
