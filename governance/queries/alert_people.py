"""What an alert needs to know of people and of the calendar when it opens, and whom each rung calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from governance.rules.alert import HIGH, Alert
from pipeline.rules.calendar import Calendar

# One statement: opening an alert is part of noting a miss, of which there may be a thousand at once.
_OPENING = """
SELECT (SELECT nextval('governance_alert_number')
        WHERE NOT EXISTS (SELECT FROM governance_alert WHERE about = %(about)s)
          AND NOT EXISTS (SELECT FROM governance_alert WHERE milestone_id = %(milestone)s AND state = 'committed')),
    u.timezone, (SELECT array_agg(day) FROM pipeline_holiday WHERE unit = u.key AND name <> ''), o.id, o.person_id,
    (SELECT max(e.recorded_at) FROM ledger_entry e WHERE e.stream = 'deal/' || %(deal)s AND e.kind = 'milestone.warned'
        AND convert_from(e.envelope, 'UTF8')::jsonb #>> '{body,key}' = %(key)s AND e.recorded_at < %(missed)s),
    (SELECT name FROM governance_milestone WHERE id = %(milestone)s),
    (SELECT title FROM pipeline_deal WHERE id = %(deal)s),
    (SELECT (one ->> 'value')::numeric FROM pipeline_dealstate d
        JOIN pipeline_policyversion v ON v.version = d.policy_version,
        jsonb_array_elements(v.document -> 'thresholds') AS one WHERE d.deal_id = %(deal)s AND one ->> 'key' = %(high)s)
FROM pipeline_unit u LEFT JOIN LATERAL (
    SELECT s.id, s.person_id FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id
    WHERE s.function = %(function)s AND (s.unit = u.key OR s.unit IS NULL) AND p.is_active
      AND s.from_at <= ledger_now() AND (s.until_at IS NULL OR s.until_at > ledger_now())
    ORDER BY s.id IS NOT DISTINCT FROM %(owner)s DESC, s.person_id IS NOT DISTINCT FROM (
        SELECT preparer FROM ledger_standing WHERE stream = 'deal/' || %(deal)s AND key = %(key)s) DESC,
        s.unit IS NULL, s.role = 'lead' DESC, s.id LIMIT 1
) AS o ON true
WHERE u.key = %(unit)s
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """`number` None: it is open already, or a promise of it is broken and opens that one again. The owner is the seat
    that answers: the owner of the deal for sales, else who prepared it, else a lead of the function in the unit; None
    when nobody holds the function."""

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
    with connection.cursor() as cursor:
        cursor.execute(_OPENING, {"about": about, "high": HIGH, **said})
        row = cursor.fetchone()
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
