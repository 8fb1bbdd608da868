"""`manage.py clock show` and `clock advance 36h`: the product's clock, moved in a demo only."""

import re
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crm_ledger.demo import clock

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span(text: str) -> timedelta:
    """`36h`, `2d`, `90m`, `1w`."""
    found = re.fullmatch(r"(\d{1,6})([mhdw])", text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise ArgumentTypeError(f"“{text}” is no span of time. Write 90m, 36h, 2d or 1w.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


class Command(BaseCommand):
    help = "Shows the product's clock, or moves it forward (demo only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("show", help="print the product's time")
        acts.add_parser("advance", help="move it forward").add_argument("by", metavar="SPAN", type=span)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(clock.OFF)
        try:
            if options["act"] == "advance":
                clock.advance(options["by"])
        except clock.ClockStands as sentence:
            raise CommandError(str(sentence)) from None
        reading = clock.read()
        ahead = timedelta(seconds=round(reading.ahead.total_seconds()))
        says = f"{ahead} ahead of the real time" if ahead else "the real time"
        self.stdout.write(f"{reading.now:%Y-%m-%dT%H:%M:%SZ} ({reading.now:%a}), {says}")
