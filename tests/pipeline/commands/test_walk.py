"""A deal from open to booked, through the commands, with the exact entries that each writes."""

from django.db import transaction

from governance.commands import milestones
from pipeline.commands import advancing
from tests import walking
from tests.walking import kinds, view

PROVEN = ["milestone.started", "evidence.added", "milestone.submitted", "milestone.verified"]
TO_SOLUTION = ["deal.opened", "gate.refused", "deal.advanced", "milestone.planned", "milestone.planned"]


def test_open_to_booked(company):
    number = walking.opened(company)
    assert kinds(number) == ["deal.opened"]
    assert not advancing.advance(number, "commit", by=company.by("rep")).passed
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    assert kinds(number) == TO_SOLUTION
    for key in walking.BEFORE_COMMIT:
        walking.verified(company, number, key)
    assert kinds(number)[5:] == PROVEN * 2
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    for key in walking.BEFORE_BOOKED:
        walking.verified(company, number, key)
    confirmed = [*PROVEN * 2, "reservation.confirmed", *PROVEN]  # capacity is the second of the three
    assert kinds(number)[13:] == ["deal.advanced", *["milestone.planned"] * 3, *confirmed]
    walking.attested(company, number, "sales", "operations")
    assert view(number).stage == "commit"
    walking.attested(company, number, "finance")
    assert kinds(number)[30:] == [
        *["attestation.given"] * 3, "booking.recorded", *["milestone.planned"] * 3, "revenue.scheduled",
    ]  # fmt: skip
    booked = view(number)
    assert (booked.stage, booked.place, booked.value_minor) == ("booked", "booked", 10_000_000)


def test_a_command_works_inside_a_savepoint(company):
    """The guard of the state once knew its own transaction only outside savepoints."""
    with transaction.atomic():
        number = walking.solution(company)
        with transaction.atomic():
            row = walking.submitted(company, number, "credit-approved", "finance")
        milestones.verify(row, by=company.by("finance2"))
    assert kinds(number)[-1] == "milestone.verified"
