"""`manage.py check_beat`: exit 0 while scheduler and worker do their work, for health checks of containers."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm_ledger import heartbeat


class Command(BaseCommand):
    help = "Fails when no task of the scheduler has been consumed lately."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        age = heartbeat.age()
        if age is None or age > settings.BEAT_MAX_AGE_SECONDS:
            raise CommandError(
                "No task of the scheduler was consumed lately." if age is None else f"Last: {age:.0f} s."
            )
        self.stdout.write(f"Last: {age:.0f} s.")
