"""The promise ledger as CSV: UTF-8 with its mark, days in ISO 8601, money as decimal text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from ledger.rules.money import plain
from pipeline.queries.deals import ref_of
from reporting.rules.certified import guarded
from reporting.rules.promises import Promise

TYPE = "text/csv; charset=utf-8"
MOST = 10_000  # deals in one file; a unit's own file holds more of it
COLUMNS = (
    "deal",
    "title",
    "unit",
    "value",
    "currency",
    "promised",
    "feasible",
    "estimated",
    "delivered",
    "state",
    "days",
)


def content(rows: Iterable[Promise], currency: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            (
                ref_of(row.deal), guarded(row.title), guarded(row.unit), plain(row.value, currency), currency,
                row.promised, row.feasible, "yes" if row.estimated else "no", row.delivered or "", row.state, row.days,
            )
        )  # fmt: skip
    return b"\xef\xbb\xbf" + out.getvalue().encode()
