"""`manage.py policy lint|apply|backtest FILE`: judges a policy document, publishes it, or tries it on open deals.
`manage.py policy move FROM TO` previews, drafts, signs and carries out a move of deals under way to a newer version."""

import sys
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from ledger.rules.actor import Actor
from ledger.rules.money import plain
from ledger.rules.problems import Problem
from pipeline.commands import policies
from pipeline.management import moving, people
from pipeline.queries import backtest, passed_gates, seats, trials, usage
from pipeline.queries import policies as kept
from pipeline.queries.organisation import company
from pipeline.rules import policy_document, policy_lint, trial
from pipeline.rules.policy import Policy


class Command(BaseCommand):
    help = (
        "Judges a policy document (lint), publishes it (apply), tries it on the open deals (backtest), or moves deals"
        " under way from one version to a newer one (move)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        for act, says in (
            ("lint", "print every fault with its path, code and fix"),
            ("apply", "draft, sign and publish it"),
            ("backtest", "print which open deals it would block or release"),
        ):
            one = acts.add_parser(act, help=says)
            one.add_argument("file", metavar="FILE")
            if act == "apply":
                one.add_argument("--by", metavar="EMAIL", help="the steward who drafts it")
                one.add_argument("--sign", metavar="EMAIL", nargs="+", action="extend", default=[])

        moving.add_arguments(acts.add_parser("move", help="move deals under way to a newer version"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "move":
            moving.handle(self.stdout.write, options)
            return
        text = _read(options["file"])
        policy = self._lint(text)
        if options["act"] == "apply":
            self._apply(text, options["by"], options["sign"])
        elif options["act"] == "backtest":
            self._backtest(policy)

    def _lint(self, text: str) -> Policy:
        """Prints every finding; ends with 1 when one of them is an error."""
        try:
            policy = policy_document.load(text)
        except Problem as problem:
            for fault in problem.faults:
                self.stdout.write(f"error   {fault.pointer or '/'}  {fault.code}  {fault.message}")
            self._end(len(problem.faults))
        try:
            people_there, answered = seats.eligible_verifiers(), usage.of_inputs(policy)
        except OperationalError:
            people_there, answered = None, {}
            self.stdout.write("note    /milestones  E5  No database, so it was not checked who can verify.")
        report = policy_lint.lint(policy, eligible_verifiers=people_there, usage=answered)
        for word, findings in (("error  ", report.errors), ("warning", report.warnings)):
            for found in findings:
                self.stdout.write(f"{word} {found.path or '/'}  {found.code}  {found.message} Fix: {found.fix}")
        if report.errors:
            self._end(len(report.errors))
        self.stdout.write(f"No errors, {len(report.warnings)} warnings, {report.inputs} required inputs.")
        return policy

    def _end(self, errors: int) -> None:
        self.stdout.write(f"{errors} error{'' if errors == 1 else 's'}; this policy cannot be published.")
        sys.exit(1)

    def _apply(self, text: str, by: str | None, signers: list[str]) -> None:
        steward = people.actor(by) if by else people.first_steward()
        who = [(email, people.actor(email)) for email in signers]
        try:
            drafted = policies.draft(text, by=steward)
            row = kept.row(drafted.version)
            assert row is not None
            if row.published_at is not None:
                self.stdout.write(f"Version {row.version} says the same and is published already.")
                return
            self.stdout.write(f"Version {row.version} of {row.name} is drafted ({row.hash[:12]}).")
            for email, actor in who:
                if self._sign(row, email, actor):
                    self.stdout.write(f"Version {row.version} is published: deals that open from now on follow it.")
                    return
        except Problem as problem:
            raise CommandError(str(problem)) from None
        open_for = _unsigned(row)
        self.stdout.write(f"Still to sign: {', '.join(open_for)}. They sign at /policy/, or with --sign EMAIL.")

    def _sign(self, row: kept.PolicyRow, email: str, actor: Actor) -> bool:
        held = {seat.function for seat in seats.of_person(actor.person)}
        if actor.person in kept.signatures(row.name, row.hash).values():
            self.stdout.write(f"{email} has signed already.")
            return False
        function = next((name for name in _unsigned(row) if name in held), None)
        if function is None:
            raise CommandError(f"{email} holds none of the functions that still sign: {', '.join(_unsigned(row))}.")
        published = policies.sign(row.version, function, by=actor)
        self.stdout.write(f"Signed for {function} by {email}.")
        return published

    def _backtest(self, policy: Policy) -> None:
        currency = company().currency
        counts, sums, judged = {"blocked": 0, "released": 0}, {"blocked": 0, "released": 0}, 0
        for outcome in backtest.run(policy):
            judged += 1
            if outcome.verdict == "same":
                continue
            counts[outcome.verdict] += 1
            sums[outcome.verdict] += outcome.value_minor or 0
            value = "unpriced" if outcome.value_minor is None else f"{currency} {plain(outcome.value_minor, currency)}"
            why = f"  {', '.join(outcome.reasons)}" if outcome.reasons else ""
            self.stdout.write(f"{outcome.verdict:8}  {outcome.ref}  {outcome.title}  {value}{why}")
        for word in ("blocked", "released"):
            total = plain(sums[word], currency)
            self.stdout.write(f"Newly {word}: {counts[word]} of {judged} open deals, {currency} {total}.")
        before = trial.tally(passed_gates.passed(policy, seats.now() - timedelta(days=trials.DAYS)))
        self.stdout.write(
            f"In the last {trials.DAYS} days it would have kept {before.blocked} of {before.steps} gates shut:"
            f" {before.deals} deals, {currency} {plain(before.value_minor, currency)}."
        )
        for key, count in before.by_key.items():
            self.stdout.write(f"  {key}: {count}")
        self.stdout.write(f"Cost {trials.cost(policy).sentence()}.")


def _unsigned(row: kept.PolicyRow) -> list[str]:
    signed = kept.signatures(row.name, row.hash)
    return [function for function in policies.SIGNERS if function not in signed]


def _read(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read as text: {error}") from None
