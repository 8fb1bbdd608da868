"""`manage.py demo`: builds the demo company on an empty database; says so when it is there already."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm_ledger.demo import build, state
from crm_ledger.demo.clock import ClockStands
from crm_ledger.local.people import PASSWORD, PEOPLE

OFF = "The demo is off: it has public passwords. Set DEBUG=1 and DEMO=1 on a test system."
OTHER = "This database holds other data, so the demo is not built here. Give it an empty database."
UNFINISHED = "The demo in this database was cut off while it was built. Give it an empty database; make run does so."


class Command(BaseCommand):
    help = "Builds the demo company, eighteen months of history, on an empty database."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(OFF)
        found = state.found()
        if found in ("other", "unfinished"):
            raise CommandError(OTHER if found == "other" else UNFINISHED)
        if found == "nothing":
            self._build()
        else:
            self.stdout.write("The demo company is there already.")
        self._introduce()

    def _build(self) -> None:
        started = time.monotonic()
        try:
            state.mark_as_demo()
        except ClockStands as sentence:
            raise CommandError(str(sentence)) from None
        number = build.build()
        self.stdout.write(f"The demo company is built: {number} deals in {time.monotonic() - started:.0f} s.")

    def _introduce(self) -> None:
        self.stdout.write(f"Log in as {PEOPLE[0]} or another of its people; the password is {PASSWORD}.")
        deal = state.waiting()
        if deal is None:
            return
        found, decision = deal
        missing = [result.message for result in decision.refusals]
        if found.view.stage == decision.to_stage or not missing:
            self.stdout.write(f"{found.view.ref} {state.WAITING} stands in {found.view.stage}.")
        else:
            self.stdout.write(f"{found.view.ref} {state.WAITING} waits before {decision.to_stage}: {' '.join(missing)}")
