"""`manage.py import_billing FILE --as EMAIL`: invoices, credit notes and payments from a CSV; faults by line."""

from __future__ import annotations

import csv
import io
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from pipeline.management import people
from pipeline.queries.deals import number_of
from reporting.commands import billing
from reporting.rules.billing_rows import RowFault, read

MOST_ROWS = 100_000


class Command(BaseCommand):
    help = "Reads invoices, credit notes and payments: columns sort, number, deal, day, amount, currency."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", required=True, help="who of finance states it")
        parser.add_argument("--dry-run", action="store_true", help="judge every row the same way, and write nothing")

    def handle(self, *args: Any, file: Path, email: str, dry_run: bool, **options: Any) -> None:
        by = people.actor(email)
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        counts = {"read": 0, "accepted": 0, "unchanged": 0, "rejected": 0}
        for line, cells in enumerate(csv.DictReader(io.StringIO(text)), start=2):
            if line > MOST_ROWS + 1:
                raise CommandError(f"The file has more than {MOST_ROWS} rows. Split it.")
            counts["read"] += 1
            counts[self._row(line, cells, by, dry_run)] += 1
        self.stdout.write(json.dumps(counts))

    def _row(self, line: int, cells: dict[str, str], by: Actor, dry_run: bool) -> str:
        ref, found = read(cells)
        faults = [found] if isinstance(found, RowFault) else []
        if not isinstance(found, RowFault):
            try:
                row = billing.state(number_of(ref), found, by=by, dry_run=dry_run)
                return "accepted" if row is not None or dry_run else "unchanged"
            except Problem as problem:
                names = {"/number": "number", "/day": "day", "/currency": "currency", "/deal": "deal"}
                faults = [
                    RowFault(names.get(one.pointer, "deal"), one.code, one.message) for one in problem.faults
                ] or [RowFault("number" if problem.slug == "number-taken" else "deal", problem.slug, problem.detail)]
        for fault in faults:
            said = cells.get(fault.column) or ""
            self.stderr.write(f"line {line}, {fault.column} “{said[:60]}”: {fault.message} [{fault.code}]")
        return "rejected"
