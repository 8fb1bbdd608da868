"""Random histories of one deal against a small model of it: every command, refused or not, in any order.

After each step the books balance, the state is what a replay of its entries says, and booked means booked everywhere.
Seen to fail: with the voiding taken out of `amend`, and with the settling taken out of `revoke`.
"""

from contextlib import suppress
from datetime import timedelta

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from governance.commands import attestations, milestones, reservations
from governance.queries import milestones as rows
from ledger.queries import entries
from ledger.rules.envelope import domain
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending, closing, opening
from pipeline.queries import deals, organisation, policies, seats
from pipeline.rules import booked as definition
from pipeline.rules import gate
from reporting.queries import booked
from tests import walking

STAGES = ["qualify", "solution", "commit", "booked"]
GATES = {
    "commit": ("delivery-plan-accepted", "credit-approved"),
    "booked": ("contract-signed", "capacity-confirmed", "billing-terms-verified", "delivery-plan-accepted",
               "credit-approved"),
}  # fmt: skip
PLANNED = {"solution": GATES["commit"], "commit": GATES["booked"][:3], "booked": ("delivered", "invoiced", "collected")}
HANDS = {**walking.BEFORE_COMMIT, **walking.BEFORE_BOOKED}
KEYS = some.sampled_from(sorted(HANDS))
AMOUNTS = some.sampled_from(["100000.00", "102000.00", "130000.00"])
VALUE = 100_000_00


class History(RuleBasedStateMachine):
    """`stage`, `standing` and `signed` are the model; the rest is the product."""

    company = None

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.stage, self.amount, self.owner = "qualify", VALUE, "rep"
        self.standing: dict[str, str] = {}  # key → verified, or any other word
        self.bound: dict[str, int] = {}  # key → amount that it was verified for
        self.signed: set[str] = set()
        self.reserved = False  # confirmed by its milestone, given back when the deal steps back or closes

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def does(self, command, *args, who, **named):
        """Whether it was done; a refusal leaves nothing."""
        with suppress(Problem), transaction.atomic():
            command(*args, by=self.company.by(who), **named)
            return True
        return False

    @initialize(booked=some.booleans())
    def open(self, booked):
        """Half of the histories begin where a lifetime of random steps seldom comes: at a booked deal."""
        view = opening.open_deal("One of many", walking.stated(self.company), by=self.company.by("rep"))
        self.number = view.id
        if booked:
            self.hurry(set(), set())
            assert self.stage == "booked"

    # What may happen

    @rule(to=some.sampled_from(STAGES))
    def advance(self, to):
        before = self.stage
        follows = before in STAGES and STAGES.index(to) == STAGES.index(before) + 1
        with suppress(Problem), transaction.atomic():
            decision = advancing.advance(self.number, to, by=self.company.by(self.owner))
            if to != before or to == "qualify":
                assert decision.passed == (follows and self.open_gate(to)), decision.refusals
            if decision.passed and to != before:
                self.enter(to)
                self.settle()

    @rule(key=KEYS)
    def verify(self, key):
        preparer, verifier = HANDS[key]
        preparer = self.owner if preparer == "rep" else preparer
        if key not in self.standing:
            return
        number = walking.milestone(self.number, key)
        if self.standing[key] in ("verified", "submitted"):
            assert not self.does(milestones.submit, number, who=preparer)
        else:
            assert self.does(milestones.add_value, number, "reference", "proof", who=preparer)
            assert self.does(milestones.submit, number, who=preparer)
            self.standing[key] = "submitted"
        assert self.does(milestones.verify, number, who=preparer) is False
        if self.standing[key] == "submitted":
            assert self.does(milestones.verify, number, who=verifier)
            self.standing[key], self.bound[key] = "verified", self.amount
            self.reserved |= key == "capacity-confirmed" and self.stage != "lost"
            self.settle()

    @rule(key=KEYS)
    def reject(self, key):
        preparer, verifier = HANDS[key]
        preparer = self.owner if preparer == "rep" else preparer
        if self.standing.get(key, "verified") in ("verified", "submitted"):
            return
        number = walking.milestone(self.number, key)
        assert self.does(milestones.add_value, number, "reference", "proof", who=preparer)
        assert self.does(milestones.submit, number, who=preparer)
        assert self.does(milestones.reject, number, "Not so", who=verifier)
        self.standing[key] = "rejected"

    @rule(key=KEYS)
    def revoke(self, key):
        if key not in self.standing:
            return
        done = self.does(milestones.revoke, walking.milestone(self.number, key), "Taken back", who=HANDS[key][1])
        assert done == (self.standing[key] == "verified")
        if done:
            self.standing[key] = "revoked"
            self.reserved &= key != "capacity-confirmed"
            self.settle()

    @rule(function=some.sampled_from(sorted(walking.SIGNERS)))
    def attest(self, function):
        who = self.owner if function == "sales" else walking.SIGNERS[function]
        done = self.does(attestations.attest, self.number, function, walking.view(self.number).terms, who=who)
        assert done == (self.stage != "lost")
        if done and function not in self.signed:
            self.signed.add(function)
            self.settle()

    @rule(lacking=some.sets(KEYS, max_size=1), unsigned=some.sets(some.sampled_from(["finance"]), max_size=1))
    def hurry(self, lacking, unsigned):
        """Everything that the next gates ask for, or all but one thing; random steps alone seldom come that far."""
        for to in STAGES[1:]:
            for key in sorted(set(GATES.get(to, ())) - lacking):
                self.verify(key)
            if to != "booked":
                self.advance(to)
        self.reserve()
        for function in sorted(set(walking.SIGNERS) - unsigned):
            self.attest(function)

    @rule(amount=AMOUNTS)
    def amend(self, amount):
        done = self.does(amending.amend, self.number, {"amount": amount, "currency": "USD"}, who=self.owner)
        assert done == (self.stage != "lost")
        minor = int(amount.replace(".", ""))
        if done and minor != self.amount:
            self.amount = minor
            self.signed.clear()
            for key, bound in self.bound.items():
                tolerance = {"credit-approved": 0.05, "capacity-confirmed": 9, "delivery-plan-accepted": 9}.get(key, 0)
                if self.standing[key] == "verified" and abs(minor - bound) > tolerance * bound:
                    self.standing[key] = "stale"
            self.settle()

    @rule(back=some.sampled_from(STAGES))
    def step_back(self, back):
        done = self.does(closing.return_deal, self.number, back, "For a reason", who=self.owner)
        assert done == (self.stage in STAGES and STAGES.index(back) < STAGES.index(self.stage))
        if done:
            self.reserved = False
            self.enter(back)

    @rule()
    def reserve(self):
        assert self.does(reservations.reserve, self.number, who="ops") == (self.stage != "lost")
        if self.stage != "lost":
            self.reserved = True
            self.settle()

    @rule()
    def lose(self):
        assert self.does(closing.lose, self.number, "price", who=self.owner) == (self.stage != "lost")
        self.stage, self.reserved = "lost", False

    @precondition(lambda self: self.stage == "lost")
    @rule()
    def reopen(self):
        assert self.does(closing.reopen, self.number, "They call again", who=self.owner)
        self.stage = "qualify"

    @rule(to=some.sampled_from(["rep", "rep2"]))
    def assign(self, to):
        assert self.does(closing.assign, self.number, self.company.seats[to], who="manager")
        if to != self.owner:
            self.owner = to
            self.settle()

    # The model

    def enter(self, stage):
        self.stage = stage
        for key in PLANNED.get(stage, ()):
            self.standing.setdefault(key, "planned")

    def open_gate(self, to):
        signed = self.signed == set(walking.SIGNERS) and self.reserved if to == "booked" else True
        return signed and all(self.standing.get(key) == "verified" for key in GATES.get(to, ()))

    def settle(self):
        """Booked when, and as long as, its last gate stands open."""
        if self.stage == "commit" and self.open_gate("booked"):
            self.enter("booked")
        elif self.stage == "booked" and not self.open_gate("booked"):
            self.enter("commit")

    # What always holds

    @invariant()
    def state_is_the_model(self):
        view = walking.view(self.number)
        assert (view.stage, view.amount_minor) == (self.stage, self.amount)
        assert view.owner == self.company.seats[self.owner]
        states = {row.key: row.state for row in rows.of_deal(self.number) if row.key in self.standing}
        assert states == self.standing

    @invariant()
    def state_is_the_last_entry(self):
        view = walking.view(self.number)
        last = next(entry for entry in entries.timeline(f"deal/{self.number}", limit=500) if "after" in entry.body)
        assert {**last.body["after"], "version": view.version} == {**domain(view.after()), "version": view.version}

    @invariant()
    def books_balance(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(amount), 0)::bigint,"
                " coalesce(sum(amount) FILTER (WHERE place <> 'source'), 0)::bigint"
                " FROM ledger_posting WHERE book = 'bookings'"
            )
            assert cursor.fetchone() == (0, self.amount)
            cursor.execute(
                "SELECT place, sum(amount)::bigint FROM ledger_posting"
                " WHERE book = 'bookings' AND place <> 'source' GROUP BY place HAVING sum(amount) <> 0"
            )
            assert cursor.fetchall() == [(walking.view(self.number).place, self.amount)]

    @invariant()
    def booked_is_booked_everywhere(self):
        now = seats.now()
        found = booked.booked(organisation.company(), as_of=now)
        deal = deals.read_one(self.number)
        policy = policies.version(deal.view.policy_version)
        assert found.value == found.gross - found.de_booked == (self.amount if self.stage == "booked" else 0)
        if self.stage == "booked":
            assert definition.is_booked(policy, deal.view, deal.standings, now)

    @invariant()
    def history_only_grows(self):
        number = len(entries.timeline(f"deal/{self.number}", limit=500))
        assert number >= getattr(self, "grown", 0) and number == walking.view(self.number).version
        self.grown = number


def test_random_histories(company):
    class Histories(History):
        pass

    Histories.company = company
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=10, stateful_step_count=18, suppress_health_check=list(HealthCheck),
            derandomize=False,
        ),
    )  # fmt: skip


def test_a_recorded_decision_is_reached_again(company):
    """Each decision of a deal's life, judged anew on the standings and facts of its moment."""
    number = walking.opened(company)
    moments = []

    def judged(to):
        deal = deals.read_one(number)
        moments.append((deal.view, dict(deal.standings), seats.now()))
        return advancing.advance(number, to, by=company.by("rep"))

    judged("solution")
    judged("commit")
    walking.verified(company, number, "credit-approved")
    judged("commit")
    walking.verified(company, number, "delivery-plan-accepted")
    judged("commit")
    judged("booked")
    story = [entry for entry in reversed(entries.timeline(f"deal/{number}", limit=100)) if "decision" in entry.body]
    assert [entry.kind for entry in story] == [
        "deal.advanced",
        "gate.refused",
        "gate.refused",
        "deal.advanced",
        "gate.refused",
    ]
    for entry, (view, standings, now) in zip(story, moments, strict=True):
        said = entry.body["decision"]
        again = gate.evaluate(policies.version(said["policy"]), view, standings, said["to"], now=now)
        assert [[one.key, one.state, one.fact] for one in again.results] == said["results"]
        assert (again.facts_hash, again.passed, again.from_stage) == (said["facts"], said["passed"], said["from"])
        later = gate.evaluate(
            policies.version(said["policy"]), view, standings, said["to"], now=now + timedelta(hours=1)
        )
        assert later.facts_hash == said["facts"]
