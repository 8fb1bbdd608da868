"""A verification runs out: the gate refuses at once, the sweep writes it down and un-books what rested on it."""

from datetime import timedelta

import psycopg2
import pytest
from django.db import connection

from governance.commands import expiry
from pipeline.commands import advancing
from pipeline.queries import deals
from tests import walking
from tests.walking import kinds, move_clock, view


def run_out(number):
    """Moves the clock to the moment until which the credit of a deal is valid."""
    return move_clock(deals.read_one(number).standings["credit-approved"].valid_until)


def test_the_gate_refuses_before_the_sweep_has_run(company):
    number = walking.solution(company)
    for key in walking.BEFORE_COMMIT:
        walking.verified(company, number, key)
    run_out(number)
    decision = advancing.advance(number, "commit", by=company.by("rep"))
    assert [(result.key, result.status) for result in decision.refusals] == [("credit-approved", "expired")]
    assert deals.read_one(number).standings["credit-approved"].status == "verified"


def test_valid_until_the_last_moment(company):
    number = walking.solution(company)
    for key in walking.BEFORE_COMMIT:
        walking.verified(company, number, key)
    until = deals.read_one(number).standings["credit-approved"].valid_until
    move_clock(until - timedelta(seconds=30))
    assert expiry.sweep() == 0
    assert advancing.advance(number, "commit", by=company.by("rep")).passed


def test_the_sweep_expires_and_unbooks(company):
    number = walking.booked(company)
    planned = kinds(number)
    run_out(number)
    assert view(number).stage == "booked"
    assert expiry.sweep() == 1
    follows = ["milestone.expired", "booking.reversed", "variance.recorded", "reservation.softened"]
    assert kinds(number) == [*planned, *follows]
    state = view(number)
    assert (state.stage, state.place) == ("commit", "pipeline/commit")
    assert deals.read_one(number).standings["credit-approved"].status == "expired"
    assert expiry.sweep() == 0


def test_a_new_verification_books_again(company):
    number = walking.booked(company)
    run_out(number)
    expiry.sweep()
    walking.verified(company, number, "credit-approved")
    assert view(number).stage == "booked"


def test_one_that_fails_holds_nobody_up(committed_company):
    """A deal that somebody holds for long is passed over. Once its error ended the sweep, and each sweep after it."""
    database, company = committed_company
    first, second = walking.solution(company), walking.solution(company)
    for number in (first, second):
        walking.verified(company, number, "credit-approved")
    run_out(second)
    with database.app() as other, other.cursor() as held, connection.cursor() as cursor:
        held.execute("SELECT ledger_lock(%s)", [f"deal/{first}"])
        cursor.execute("SET lock_timeout = '200ms'")
        assert expiry.sweep() == 1
        cursor.execute("RESET lock_timeout")
    assert kinds(second)[-1] == "milestone.expired"
    assert kinds(first)[-1] == "milestone.verified"
    assert expiry.sweep() == 1


def test_the_application_expires_nothing_by_hand(company):
    number = walking.booked(company)
    with pytest.raises(Exception) as caught, connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_standing SET valid_until = now() WHERE stream = %s", [f"deal/{number}"])
    assert isinstance(caught.value.__cause__, psycopg2.errors.InsufficientPrivilege)
