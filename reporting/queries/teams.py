"""Sales teams by unit and the seats of each, as they are today, and the groups in which their figures may be shown."""

from __future__ import annotations

from ledger.queries import prepared
from reporting.rules import privacy
from reporting.rules.privacy import Group

# Today's teams, at whatever moment is read: two moments of one team never differ by who joined between them.
_SEATS = """
SELECT unit, array_agg(id ORDER BY id) FROM public.pipeline_seat
WHERE function = 'sales' AND unit IS NOT NULL AND role = 'rep' AND from_at <= (SELECT public.ledger_now())
  AND (until_at IS NULL OR until_at > (SELECT public.ledger_now())) GROUP BY unit ORDER BY unit
"""


def seats() -> dict[str, frozenset[int]]:
    """Unit → the seats of its reps."""
    return {unit: frozenset(held) for unit, held in prepared.rows(_SEATS, [])}


def groups() -> tuple[Group, ...]:
    """Teams of at least five, smaller ones merged: of the whole company, so that everybody gets the same groups."""
    return privacy.merged(seats())


def group_of(unit: str) -> Group | None:
    """The group that shows a team; None when all teams together are too few."""
    return next((group for group in groups() if unit in group.names), None)
