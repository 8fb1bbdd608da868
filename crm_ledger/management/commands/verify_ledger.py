"""`manage.py verify_ledger`: does the record prove itself? Exit 0 when all three verdicts hold, 1 otherwise."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from crm_ledger.verify import working
from crm_ledger.verify.progress import Paused
from crm_ledger.verify.report import NAMES, Report
from crm_ledger.verify.run import verify
from crm_ledger.verify.scrub import scrub
from ledger.commands import verification
from ledger.commands.verification import Claimed
from ledger.queries import verifications
from ledger.rules.actor import Actor

_MEANS = {
    "integrity": "nothing was changed, cut, forged or back-dated",
    "completeness": "every table says what the record says",
    "lawfulness": "every decision was right under the policy and seats of its moment",
}


class Command(BaseCommand):
    help = "Checks integrity, completeness and lawfulness of the whole record."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
        parser.add_argument("--scrub", action="store_true", help="only hashes, links and leaves, all in SQL")
        parser.add_argument("--resume", action="store_true", help="go on with the run that was cut off")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scrub"]:
            found = scrub()
            for one in found:
                print(one)
            print("hashes, links and leaves hold" if not found else f"{len(found)} broken facts")
            sys.exit(1 if found else 0)
        run = _claimed(resume=options["resume"])
        try:
            report = verify() if run is None else working.work(run)
        except Paused:
            raise CommandError("Another process has taken this run over; /ledger/verification/ shows it.") from None
        if run is not None:
            verification.finish_quietly(run, report.as_dict())
        if options["json"]:
            print(json.dumps(report.as_dict(), ensure_ascii=False))
        else:
            _tell(report)
        sys.exit(0 if report.ok else 1)


def _claimed(*, resume: bool) -> Claimed | None:
    """A run that is kept as it goes, so that a kill costs a second; None where nothing can be kept."""
    if resume:
        left = verifications.unfinished()
        run = verification.claim(left) if left is not None else None
        if run is None:
            raise CommandError("No run was cut off. Start anew without --resume.")
        return run
    try:
        number = verification.ask(by=Actor(0, "shell"))
        return verification.claim(number) if number is not None else None
    except Error:  # a replica, or a database that somebody has damaged: the verdict is worth more than its diary
        return None


def _tell(report: Report) -> None:
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
