"""`manage.py seal`: seals and publishes now, as the worker does each second; also for keys and for a new cluster."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ledger.commands import adopt, keys, sealing
from ledger.rules.problems import Problem


class Command(BaseCommand):
    help = "Seals committed entries into the tree, signs its head and publishes it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--adopt", action="store_true", help="go on in a new database cluster, after a restore")
        parser.add_argument("--rotate-key", action="store_true", help="add a new key; old and new sign from now on")
        parser.add_argument("--retire-key", action="store_true", help="end the overlap: only the newest key signs")

    def handle(self, *args: Any, **options: Any) -> None:
        if not sealing.is_set():
            raise CommandError(
                "Set SEALER_DATABASE_URL and LEDGER_SIGNING_KEY_FILE; the worker of `make run` has both."
            )
        file = Path(settings.LEDGER_SIGNING_KEY_FILE)
        keys.make(file)
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
