"""`manage.py seal`: seals and publishes now, as the worker does each second; also for keys and for a new cluster."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger.commands import adopt, keys, receipt_keys, sealing
from ledger.notify import key_file
from ledger.rules.problems import Problem


class Command(BaseCommand):
    help = "Seals committed entries into the tree, signs its head and publishes it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--adopt", action="store_true", help="go on in a new database cluster, after a restore")
        parser.add_argument("--rotate-key", action="store_true", help="add a new key; old and new sign from now on")
        parser.add_argument("--rotate-receipt-key", action="store_true", help="a new key signs receipts from now on")
        parser.add_argument("--retire-receipt-key", action="store_true", help="only the newest key of receipts counts")
        parser.add_argument("--retire-key", action="store_true", help="end the overlap: only the newest key signs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rotate_receipt_key"] or options["retire_receipt_key"]:
            made = receipt_keys.retire() if options["retire_receipt_key"] else receipt_keys.rotate()
            print(f"{len(made)} keys of receipts announced")
            return
        if not sealing.is_set():
            raise CommandError(
                "Set SEALER_DATABASE_URL and LEDGER_SIGNING_KEY_FILE; the worker of `make run` has both."
            )
        file = Path(settings.LEDGER_SIGNING_KEY_FILE)
        key_file.make(file)
        try:
            if options["rotate_key"]:
                keys.rotate(file)
            if options["retire_key"]:
                keys.retire(file)
            if options["adopt"]:
                adopt.adopt(settings.LEDGER_ORIGIN, sealing.signers())
            done = sealing.run()
        except Problem as problem:
            raise CommandError(str(problem)) from None
        print(f"{done.leaves} entries sealed, {done.published} checkpoints published, tree of {done.size}")
