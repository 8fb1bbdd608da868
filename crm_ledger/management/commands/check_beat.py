"""`manage.py check_beat [worker|courier|scheduler]`: exit 0 while it does its work, for health checks of containers."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm_ledger import heartbeat


class Command(BaseCommand):
    help = "Fails when a part of the product has given no sign of life lately: a worker signs by consuming a task."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("part", nargs="?", default="worker", choices=heartbeat.PARTS)

    def handle(self, *args: Any, **options: Any) -> None:
        age = heartbeat.ages()[options["part"]]
        if age is None or age > settings.BEAT_MAX_AGE_SECONDS:
            raise CommandError("No sign of life lately." if age is None else f"Last: {age:.0f} s.")
        self.stdout.write(f"Last: {age:.0f} s.")
