"""`manage.py erase request …` and `manage.py erase confirm NAME`: personal data goes, the record still verifies."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from governance.commands import erasures, file_search
from governance.rules.personal import REASONS, patterns
from ledger.queries import private
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from pipeline.queries import people


class Command(BaseCommand):
    help = "Erases personal data: one person asks, another confirms."

    def add_arguments(self, parser: Any) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        ask = acts.add_parser("request", help="prints the name of the erasure")
        ask.add_argument("subjects", nargs="*", help="contact/12, person/3, deal/7, evidence/9")
        ask.add_argument("--term", action="append", default=[], help="a name, address or number to look for")
        ask.add_argument("--reason", choices=REASONS, required=True)
        ask.add_argument("--by", required=True, help="e-mail of who asks")
        confirm = acts.add_parser("confirm")
        confirm.add_argument("name")
        confirm.add_argument("--by", required=True, help="e-mail of who confirms; somebody else")
        look = acts.add_parser(
            "look",
            help="where a term stands that no erasure finds: entries whose hashed bytes hold it, and files to be named",
        )
        look.add_argument("terms", nargs="+")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "look":
            for entry in private.in_the_record(patterns(options["terms"])):
                self.stdout.write(f"entry {entry}")
            for number in file_search.holding(options["terms"]):
                self.stdout.write(f"evidence/{number}")
            return
        person = people.id_of(options["by"])
        if person is None:
            raise CommandError("Nobody has this e-mail. Name the e-mail of an administrator or steward after --by.")
        by = Actor(person, "shell")
        try:
            if options["act"] == "request":
                print(erasures.request(options["subjects"], options["term"], options["reason"], by=by))
                return
            done = erasures.carry_out(options["name"], by=by)
        except Problem as problem:
            raise CommandError(str(problem)) from None
        print(f"{done.texts} texts, {done.rows} rows and {done.evidence} pieces of evidence erased")
        if done.left:
            raise CommandError("These rows hold a term, and no rule treats them: " + ", ".join(done.left))
