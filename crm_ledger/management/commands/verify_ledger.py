"""`manage.py verify_ledger`: does the record prove itself? Exit 0 when all three verdicts hold, 1 otherwise."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from crm_ledger.verify.report import NAMES
from crm_ledger.verify.run import verify

_MEANS = {
    "integrity": "nothing was changed, cut, forged or back-dated",
    "completeness": "every table says what the record says",
    "lawfulness": "every decision was right under the policy and seats of its moment",
}


class Command(BaseCommand):
    help = "Checks integrity, completeness and lawfulness of the whole record."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify()
        if options["json"]:
            print(json.dumps(report.as_dict(), ensure_ascii=False))
            sys.exit(0 if report.ok else 1)
        for name in NAMES:
            verdict = report[name]
            print(f"{name:13} {'holds' if verdict.ok else 'BROKEN'}: {_MEANS[name]} ({verdict.checked:,} checked)")
            for violation in verdict.violations[:10]:
                print(f"    {violation}")
            if verdict.broken > 10:
                print(f"    … {verdict.broken:,} broken facts in all")
        speed = report.entries / report.seconds if report.seconds else 0
        print(f"{report.entries:,} entries, {report.unsealed:,} of them not sealed yet; tree of {report.tree_size:,};"
              f" {report.seconds:.1f} s, {speed:,.0f} entries/s")  # fmt: skip
        sys.exit(0 if report.ok else 1)
