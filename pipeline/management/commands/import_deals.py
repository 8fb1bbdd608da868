"""`manage.py import_deals FILE [--map MAP] [--dry-run] [--by EMAIL]`."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.rules.actor import SYSTEM_PERSON, Actor
from ledger.rules.problems import Problem
from pipeline.commands.import_deals import import_deals
from pipeline.commands.importing.files import Files, Upload
from pipeline.models import Person
from pipeline.rules.importing import mapping, reading, report, suggesting
from pipeline.rules.importing.faults import RowFault, refuse
from pipeline.rules.importing.suggesting import Suggestions

SIBLINGS = {"accounts": "accounts.csv", "products": "products.csv", "teams": "sales_teams.csv"}


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # they import every page; half of the time of a short run
    help = (
        "Brings in deals from a CSV or XLSX file, with accounts.csv, products.csv and sales_teams.csv beside it. "
        "Faults go to NAME.faults.csv beside the file; the last line of the output is JSON."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--map", type=Path, help="YAML: what words and columns of the file mean")
        parser.add_argument("--dry-run", action="store_true", help="the same judgement; nothing is written")
        parser.add_argument("--by", metavar="EMAIL", help="who imports; without it, the system")

    def handle(self, *args: Any, file: Path, dry_run: bool, by: str | None, **options: Any) -> None:
        try:
            files = _files(file, options["map"])
            done = import_deals(files, by=_actor(by), dry_run=dry_run)
        except Problem as problem:
            faults = [RowFault(**fault) for fault in problem.extra.get("faults", ())]
            if faults and file.is_file():
                self._leave(file, faults, suggesting.suggestions(faults))
            said = [fault.message + f" [{fault.code}]" for fault in problem.faults] or [problem.detail]
            raise CommandError("\n".join([f"{problem.title}. Nothing was changed.", *said])) from None
        self._leave(file, done.faults, done.suggestions)
        if dry_run:
            self.stderr.write("Dry run: nothing was written.")
        self.stdout.write(json.dumps(dict(done.counts)))

    def _leave(self, file: Path, faults: list[RowFault] | Any, suggestions: Suggestions) -> None:
        """Puts the faults, and the map that would mend them, beside the file; says where."""
        text = report.faults_csv(faults)
        place = _write(file.with_name(f"{file.stem}.faults.csv"), text.encode())
        self.stderr.write(f"{len(faults):,} faults: {place}")
        if suggestions:
            place = _write(file.with_name(f"{file.stem}.suggested-map.yaml"), mapping.proposal(suggestions).encode())
            self.stderr.write(f"A map is suggested; read it, then give it with --map: {place}")


def _files(file: Path, map_file: Path | None) -> Files:
    beside = {name: file.with_name(sibling) for name, sibling in SIBLINGS.items()}
    return Files(
        deals=_upload(file),
        map=_upload(map_file) if map_file else None,
        **{name: _upload(path) for name, path in beside.items() if path.is_file() and path != file},
    )


def _upload(path: Path) -> Upload:
    try:
        with path.open("rb") as stream:
            # One byte more than is read shows that a file is too large, without reading all of it.
            return Upload(path.name, stream.read(reading.MOST_BYTES + 1))
    except FileNotFoundError:
        raise refuse(path.name, "IMPORT-FILE-1", f"There is no file {path}.", "Check the name.") from None
    except OSError as error:
        what = f"{path} cannot be opened: {error.strerror}."
        raise refuse(path.name, "IMPORT-FILE-1", what, "Give a file that may be read.") from None


def _write(path: Path, data: bytes) -> Path:
    """Beside the file, or in the current folder when that one cannot be written."""
    for place in (path, Path.cwd() / path.name):
        try:
            place.write_bytes(data)
        except OSError:
            continue
        return place
    raise CommandError(f"Neither {path.parent} nor the current folder can be written. Change to one that can.")


def _actor(email: str | None) -> Actor:
    if email is None:
        return Actor(SYSTEM_PERSON, "import")
    person = Person.objects.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise CommandError(f"Nobody has the e-mail {email}.")
    return Actor(person.pk, "import")
