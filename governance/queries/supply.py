"""What units can deliver: base, verified expansions, ceiling, and what is taken, without a lock."""

from __future__ import annotations

import json
from datetime import date

from django.db import connection

from governance.rules.capacity import Expansion, Supply

_SUPPLY = """
SELECT u.capacity_base, governance_ceiling(), (SELECT coalesce(jsonb_agg(jsonb_build_array(e.units, e.ordered_on::text,
    e.lead_days)), '[]') FROM governance_expansion e WHERE e.unit = u.key AND e.state = 'verified')
FROM pipeline_unit u WHERE u.key = %s
"""
_TAKEN = "SELECT month, soft + confirmed FROM governance_capacitymonth WHERE unit = %s AND month >= %s AND month < %s"


def of_unit(unit: str) -> Supply:
    with connection.cursor() as cursor:
        cursor.execute(_SUPPLY, [unit])
        base, ceiling, expansions = cursor.fetchone()
    more = tuple(Expansion(units, date.fromisoformat(day), lead) for units, day, lead in json.loads(expansions))
    return Supply(base, more, ceiling)


def taken(unit: str, first: date, until: date) -> dict[date, int]:
    """Units that are promised in each month from `first` (included) to `until` (not), soft and confirmed."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [unit, first, until])
        return dict(cursor.fetchall())
