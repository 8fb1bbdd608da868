"""`manage.py policy move FROM TO`: the preview, and with `--by` the draft, its signatures and the run."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from typing import Any

from django.core.management.base import CommandError

from ledger.rules.actor import Actor
from ledger.rules.money import plain
from ledger.rules.problems import Problem
from pipeline.commands import policy_moves as commands
from pipeline.management import people
from pipeline.queries import policy_moves as kept
from pipeline.queries import seats
from pipeline.queries.organisation import company

Write = Callable[[str], Any]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", type=int, metavar="FROM")
    parser.add_argument("target", type=int, metavar="TO")
    parser.add_argument("--unit", help="only the deals of this unit")
    parser.add_argument("--stage", metavar="OLD=NEW", nargs="+", action="extend", default=[])
    parser.add_argument("--by", metavar="EMAIL", help="the steward who drafts it; without, only the preview is printed")
    parser.add_argument("--sign", metavar="EMAIL", nargs="+", action="extend", default=[])


def handle(write: Write, options: Mapping[str, Any]) -> None:
    """Raises CommandError with every reason why it cannot be done."""
    stages = {}
    for said in options["stage"]:
        old, equals, new = said.partition("=")
        if not equals or not old or not new:
            raise CommandError(f"“{said}” names no stages. Write it as --stage OLD=NEW.")
        stages[old] = new
    try:
        move = kept.asked(options["source"], options["target"], options["unit"], stages)
        _preview(write, kept.preview(move))
        if options["by"]:
            steward = people.actor(options["by"])
            number = commands.draft(move.source, move.target, unit=move.unit, stages=stages, by=steward)
            write(f"Move {number} is drafted.")
            _sign(write, number, options["sign"])
            _carry_out(write, number, steward)
    except Problem as problem:
        raise CommandError(str(problem)) from None


def _preview(write: Write, found: kept.Preview) -> None:
    for row in found.rows:
        if row.verdict != "same":
            why = f"  {'; '.join(row.open[:2])}" if row.open else ""
            write(f"{row.verdict:6}  {row.ref}  {row.title}  {row.stage} → {row.change.stage}{why}")
    said, currency = found.figures(), company().currency
    value = f"{currency} {plain(int(said['value']), currency)}"
    write(
        f"{said['deals']} deals move, {value}: {said['shut']} next gates shut, "
        f"{said['opens']} open, {said['planned']} milestones planned, {said['released']} not asked for any more, "
        f"{said['stale']} verifications stale; {said['stays']} deals stay, {said['booked']} booked keep their version."
    )


def _sign(write: Write, number: int, emails: list[str]) -> None:
    for email in emails:
        actor = people.actor(email)
        drafted = kept.one(number)
        held = {seat.function for seat in seats.of_person(actor.person)}
        function = next((name for name in (drafted.missing if drafted else ()) if name in held), None)
        if function is None:
            raise CommandError(f"{email} holds none of the functions that still sign.")
        commands.sign(number, function, by=actor)
        write(f"Signed for {function} by {email}.")


def _carry_out(write: Write, number: int, steward: Actor) -> None:
    drafted = kept.one(number)
    if drafted is None or drafted.ordered is None:
        missing = ", ".join(drafted.missing) if drafted else ""
        write(f"Still to sign: {missing}. They sign at /policy/moves/{number}/; then the timetable moves the deals.")
        return
    moved, after = 0, 0
    while True:
        done = commands.run(number, by=steward, after=after)
        moved += done.moved
        for ref, fault in done.stays:
            write(f"stays   {ref}  {fault.message} [{fault.code}]")
        if done.after is None:
            break
        after = done.after
    write(f"{moved} deals moved.")
