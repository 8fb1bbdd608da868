"""What commands that take a CSV row by row share: who states it, a dry run, faults by line, counts at the end."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.rules.problems import Problem
from pipeline.management import people
from pipeline.rules.importing.row_file import Report


class RowFileCommand(BaseCommand):
    """`take` reads the bytes of the file; `states` says in the help what somebody of finance does with it."""

    take: Callable[..., Report]
    states: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="email", required=True, help=f"who of finance {self.states}")
        parser.add_argument("--dry-run", action="store_true", help="judge every row the same way, and write nothing")

    def handle(self, *args: Any, file: Path, email: str, dry_run: bool, **options: Any) -> None:
        by = people.actor(email)
        try:
            report = self.take(file.read_bytes(), by=by, dry_run=dry_run)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except Problem as problem:
            raise CommandError(problem.detail) from None
        for fault in report.faults:
            self.stderr.write(str(fault))
        if not dry_run:
            self.taken()
        self.stdout.write(json.dumps(report.counts))

    def taken(self) -> None:
        """What follows once the rows are in."""
