"""`manage.py reconcile`: compares promise, plan and books of every booked deal now, in a pass of its own."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from pipeline.queries import organisation, seats
from reporting.commands import reconciling


class Command(BaseCommand):
    help = "Reconciles promise, plan and books. The last line of standard output counts."

    def handle(self, *args: Any, **options: Any) -> None:
        today = organisation.company().day_of(seats.now())
        reconciling.begin_again(today)
        while reconciling.sweep():
            pass
        run = reconciling.of_day(today)
        told = {name: getattr(run, name) for name in ("deals", "found", "changed", "cleared")}
        self.stdout.write(json.dumps(told))
