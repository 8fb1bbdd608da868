"""Random acts on a few deals: what the commands refuse is part of the history too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from governance.commands import attestations, milestones
from governance.queries import milestones as rows
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending, closing, organisation
from pipeline.queries import seats
from tests import walking
from tests.company import SETUP, Company

HANDS = {**walking.BEFORE_COMMIT, **walking.BEFORE_BOOKED}
STAGES = ("qualify", "solution", "commit", "booked")


def play(company: Company, random: Random, steps: int) -> Iterator[list[int]]:
    """The deals there are, after each act that was done; a life begins with one deal on its way to booked."""
    numbers: list[int] = []

    def does(act: Callable[..., object], *args: object, who: str, **named: object) -> None:
        with suppress(Problem), transaction.atomic():
            act(*args, by=SETUP if who == "setup" else company.by(who), **named)

    def opened() -> None:
        currency = random.choice(["USD", "EUR"])
        numbers.append(walking.opened(company, currency=currency))

    def prepare(number: int) -> None:
        key = random.choice(sorted(HANDS))
        for row in rows.of_deal(number):
            if row.key == key:
                does(milestones.add_value, row.id, "reference", f"proof {random.random()}", who=HANDS[key][0])
                does(milestones.submit, row.id, who=HANDS[key][0])

    def judge(number: int) -> None:
        for row in rows.of_deal(number):
            if row.state == "submitted":
                act = random.choice([milestones.verify, milestones.verify, milestones.reject])
                note = {"note": "not so"} if act is milestones.reject else {}
                does(act, row.id, who=HANDS[row.key][1], **note)

    def hurry(number: int) -> None:
        for to in STAGES[1:]:
            for row in rows.of_deal(number):
                if row.key in HANDS and row.state != "verified":
                    does(milestones.add_value, row.id, "reference", "proof", who=HANDS[row.key][0])
                    does(milestones.submit, row.id, who=HANDS[row.key][0])
                    does(milestones.verify, row.id, who=HANDS[row.key][1])
            does(advancing.advance, number, to, who="manager")
        for function, who in walking.SIGNERS.items():
            does(attestations.attest, number, function, walking.view(number).terms, who=who)

    def revoke(number: int) -> None:
        for row in rows.of_deal(number):
            if row.state == "verified" and random.random() < 0.5:
                does(milestones.revoke, row.id, "taken back", who=HANDS[row.key][1])

    on_a_deal: list[Callable[[int], None]] = [
        prepare,
        prepare,
        judge,
        hurry,
        revoke,
        lambda number: does(advancing.advance, number, random.choice(STAGES), who="manager"),
        lambda number: does(amending.amend, number, {"amount": f"{random.randint(1, 9)}0000.00"}, who="manager"),
        lambda number: does(amending.amend, number, {"need": f"Something else {random.random()}"}, who="manager"),
        lambda number: does(closing.return_deal, number, random.choice(STAGES), "For a reason", who="manager"),
        lambda number: does(closing.lose, number, "price", who="manager"),
        lambda number: does(closing.reopen, number, "They call again", who="manager"),
        lambda number: does(
            closing.assign, number, company.seats[random.choice(["rep", "rep2", "rep_west"])], who="manager"
        ),
    ]
    with suppress(Problem), transaction.atomic():
        organisation.publish_rate("EUR", seats.now().date() - timedelta(days=2), Decimal("1.10"), by=SETUP)
    opened()
    yield numbers
    hurry(numbers[0])
    yield numbers
    for _at in range(steps):
        if len(numbers) < 3 and random.random() < 0.3:
            opened()
        else:
            random.choice(on_a_deal)(random.choice(numbers))
        yield numbers
