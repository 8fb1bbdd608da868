"""How long milestones waited for the functions that verified them, by gate.

From the entries of verification by their index: the newest of the period, so that it stays cheap and current.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from ledger.queries import remembered
from reporting.queries.measuring import Asked
from reporting.rules.forecast import waits as rule
from reporting.rules.forecast.waits import Wait

SAMPLE = 2000  # of the newest that were verified
# A milestone that several gates ask for waits at the first of them. A question rests the clock of its verifier. A
# decision that was undone was never taken: counted along its stream, which is how it is found by an index.
_WAITED = f"""
SELECT gate.stage, gate.function, (extract(epoch FROM v.recorded_at - sent.recorded_at) * 1000000)::bigint
    - coalesce((SELECT t.stopped_us FROM governance_turn t WHERE t.stream = v.stream AND t.submission = sent.id), 0),
    split_part(v.stream, '/', 2)::bigint, v.id
FROM (
    SELECT e.stream, e.id, e.seq, e.recorded_at, s.policy_version
    FROM public.ledger_entry e CROSS JOIN LATERAL (
        SELECT d.unit, d.policy_version FROM pipeline_dealstate d
        WHERE d.deal_id = split_part(e.stream, '/', 2)::bigint OFFSET 0) AS s
    WHERE e.kind = 'milestone.verified' AND e.recorded_at >= %(since)s AND e.recorded_at < %(until)s
      AND e.recorded_at <= %(as_of)s AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s))
    ORDER BY e.recorded_at DESC LIMIT {SAMPLE}
) AS v CROSS JOIN LATERAL (
    SELECT convert_from(e.envelope, 'UTF8')::jsonb #>> '{{body,key}}' AS key
    FROM public.ledger_entry e WHERE e.id = v.id OFFSET 0
) AS said CROSS JOIN LATERAL (
    SELECT e.id, e.recorded_at FROM public.ledger_entry e
    WHERE e.stream = v.stream AND e.seq < v.seq AND e.kind = 'milestone.submitted'
      AND convert_from(e.envelope, 'UTF8')::jsonb #>> '{{body,key}}' = said.key ORDER BY e.seq DESC LIMIT 1
) AS sent CROSS JOIN LATERAL (
    SELECT r.stage, r.function FROM public.pipeline_gaterequirement r
    JOIN public.pipeline_policystage p ON p.version = r.version AND p.stage = r.stage
    WHERE r.version = v.policy_version AND r.kind = 'milestone' AND r.key = said.key ORDER BY p.place LIMIT 1
) AS gate WHERE (
    SELECT count(*) FROM public.ledger_entry u
    WHERE u.stream = v.stream AND u.seq > v.seq AND u.kind = 'milestone.undone' AND u.recorded_at <= %(as_of)s
      AND (convert_from(u.envelope, 'UTF8')::jsonb #>> '{{body,undoes}}')::bigint = v.id
) = 0
"""


def waits(asked: Asked, since: datetime, until: datetime) -> list[Wait]:
    """Of what was verified from `since` to before `until`, in the order of the gates."""
    said, key = _said(asked, since, until), (_WAITED, asked.units, since, until)

    def read() -> tuple[Wait, ...]:
        return tuple(rule.waits((stage, function, us) for stage, function, us, *_where in _read(said)))

    with asked.reading():
        found = remembered.remembered(key, read, asked.as_of)
    return sorted(found, key=lambda wait: _place(asked, wait.stage))


def waited(asked: Asked, since: datetime, until: datetime, stage: str, function: str) -> list[tuple[int, int, int]]:
    """(entry of the verification, deal, microseconds waited) of what a function verified for a gate, newest first."""
    with asked.reading():
        rows = _read(_said(asked, since, until))
    return sorted(
        ((entry, deal, us) for at, by, us, deal, entry in rows if (at, by) == (stage, function)), reverse=True
    )


def _said(asked: Asked, since: datetime, until: datetime) -> dict[str, Any]:
    return {
        "units": None if asked.units is None else list(asked.units), "since": since, "until": until,
        "as_of": asked.as_of,
    }  # fmt: skip


def _read(said: dict[str, Any]) -> Sequence[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, said)
        return cursor.fetchall()


def gates(asked: Asked) -> dict[str, str]:
    """Stage → its name, in order, by the policy that was in force then."""
    policy = asked.policy
    return {stage.key: stage.name for stage in policy.stages} if policy else {}


def _place(asked: Asked, stage: str) -> int:
    """A gate that the policy in force has no more comes last."""
    known = list(asked.once(gates))
    return known.index(stage) if stage in known else len(known)
