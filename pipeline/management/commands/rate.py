"""`manage.py rate EUR 2026-11-01 1.085`: publishes what one unit of a currency is worth from a day on."""

from argparse import ArgumentParser
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from pipeline.commands import publishing, repricing
from pipeline.management import people
from pipeline.queries.organisation import company


class Command(BaseCommand):
    help = "Publishes an exchange rate: units of the reporting currency for one unit of CURRENCY, from DAY on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("currency", metavar="CURRENCY", help="ISO 4217, such as EUR")
        parser.add_argument("day", metavar="DAY", help="such as 2026-11-01")
        parser.add_argument("rate", metavar="RATE", help="such as 1.085")
        parser.add_argument("--by", metavar="EMAIL", help="who publishes it (otherwise the system)")

    def handle(self, *args: Any, **options: Any) -> None:
        currency = options["currency"].upper()
        reporting = company().currency
        if currency == reporting:
            raise CommandError(f"{reporting} is the reporting currency; its rate is always 1.")
        by = people.actor(options["by"]) if options["by"] else Actor(0, "shell")
        try:
            day, rate = date.fromisoformat(options["day"]), Decimal(options["rate"])
        except ValueError:
            raise CommandError(f"“{options['day']}” is not a day. Write it as 2026-11-30.") from None
        except InvalidOperation:
            raise CommandError(f"“{options['rate']}” is not a number. Write it as 1.085.") from None
        try:
            publishing.publish(currency, day, rate, by=by)
        except Problem as problem:
            raise CommandError(problem.detail) from None
        self.stdout.write(f"From {day} on, 1 {currency} is {rate} {reporting}.")
        self.stdout.write(f"{repricing.sweep()} open deals repriced.")
