"""`manage.py import_rates FILE --as EMAIL`: dated rates from a CSV; faults by line, open deals repriced."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.rules.problems import Problem
from pipeline.commands import publishing, repricing
from pipeline.management import people


class Command(BaseCommand):
    help = "Reads rates: columns currency, day, rate (units of the reporting currency for one)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", required=True, help="who of finance publishes them")
        parser.add_argument("--dry-run", action="store_true", help="judge every row the same way, and write nothing")

    def handle(self, *args: Any, file: Path, email: str, dry_run: bool, **options: Any) -> None:
        by = people.actor(email)
        try:
            report = publishing.take(file.read_bytes(), by=by, dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except Problem as problem:
            raise CommandError(problem.detail) from None
        for fault in report.faults:
            self.stderr.write(str(fault))
        if not dry_run:
            repricing.sweep()
        self.stdout.write(json.dumps(report.counts))
