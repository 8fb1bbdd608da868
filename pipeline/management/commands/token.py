"""manage.py token EMAIL: an API token of that user, and nothing else, on standard output."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from pipeline.commands import tokens


class Command(BaseCommand):
    help = "Prints a token for the API: it may write and is good for 90 days."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            print(tokens.issue_for(options["email"], by=Actor(0, "shell")).secret)
        except Problem as problem:
            raise CommandError(str(problem)) from None
