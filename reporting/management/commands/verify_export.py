"""`manage.py verify_export FILE`: what became of a certified file or a receipt; exit 1 unless it is genuine."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pipeline.queries import seats
from reporting.exports import receipts
from reporting.queries.verdicts import CURRENT, SUPERSEDED
from reporting.rules.receipt import certified


class Command(BaseCommand):
    help = "Verifies a certified CSV or XLSX, or a receipt, against the record."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            data = file.read_bytes()
        except OSError as fault:
            raise CommandError(f"{file} cannot be read: {fault.strerror}.") from None
        found = receipts.judged(data, now=seats.now(), name=file.name)
        print(found.verdict + (f" (now {found.now})" if found.verdict == SUPERSEDED else ""))
        if found.why:
            print(found.why)
        if found.receipt is not None and not certified(found.receipt.claim.integrity):
            print(f"not certified: integrity {found.receipt.claim.integrity} of 100")
        row = found.difference
        if row is not None and row.row:
            print(f"row {row.row}: found {list(row.found or ())}, signed {list(row.expected or ()) or 'unknown'}")
        if found.in_tree is False:
            print("the head of the tree that the receipt names is not one of this tree: the record was rewritten")
        if found.verdict not in (CURRENT, SUPERSEDED) or found.in_tree is False:
            raise SystemExit(1)
