"""What is summed up by block, and the same sums told by the entries: of postings, of deals by stage, of what
waits on functions, and of what is asked of capacity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

_DIFFERENCE = """
SELECT number, {columns}, {raw_values}, {held_values} FROM ({raw}) AS raw FULL JOIN (
    SELECT * FROM {table} WHERE level = %(level)s AND number BETWEEN %(first)s AND %(last)s
) AS held USING (number, {columns})
WHERE ({raw_values}) IS DISTINCT FROM ({held_values}) ORDER BY number, {columns} LIMIT 10
"""
_PARTS = """
SELECT number / 4 AS number, {columns}, {sums} FROM {table}
WHERE level = %(level)s - 1 AND number BETWEEN 4 * %(first)s AND 4 * %(last)s + 3
GROUP BY number / 4, {columns} {having}
"""
_LEAVES_OF = """
FROM ledger_block b JOIN ledger_leaf l ON l.idx >= b.from_idx AND l.idx < b.to_idx
"""
_OF_LEVEL_0 = "WHERE b.level = 0 AND b.number BETWEEN %(first)s AND %(last)s GROUP BY b.number"


class Kept(NamedTuple):
    """A table of sums by block: what it sums up by, what it sums, and how the entries of a block tell it."""

    table: str
    columns: str
    values: tuple[str, ...]
    words: str
    raw: str
    having: str = ""

    def question(self, level: int) -> str:
        raw_values, held_values = (", ".join(f"{side}.{name}" for name in self.values) for side in ("raw", "held"))
        sums = ", ".join(f"sum({name}) AS {name}" for name in self.values)
        parts = _PARTS.format(columns=self.columns, sums=sums, table=self.table, having=self.having)
        return _DIFFERENCE.format(
            columns=self.columns, raw_values=raw_values, held_values=held_values, table=self.table,
            raw=parts if level else self.raw,
        )  # fmt: skip

    def told(self, values: Sequence[Any]) -> str | None:
        return None if values[0] is None else self.words.format(*(int(value) for value in values))


_STAGES_MOVE = "HAVING sum(deals) <> 0 OR sum(amount) <> 0"
KEPT = (
    Kept(
        "ledger_total", "book, place, period, unit, cause, currency", ("amount", "postings"), "{} in {} postings",
        f"""SELECT b.number, p.book, p.place, p.period, p.unit, p.cause, coalesce(p.currency, '') AS currency,
            sum(p.amount) AS amount, count(*) AS postings
        {_LEAVES_OF} JOIN ledger_posting p ON p.entry_id = l.entry_id
        {_OF_LEVEL_0}, p.book, p.place, p.period, p.unit, p.cause, coalesce(p.currency, '')""",
    ),
    Kept(
        "pipeline_stage_total", "stage, unit, currency", ("deals", "amount"), "{} deals of {}",
        f"""SELECT b.number, s.stage, coalesce(o.unit, '') AS unit, coalesce(s.currency, '') AS currency,
            sum(sign) AS deals, sum(sign * coalesce(s.amount_minor, 0)) AS amount
        {_LEAVES_OF} JOIN ledger_entry e ON e.id = l.entry_id AND e.stage IS NOT NULL CROSS JOIN LATERAL (
            SELECT 1 AS sign, e.stage, e.currency, e.amount_minor, e.owner UNION ALL (
            SELECT -1, p.stage, p.currency, p.amount_minor, p.owner FROM ledger_entry p
            WHERE p.stream = e.stream AND p.seq < e.seq AND p.stage IS NOT NULL ORDER BY p.seq DESC LIMIT 1)
        ) AS s LEFT JOIN pipeline_seat o ON o.id = s.owner
        {_OF_LEVEL_0}, s.stage, coalesce(o.unit, ''), coalesce(s.currency, '')
        HAVING sum(sign) <> 0 OR sum(sign * coalesce(s.amount_minor, 0)) <> 0""",
        _STAGES_MOVE,
    ),
    Kept(
        "governance_waiting_total", "function, unit", ("deals", "amount"), "{} deals of {}",
        f"""SELECT b.number, w.function, w.unit, sum(sign) AS deals, sum(sign * w.value_minor) AS amount
        {_LEAVES_OF} CROSS JOIN LATERAL (
            SELECT 1 AS sign, function, unit, value_minor FROM governance_waiting WHERE from_entry = l.entry_id
            UNION ALL SELECT -1, function, unit, value_minor FROM governance_waiting WHERE until_entry = l.entry_id
        ) AS w {_OF_LEVEL_0}, w.function, w.unit HAVING sum(sign) <> 0 OR sum(sign * w.value_minor) <> 0""",
        _STAGES_MOVE,
    ),
    Kept(
        "governance_demand_total", "unit, stage, month", ("units",), "{} units",
        f"""SELECT b.number, m.unit, m.stage, m.month, sum(m.units) AS units
        {_LEAVES_OF} CROSS JOIN LATERAL governance_demand_moves(l.entry_id) AS m
        {_OF_LEVEL_0}, m.unit, m.stage, m.month HAVING sum(m.units) <> 0""",
        "HAVING sum(units) <> 0",
    ),
)  # fmt: skip
