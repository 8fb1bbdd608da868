"""`manage.py reapply_erasures [FILE]`: run after every restore, before anybody works on the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.commands import erasures
from ledger.notify import erasure_list


class Command(BaseCommand):
    help = "Erases again what the list of erasures names and the restored record does not know; harmless twice."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="by default erasures.jsonl beside the checkpoints")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"] or erasure_list.file()
        if not file.exists():
            print(f"{file} does not exist: nothing was ever erased")
            return
        try:
            again = [erasures.repeat(line["name"], line) for line in erasure_list.lines(file)]
        except ValueError as fault:
            raise CommandError(str(fault)) from None
        print(f"{len(again)} erasures on the list, {sum(again)} done again")
