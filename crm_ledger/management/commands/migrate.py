"""`manage.py migrate`, run as the owner of the schema wherever the owner's address is known."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from crm_ledger.routers import OwnerWhileMigrating


class Command(DjangoMigrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        if "owner" in connections.settings:
            parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        OwnerWhileMigrating.active = options["database"] == "owner"
        try:
            super().handle(*args, **options)
        finally:
            OwnerWhileMigrating.active = False
