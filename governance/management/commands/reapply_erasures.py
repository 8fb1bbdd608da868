"""`manage.py reapply_erasures [FILE]`: run after every restore, before anybody works on the database."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.commands import erased_files, erasures
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
            again = []
            for line in erasure_list.lines(file):
                again.append(erasures.repeat(line["name"], line))
                # A backup of the files alone brings them back, and the record, which knows, tells nobody.
                erased_files.remove(line["evidence"])
        except ValueError as fault:
            raise CommandError(str(fault)) from None
        print(f"{len(again)} erasures on the list, {sum(again)} done again")
