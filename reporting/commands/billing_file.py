"""Takes up a file of finance row by row: through command and program alike. The same file again changes nothing."""

from __future__ import annotations

from django.db import transaction

from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from pipeline.queries.deals import number_of
from pipeline.rules.importing import row_file
from pipeline.rules.importing.row_file import MOST_ROWS, Cells, Outcome, Report, RowFault
from reporting.commands import billing
from reporting.rules.billing_rows import COLUMNS, read

_NAMES = {"/number": "number", "/day": "day", "/currency": "currency", "/deal": "deal"}


def take(data: bytes, *, by: Actor, dry_run: bool = False, most: int = MOST_ROWS) -> Report:
    """Each row by itself; a rejected one holds up no other. Raises Problem for a file that cannot be read at all."""
    report = Report()
    for line, cells in row_file.rows(data, COLUMNS, most=most):
        report.add(line, cells, _row(cells, by, dry_run))
    return report


def _row(cells: Cells, by: Actor, dry_run: bool) -> Outcome | list[RowFault]:
    ref, found = read(cells)
    if isinstance(found, RowFault):
        return [found]
    try:
        with transaction.atomic():  # so that a refusal takes back its own row alone
            row = billing.state(number_of(ref), found, by=by, dry_run=dry_run)
    except Problem as problem:
        told = [RowFault(_NAMES.get(one.pointer, "deal"), one.code, one.message) for one in problem.faults]
        return told or [RowFault("number" if problem.slug == "number-taken" else "deal", problem.slug, problem.detail)]
    return "accepted" if row is not None or dry_run else "unchanged"
