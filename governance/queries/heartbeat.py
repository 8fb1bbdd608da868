"""The pulse of each function in a week: what it decided, what is overdue, how long the oldest has waited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ledger.queries import moment, remembered
from ledger.queries.sums_by_deal import SumsByDeal

# What waits on a function: submitted to it, offered to it, or past its due moment (sql/waiting_for_answers.sql).
_FUNCTION = "governance_waits_on(st.requirement, st.effect, st.status, st.missed_at, st.function)"
_WAITING = f"""
    st.effect = 'unmet' AND (st.status IN ('submitted', 'offered') OR st.missed_at IS NOT NULL)
      AND {_FUNCTION} IS NOT NULL
"""
# `held` is the value of one deal. A question of the verifier stops their clock: `oldest` is later by as long as it was
# open.
_OF_DEAL = f"""
    SELECT {_FUNCTION} AS function, s.unit, s.deal_id, max(coalesce(s.value_minor, 0)) AS held,
        count(*) FILTER (WHERE st.status IN ('submitted', 'offered')) AS waiting,
        count(*) FILTER (WHERE st.missed_at IS NOT NULL) AS late,
        min(CASE WHEN st.status NOT IN ('submitted', 'offered') THEN st.due_at
            ELSE st.at + coalesce(t.stopped_us, 0) * interval '1 microsecond'
                + CASE WHEN t.question IS NULL THEN interval '0' ELSE ledger_now() - t.asked_at END END) AS oldest,
        max(st.entry_id) AS entry
    FROM ledger_standing st JOIN pipeline_dealstate s ON s.stream = st.stream
        LEFT JOIN governance_turn t ON t.stream = st.stream AND t.submission = st.entry_id
    WHERE {_WAITING}
      AND (%(functions)s::text[] IS NULL OR {_FUNCTION} = ANY (%(functions)s::text[]))
      AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s::text[]))
    GROUP BY 1, s.unit, s.deal_id
"""
# The same for every function and unit, of the present, deal by deal.
_ADDS = f"""
SELECT s.deal_id, {_FUNCTION}, s.unit, max(coalesce(s.value_minor, 0))
FROM ledger_standing st JOIN pipeline_dealstate s ON s.stream = st.stream
WHERE {_WAITING} {{some}}
GROUP BY s.deal_id, 2, s.unit
"""
_VALUE = SumsByDeal(_ADDS, lambda *group: [group])
_WAITS = f"""
SELECT function, unit, sum(held) AS value, sum(waiting)::bigint AS waiting, sum(late)::bigint AS late,
    min(oldest) AS oldest
FROM ({_OF_DEAL}) AS of_deal GROUP BY function, unit
"""
# Of a moment: sums of what is sealed and the entries behind it; see sql/waiting_totals.sql.
_WAITED = "SELECT function, unit, amount FROM governance_waiting_at(%s, ledger_now())"
# The same without handshakes: whiles of deals that have none, and the others folded.
_VERIFIED_ONLY = """
WITH shaken AS MATERIALIZED (
    SELECT DISTINCT stream FROM public.ledger_standing WHERE requirement = 'handshake'
), held AS (
    SELECT w.function, w.unit, w.value_minor FROM governance_waiting w
    WHERE w.until_entry IS NULL AND NOT EXISTS (SELECT FROM shaken WHERE shaken.stream = w.stream)
    UNION ALL
    SELECT st.function, s.unit, max(coalesce(s.value_minor, 0))
    FROM ledger_standing st JOIN pipeline_dealstate s ON s.stream = st.stream
    WHERE st.stream = ANY (ARRAY(SELECT stream FROM shaken)) AND st.requirement = 'milestone' AND st.effect = 'unmet'
      AND (st.status = 'submitted' OR st.missed_at IS NOT NULL) AND st.status <> 'released'
    GROUP BY st.function, s.unit, s.deal_id
)
SELECT function, unit, sum(value_minor)::bigint FROM held WHERE %(units)s::text[] IS NULL OR unit = ANY (%(units)s)
GROUP BY function, unit
"""
# Of a moment, deal by deal: whiles that had not ended by then, from the newest entry known back.
_SCOPE = """
{0}.until_entry IS NULL AND (%(functions)s::text[] IS NULL OR {0}.function = ANY (%(functions)s::text[]))
    AND (%(units)s::text[] IS NULL OR {0}.unit = ANY (%(units)s::text[]))
"""
_WAITED_DEALS = f"""
SELECT newest.deal_id, d.title, whole.unit, whole.functions, whole.amount, newest.from_entry FROM (
    SELECT w.deal_id, w.stream, w.from_entry FROM governance_waiting w
    WHERE {_SCOPE.format("w")} AND w.from_entry <= (SELECT ledger_past.newest())
      AND w.from_entry < coalesce(%(before)s, 9223372036854775807)
      AND NOT EXISTS (SELECT FROM governance_waiting n WHERE n.stream = w.stream AND {_SCOPE.format("n")}
          AND (n.from_entry, n.function) > (w.from_entry, w.function))
    ORDER BY w.from_entry DESC LIMIT %(limit)s
) AS newest JOIN pipeline_deal d ON d.id = newest.deal_id, LATERAL (
    SELECT min(o.unit) AS unit, string_agg(o.function, ', ' ORDER BY o.function) AS functions,
        sum(o.value_minor)::bigint AS amount
    FROM governance_waiting o WHERE o.stream = newest.stream AND {_SCOPE.format("o")}
) AS whole ORDER BY newest.from_entry DESC
"""
_HOW_MANY_WAITED = f"SELECT count(DISTINCT w.deal_id) FROM governance_waiting w WHERE {_SCOPE.format('w')}"
# Of milestones and of handshakes, each along its index. An offer is an act of who made it, while nobody has answered.
_DECIDED = """
SELECT done.function, s.unit, count(*) FILTER (WHERE done.status = 'verified') AS verified,
    count(*) FILTER (WHERE done.status IN ('accepted', 'refused')) AS answered, count(*) AS decided
FROM (
    SELECT stream, function, status FROM ledger_standing
    WHERE requirement = 'milestone' AND status IN ('verified', 'rejected') AND at >= %(since)s AND at < %(until)s
    UNION ALL
    SELECT stream, CASE WHEN status = 'offered' THEN facts ->> 'offered_by' ELSE function END, status
    FROM ledger_standing WHERE requirement = 'handshake' AND status IN ('offered', 'accepted', 'refused')
      AND at >= %(since)s AND at < %(until)s
) AS done JOIN pipeline_dealstate s ON s.stream = done.stream
WHERE (%(functions)s::text[] IS NULL OR done.function = ANY (%(functions)s::text[]))
  AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s::text[]))
GROUP BY done.function, s.unit
"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """One function in one unit. `decided`: what it verified or rejected, answered, or offered. It is silent when work
    waits and that is nothing."""

    function: str
    unit: str
    verified: int = 0
    answered: int = 0
    decided: int = 0
    waiting: int = 0
    overdue: int = 0
    value_minor: int = 0
    oldest: datetime | None = None

    def silent_since(self, since: datetime) -> bool:
        return self.decided == 0 and self.oldest is not None and self.oldest < since


def remember() -> None:
    """Reads what every deal that waits adds, so that nobody waits for it later."""
    _VALUE.sums()


def pulses(
    since: datetime, until: datetime, units: Iterable[str] | None = None, functions: Iterable[str] | None = None
) -> list[Pulse]:
    """By value held, most first. Two small scans: what waits, and what was decided in those days."""
    given = {
        "units": None if units is None else list(units), "functions": None if functions is None else list(functions),
        "since": since, "until": until,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(w.function, d.function), coalesce(w.unit, d.unit), coalesce(d.verified, 0),"
            " coalesce(d.answered, 0), coalesce(d.decided, 0), coalesce(w.waiting, 0), coalesce(w.late, 0),"
            " coalesce(w.value, 0)::bigint, w.oldest"
            f" FROM ({_WAITS}) AS w FULL JOIN ({_DECIDED}) AS d USING (function, unit)"
            " ORDER BY coalesce(w.value, 0) DESC, 1, 2",
            given,
        )
        return [Pulse(*row) for row in cursor.fetchall()]


def waiting(units: Iterable[str] | None = None) -> list[tuple[str, str, int]]:
    """(function, unit, value of the deals that wait on it), at the moment that is being read."""
    if moment.past() is None:
        seen = None if units is None else set(units)
        sums = _VALUE.sums().items()
        return [(function, unit, value) for (function, unit), (value, _n) in sums if seen is None or unit in seen]

    def read() -> list[tuple[str, str, int]]:
        with connection.cursor() as cursor:
            cursor.execute(_WAITED, [None if units is None else list(units)])
            return cursor.fetchall()

    return remembered.remembered(("waiting", None if units is None else tuple(units)), read)


def waiting_for_verification(units: Iterable[str] | None) -> list[tuple[str, str, int]]:
    """What `waiting` was while it left handshakes out: for receipts that were signed under that definition."""
    with connection.cursor() as cursor:
        cursor.execute(_VERIFIED_ONLY, _of(units))
        return cursor.fetchall()


class WaitingDeal(NamedTuple):
    """A deal that waits; `amount` is its value once for each function. `entry` is the newest that it waits since; of
    the past also one that has set its value or unit since."""

    deal: int
    title: str
    unit: str
    functions: str
    amount: int
    entry: int


def waiting_deals(
    units: Iterable[str] | None, before: int | None, limit: int, functions: Iterable[str] | None = None
) -> list[WaitingDeal]:
    """The deals behind `waiting`, newest first, on some functions or on any; `before` is the entry of the last deal
    seen."""
    said = _of(units, functions) | {"before": before, "limit": limit}
    with connection.cursor() as cursor:
        if moment.past() is not None:
            cursor.execute(_WAITED_DEALS, said)
            return [WaitingDeal(*row) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT found.deal_id, d.title, found.unit, found.functions, found.amount, found.entry FROM ("
            " SELECT deal_id, min(unit) AS unit, string_agg(function, ', ' ORDER BY function) AS functions,"
            f" sum(held)::bigint AS amount, max(entry) AS entry FROM ({_OF_DEAL}) AS of_deal GROUP BY deal_id"
            " HAVING max(entry) < coalesce(%(before)s, 9223372036854775807) ORDER BY max(entry) DESC LIMIT %(limit)s"
            ") AS found JOIN pipeline_deal d ON d.id = found.deal_id ORDER BY found.entry DESC",
            said,
        )
        return [WaitingDeal(*row) for row in cursor.fetchall()]


def count_waiting(units: Iterable[str] | None, functions: Iterable[str] | None = None) -> int:
    if moment.past() is not None:
        return int(remembered.rows(_HOW_MANY_WAITED, _of(units, functions))[0][0])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(DISTINCT deal_id) FROM ({_OF_DEAL}) AS of_deal", _of(units, functions))
        found: int = cursor.fetchone()[0]
    return found


def _of(units: Iterable[str] | None, functions: Iterable[str] | None = None) -> dict[str, Any]:
    return {
        "units": None if units is None else list(units), "functions": None if functions is None else list(functions),
    }  # fmt: skip
