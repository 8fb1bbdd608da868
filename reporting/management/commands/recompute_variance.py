"""`manage.py recompute_variance`: computes the variance of every booked deal again and says whose book is to move."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from pipeline.queries.deals import ref_of
from reporting.queries import recomputing

SHOWN = 20


class Command(BaseCommand):
    help = "Computes the variance of booked deals from the record. The last line of standard output counts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--part", type=int, default=0, help="the share of this process, from 0")
        parser.add_argument("--of", type=int, default=1, help="how many processes share the deals")

    def handle(self, *args: Any, **options: Any) -> None:
        part, of = options["part"], options["of"]
        if not 0 <= part < of:
            self.stderr.write(
                f"--part {part} of {of} is no share: give one from 0 to {max(of - 1, 0)}, --of 1 or more."
            )
            raise SystemExit(2)
        found = recomputing.recompute(part, of)
        refs = [ref_of(number) for number in found.differing[:SHOWN]]
        self.stdout.write(json.dumps({"deals": found.deals, "differing": len(found.differing), "first": refs}))
