"""`manage.py rebuild_totals`: forgets the cached totals and rolls them anew; numbers stay right all the while."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from ledger.commands import totals


class Command(BaseCommand):
    help = "Takes all cached totals away, as the owner of the schema, and rolls them anew from the postings."

    def handle(self, *args: Any, **options: Any) -> None:
        if "owner" not in connections.settings:
            raise CommandError("Set DATABASE_OWNER_URL: only the owner of the schema takes totals away.")
        started = time.monotonic()
        totals.forget("owner")
        made = totals.roll(patience=float("inf"))
        print(f"{made:,} blocks of sealed entries rolled in {time.monotonic() - started:.1f} s")
