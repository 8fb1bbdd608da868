"""A certified table as CSV: UTF-8 with its mark, so that a spreadsheet reads every name."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from reporting.rules.certified import lines
from reporting.rules.table import Table

TYPE = "text/csv; charset=utf-8"


def content(table: Table, receipt: Mapping[str, Any]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in lines(table, receipt):
        writer.writerow(["" if value is None else str(value) for _column, value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
