"""`manage.py rebuild_state`: every table that only entries write, made anew from the record."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from crm_ledger.verify import rebuild
from ledger.rules.problems import Problem


class Command(BaseCommand):
    help = "Writes all state tables from the record into empty tables; with --dry-run only says how they differ."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="name every difference, write nothing; exit 1 if any"
        )
        parser.add_argument("--replace", action="store_true", help="empty the state tables first")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._compare()
            return
        if "owner" not in connections.settings:
            raise CommandError(
                "Only the owner of the schema rebuilds its state. Set DATABASE_OWNER_URL, as for migrate."
            )
        try:
            written = rebuild.rebuild("owner", replace=options["replace"])
        except Problem as problem:
            raise CommandError(problem.detail) from None
        for table, rows in written.items():
            self.stdout.write(f"{table:26} {rows:>12,} rows")

    def _compare(self) -> None:
        count = 0
        for count, found in enumerate(rebuild.differences(), 1):  # noqa: B007 (the last one is the count)
            self.stdout.write(str(found))
        self.stdout.write(f"{count:,} differences" if count else "The state says what the record says.")
        if count:
            sys.exit(1)
