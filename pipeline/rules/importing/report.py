"""The faults of an import as a CSV that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from pipeline.rules.importing.faults import HEADER, RowFault


def faults_csv(faults: Iterable[RowFault]) -> str:
    """One line a fault, in the order of the files; cells that would start a formula are quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows(fault.cells() for fault in faults)
    return out.getvalue()
