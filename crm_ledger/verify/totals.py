"""Completeness of the cached totals: every block held against the raw sum, the first that differs is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_ledger.verify.progress import Progress, Rest
from crm_ledger.verify.reading import Reader
from crm_ledger.verify.report import Report
from crm_ledger.verify.sums import KEPT

AT_ONCE = 16  # blocks of a question
_EXTENT = "from_idx, to_idx, first_entry, last_entry, earliest, latest"
_BLOCKS = f"SELECT level, number, {_EXTENT} FROM ledger_block ORDER BY level, number"
# A block of the first level, as its leaves, entries and postings have it.
_LEAVES = """
SELECT b.number, count(*), min(e.id), max(e.id), min(e.recorded_at), max(e.recorded_at)
FROM ledger_block b JOIN ledger_leaf l ON l.idx >= b.from_idx AND l.idx < b.to_idx
    JOIN ledger_entry e ON e.id = l.entry_id
WHERE b.level = 0 AND b.number BETWEEN %s AND %s GROUP BY b.number
"""
_STRAY = """
SELECT t.level, t.number, sum(t.{value})::bigint FROM {table} t WHERE NOT EXISTS
    (SELECT FROM ledger_block b WHERE b.level = t.level AND b.number = t.number) GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1
"""

Extent = tuple[Any, ...]
Blocks = Mapping[int, Extent]


def check(reader: Reader, progress: Progress, rest: Rest) -> None:
    """Blocks without a gap from the first leaf on, none beyond the sealed ones, each with what it says it holds."""
    report, levels = progress.report, _levels(reader)
    seen = (-1, 0) if not progress.after else tuple(int(word) for word in progress.after.split())
    for level, blocks in enumerate(levels):
        below: Blocks = levels[level - 1] if level else {}
        if level > seen[0]:
            _numbers(report, level, blocks, below)
        for first in range(0, len(blocks), AT_ONCE):
            if (level, first) <= seen:
                continue
            last = min(first + AT_ONCE, len(blocks)) - 1
            report["completeness"].checked += last - first + 1
            _extents(reader, report, level, levels, first, last)
            _sums(reader, report, level, first, last)
            progress.after = f"{level} {first}"
            rest()
    for kept in KEPT:
        for level, number, amount in reader.ask(_STRAY.format(table=kept.table, value=kept.values[0])):
            _broken(report, level, number, kept.table, "a block", amount)


def _levels(reader: Reader) -> list[dict[int, Extent]]:
    """Level by level, number to extent; a level whose blocks are all missing is there and empty."""
    levels: list[dict[int, Extent]] = []
    for level, number, *extent in reader.rows(_BLOCKS):
        levels += [{} for _ in range(level + 1 - len(levels))]
        levels[level][number] = tuple(extent)
    while levels and len(levels[-1]) >= 4:
        levels.append({})
    return levels


def _numbers(report: Report, level: int, blocks: Blocks, below: Blocks) -> None:
    """None missing between the first and the last, and one for each four of the level below."""
    wanted = len(below) // 4 if level else len(blocks)
    for number in range(max(wanted, len(blocks))):
        if (number in blocks) != (number < wanted):
            _broken(report, level, number, "block", *(("a block", None) if number < wanted else (None, "a block")))
            return


def _extents(reader: Reader, report: Report, level: int, levels: Sequence[Blocks], first: int, last: int) -> None:
    """Where a block begins and ends, and its least and greatest entry and moment."""
    wanted = _larger(levels[level - 1], first, last) if level else _smallest(reader, levels[0], first, last)
    for number in range(first, last + 1):
        if number in levels[level] and wanted.get(number) != levels[level][number]:
            _broken(report, level, number, _EXTENT, wanted.get(number), levels[level][number])


def _smallest(reader: Reader, blocks: Blocks, first: int, last: int) -> dict[int, Extent]:
    """Each begins where the one before it ends, and ends after as many leaves as there are."""
    found = {}
    for number, leaves, *rest in reader.ask(_LEAVES, [first, last]):
        start = blocks.get(number - 1, (None, 0))[1]
        found[number] = (start, start + leaves, *rest)
    return found


def _larger(below: Blocks, first: int, last: int) -> dict[int, Extent]:
    """From the least to the greatest of four parts; the columns of an extent are a least and a greatest in turn."""
    found = {}
    for number in range(first, last + 1):
        parts = [below[part] for part in range(4 * number, 4 * number + 4) if part in below]
        columns = zip(*parts, strict=True)
        found[number] = tuple((min, max)[at % 2](column) for at, column in enumerate(columns))
    return found


def _sums(reader: Reader, report: Report, level: int, first: int, last: int) -> None:
    for kept in KEPT:
        size = len(kept.values)
        for number, *rest in reader.ask(kept.question(level), {"level": level, "first": first, "last": last}):
            key, raw, held = rest[: -2 * size], rest[-2 * size : -size], rest[-size:]
            said = f"total of {' '.join(str(part) for part in key if part != '')}"
            _broken(report, level, number, said, kept.told(raw), kept.told(held))


def _broken(report: Report, level: int, number: int, fact: str, expected: Any, found: Any) -> None:
    report.at("completeness", fact, expected, found, f"block {number} of level {level}")
