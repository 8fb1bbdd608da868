"""What was measured so far, and which deals are to be measured again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

_ONE = "SELECT pg_try_advisory_xact_lock(6077011)"
_KEPT = "SELECT deal_id, score, place, period, unit, value FROM reporting_integrity WHERE deal_id = ANY (%s)"
_CHANGED = """
SELECT s.deal_id FROM pipeline_dealstate s LEFT JOIN reporting_integrity i ON i.deal_id = s.deal_id
WHERE s.deal_id = ANY (%s) AND i.version IS DISTINCT FROM s.version
"""
_DUE = "SELECT deal_id FROM reporting_integrity WHERE again_at <= ledger_now() ORDER BY again_at LIMIT %s"
_MISSED = """
SELECT s.deal_id FROM pipeline_dealstate s LEFT JOIN reporting_integrity i ON i.deal_id = s.deal_id
WHERE i.version IS DISTINCT FROM s.version ORDER BY s.deal_id LIMIT %s
"""


class Where(NamedTuple):
    """Where an amount stands; nowhere is the empty place."""

    place: str
    period: date | None
    unit: str
    value: int


def alone() -> bool:
    """Whether this transaction is the one that measures: two would add the same change twice."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE)
        held: bool = cursor.fetchone()[0]
    return held


def kept(numbers: Sequence[int]) -> dict[int, tuple[Where, int]]:
    """Deal → where it stood, and its score."""
    return {deal: (Where(*where), score) for deal, score, *where in _ask(_KEPT, list(numbers))}


def changed(numbers: Sequence[int]) -> list[int]:
    """Those of these deals that are not measured as they stand."""
    return [row[0] for row in _ask(_CHANGED, list(numbers))]


def due(most: int) -> list[int]:
    """Deals whose score time alone may have changed."""
    return [row[0] for row in _ask(_DUE, most)]


def missed(most: int) -> list[int]:
    """Deals that are not measured as they stand, whatever the follower has seen. Reads every deal."""
    return [row[0] for row in _ask(_MISSED, most)]


def _ask(sql: str, said: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [said])
        return cursor.fetchall()
