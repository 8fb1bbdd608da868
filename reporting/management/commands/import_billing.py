"""`manage.py import_billing FILE --as EMAIL`: invoices, credit notes and payments from a CSV; faults by line."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.rules.problems import Problem
from pipeline.management import people
from reporting.commands import billing_file


class Command(BaseCommand):
    help = "Reads invoices, credit notes and payments: columns sort, number, deal, day, amount, currency."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", required=True, help="who of finance states it")
        parser.add_argument("--dry-run", action="store_true", help="judge every row the same way, and write nothing")

    def handle(self, *args: Any, file: Path, email: str, dry_run: bool, **options: Any) -> None:
        by = people.actor(email)
        try:
            report = billing_file.take(file.read_bytes(), by=by, dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except Problem as problem:
            raise CommandError(problem.detail) from None
        for fault in report.faults:
            self.stderr.write(str(fault))
        self.stdout.write(json.dumps(report.counts))
