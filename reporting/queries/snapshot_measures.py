"""What a month reported when it was closed, or restated: its newest snapshot. A restatement supersedes the receipt."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.db import connection

from ledger.queries import balances
from ledger.rules.money import plain
from reporting.queries import counted_deals
from reporting.queries.counted_deals import Counted
from reporting.queries.measuring import Answer, Asked, Measure, month, summed
from reporting.rules import figures
from reporting.rules.closing import end_of
from reporting.rules.figures import MEASURES as FIGURES
from reporting.rules.table import MONEY, NUMBER, TEXT, Cell, Column, Table

WAYS = ("unit", "period")
BOOKINGS = "bookings"
_OTHERS = tuple(name for name in FIGURES if name != BOOKINGS)
_COLUMNS = (
    Column("unit", TEXT), Column("period", TEXT), Column("version", NUMBER), Column("value", MONEY),
    *(Column(name, MONEY) for name in _OTHERS),
)  # fmt: skip
_NEWEST = """
SELECT DISTINCT ON (month) month, version, at, figures FROM reporting_snapshot
WHERE month >= coalesce(%s, '-infinity'::date) AND month < coalesce(%s, 'infinity'::date) ORDER BY month, version DESC
"""


def _reported(asked: Asked) -> Answer:
    with asked.reading(), connection.cursor() as cursor:
        cursor.execute(_NEWEST, [asked.since, asked.until])
        found = cursor.fetchall()
    counted = [
        Counted(*part, at, version > 1)
        for first, version, at, _said in found
        for part in figures.parts(BOOKINGS, first, end_of(first))
    ]
    lines: dict[tuple[str, str, int], dict[str, int]] = {}
    for first, version, _at, said in found:
        told: list[dict[str, Any]] = json.loads(said) if isinstance(said, str) else said
        for one in told:
            if asked.units is None or one["unit"] in asked.units:
                lines.setdefault((one["unit"], month(first), version), {})[one["measure"]] = one["amount_minor"]
    currency = asked.company.currency
    rows: list[tuple[Cell, ...]] = [
        (*key, *(plain(known.get(name, 0), currency) for name in (BOOKINGS, *_OTHERS)))
        for key, known in sorted(lines.items())
    ]
    return summed(
        (((unit, at), known.get(BOOKINGS, 0)) for (unit, at, _version), known in lines.items()),
        WAYS,
        asked,
        position=balances.position(asked.as_of),
        version=1,
        count=partial(counted_deals.count, counted, asked.units),
        behind=partial(counted_deals.behind, counted, asked.units),
        table=Table(_COLUMNS, currency, rows),
    )


MEASURES = (
    Measure(
        "as-reported", "Bookings as reported",
        "The bookings of months that are closed, as their newest snapshot reported them; the file holds every figure of"
        " it. A restatement supersedes it.",
        "finance", "What was told of a month, whatever is learned of it later.", "money", 1, WAYS, _reported,
    ),
)  # fmt: skip
