"""Promise = plan = books, each day: what parts is a break and an alert of who can mend it, closed after a re-check."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.commands import deadlines, milestones, replanning, reservations
from governance.commands.alerting import acts, ladder
from governance.queries import alerts, breaks
from ledger.commands.append import Draft, append, lock
from ledger.queries import entries, moment
from ledger.rules.actor import SYSTEM
from ledger.rules.problems import Problem
from pipeline.commands import advancing
from pipeline.queries import calendars, integrity, organisation, seats
from pipeline.queries import deals as read
from pipeline.rules.integrity import FRESH_DAYS
from reporting.commands import billing, passing, reconciling
from reporting.commands import forecasts as saying
from reporting.queries import asking, forecasts
from reporting.queries.measuring import Asked
from reporting.rules.billing import Stated
from tests import walking
from tests.walking import move_clock, view

JAN, FEB = date(2027, 1, 1), date(2027, 2, 1)


@contextmanager
def refusing(match):
    with pytest.raises(Problem, match=match), transaction.atomic():
        yield


def deliver(company, many):
    """Each 590,000 booked for January and February and delivered from 1 January; it is 2 February, nothing is
    invoiced."""
    move_clock(datetime(2026, 12, 1, 9, tzinfo=UTC))
    said = {"amount": "590000.00", "close_on": "2026-12-20", "start_on": "2027-01-01", "delivery_months": 2}
    numbers = [walking.booked(company, **said) for _ in range(many)]
    for number in numbers:
        milestones.verify(walking.submitted(company, number, "delivered", "ops"), by=company.by("ops2"))
    move_clock(datetime(2027, 2, 2, 9, tzinfo=UTC))
    passing.sweep()
    return numbers


@pytest.fixture
def delivered(company):
    return deliver(company, 1)[0]


def run():
    reconciling.begin_again(organisation.company().day_of(seats.now()))
    done = reconciling.sweep()
    return done, reconciling.of_day(organisation.company().day_of(seats.now()))


def state(number, amount, day, sort="invoice", document=None):
    return Stated(sort, document or f"{sort}-{amount}", day, amount, "USD")


def of(number):
    return breaks.open_of([number]).get(number, {})


def test_what_was_delivered_and_not_invoiced(company, delivered):
    done, pass_ = run()
    assert (done, pass_.found, pass_.finished_at is not None) == (1, 1, True)
    one = of(delivered)["unbilled"]
    assert (one.month, one.function, one.unit) == (JAN, "finance", "east")
    assert one.amount == 310_000_00, "31 of 59 days"
    assert one.facts["planned"] == one.facts["promised"] == 310_000_00 and one.facts["invoiced"] == 0
    (alert,) = alerts.listing(seats.of_person(company.person("auditor").pk), deal=delivered)
    assert (alert.alert.subject, alert.alert.function, alert.alert.stake_minor) == ("break", "finance", 310_000_00)
    assert alert.owner and not alert.done
    assert (reconciling.sweep(), run()[1].found) == (0, 0), "the same break is found once"
    assert [entry.kind for entry in entries.timeline(f"break/{one.id}", limit=5)] == ["break.found"]


def test_breaks_of_many_deals_are_written_in_as_many_statements_as_of_one(company):
    first, *others = deliver(company, 3)
    asked = []
    for numbers in ([first], others):
        with CaptureQueriesContext(connection) as queries:
            reconciling._check(numbers)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    found = [of(number)["unbilled"] for number in (first, *others)]
    rows = alerts.listing(seats.of_person(company.person("auditor").pk))
    assert {row.alert.about for row in rows if row.alert.subject == "break"} == {f"break/{one.id}" for one in found}


def test_a_break_closes_after_a_recheck_only(company, delivered):
    run()
    one = of(delivered)["unbilled"]
    (row,) = alerts.listing(seats.of_person(company.person("auditor").pk), deal=delivered)
    number, finance, second = row.alert.id, company.by("finance"), company.by("rep")
    owner = next(short for short in ("finance", "finance2", "cfo") if company.person(short).pk == row.owner_person)
    answers = company.by("finance2" if owner == "finance" else "finance")
    acts.acknowledge(number, by=answers)
    acts.explain(number, "system", "The invoice run stood still", by=answers)
    calendar = calendars.of_unit("east")
    acts.commit(number, calendar.after(date(2027, 2, 4)), "It runs on Thursday", by=answers)
    with refusing("ALERT-10"):
        acts.verify(number, True, by=second)
    billing.state(delivered, state(delivered, 300_000_00, FEB), by=finance)
    assert reconciling.recheck(one.id, by=second).found.amount == 10_000_00, "less is missing"
    with refusing("ALERT-10"):
        acts.verify(number, True, by=second)
    billing.state(delivered, state(delivered, 10_000_00, FEB), by=finance)
    assert reconciling.recheck(one.id, by=second).found.cleared_at is not None
    acts.verify(number, True, by=second)
    assert alerts.one(number).alert.state == "closed"
    assert [entry.kind for entry in entries.timeline(f"break/{one.id}", limit=5)] == [
        "break.cleared", "break.changed", "break.found",
    ]  # fmt: skip
    billing.state(delivered, state(delivered, 10_000_00, FEB, "credit"), by=finance)
    assert run()[1].found == 1, "what parts again is a break of its own"
    assert of(delivered)["unbilled"].id != one.id


def test_a_promise_of_a_break_that_passes_opens_it_again(company, delivered):
    run()
    (row,) = alerts.listing(seats.of_person(company.person("auditor").pk), deal=delivered)
    number, finance = row.alert.id, company.by("finance")
    acts.acknowledge(number, by=finance)
    acts.explain(number, "system", "The invoice run stood still", by=finance)
    acts.commit(number, date(2027, 2, 5), "On Friday", by=finance)
    move_clock(datetime(2027, 2, 8, 9, tzinfo=UTC))
    ladder.sweep()
    assert (alerts.one(number).alert.state, alerts.one(number).alert.rung) == ("open", 1)


def test_books_that_hold_more_than_was_sold_or_invoiced(company, delivered):
    finance = company.by("finance")
    billing.state(delivered, state(delivered, 600_000_00, JAN), by=finance)
    billing.state(delivered, state(delivered, 601_000_00, FEB, "collection"), by=finance)
    run()
    assert {sort: one.amount for sort, one in of(delivered).items()} == {
        "overbilled": 10_000_00, "overcollected": 1_000_00,
    }  # fmt: skip
    assert [one.month for one in of(delivered).values()].count(JAN) == 1


def test_a_milestone_that_claims_what_the_books_do_not_hold(company, delivered):
    milestones.verify(walking.submitted(company, delivered, "invoiced", "finance"), by=company.by("finance2"))
    milestones.verify(walking.submitted(company, delivered, "collected", "finance"), by=company.by("finance2"))
    run()
    assert {sort: one.amount for sort, one in of(delivered).items()} == {
        "claimed-invoice": 590_000_00, "claimed-payment": 590_000_00,
    }  # fmt: skip


def test_a_plan_behind_its_promise_until_somebody_says_by_when(company):
    move_clock(datetime(2026, 12, 1, 9, tzinfo=UTC))
    number = walking.booked(
        company, amount="590000.00", close_on="2026-12-20", start_on="2027-01-01", delivery_months=2
    )
    move_clock(datetime(2027, 2, 2, 9, tzinfo=UTC))
    deadlines.sweep()
    passing.sweep()
    run()
    late = of(number)["late-plan"]
    assert (late.month, late.function) == (JAN, "operations")
    assert late.amount == late.facts["promised"] - late.facts["planned"] == 310_000_00
    replanning.replan(
        walking.milestone(number, "delivered"), date(2027, 2, 20), by=company.by("ops"), note="The line is repaired"
    )
    run()
    assert "late-plan" not in of(number), "there is a date: what it does is variance"
    assert "without-capacity" in of(number), "but the months that it moves into hold no capacity"
    assert of(number)["without-capacity"].month == date(2027, 3, 1)


def test_integrity_measure_and_past_see_the_break(company, delivered):
    before = seats.now()
    run()
    company_ = organisation.company()
    told = asking.tell("breaks", Asked(company_, seats.now(), by=("unit", "sort")))
    assert told.text == "310000.00" and told.answer.rows[0].key == ("east", "unbilled")
    assert told.answer.count() == 1 and told.answer.behind(None, 5)[0].amount == 310_000_00
    deal = {delivered: read.read_one(delivered)}
    apart = breaks.unreconciled(deal)
    parts = {part.name: part for part in integrity.of_deals(deal, seats.now(), "", apart)[delivered].parts}
    assert apart == {delivered} and parts["reconciled"].held == 0
    with moment.known_at(before):
        assert of(delivered) == {}
    with moment.known_at(seats.now()):
        assert of(delivered)["unbilled"].amount == 310_000_00


def test_nobody_but_the_reconciliation_finds_or_clears(company, delivered):
    run()
    number = of(delivered)["unbilled"].id
    body = {"amount_minor": 0, "tolerance": 100, "facts": {}}
    with pytest.raises(DatabaseError, match="nobody else"), transaction.atomic():
        append(lock(f"break/{number}"), Draft("break.cleared", body), by=company.by("finance"))
    with pytest.raises(DatabaseError, match="open beyond"), transaction.atomic():
        append(lock(f"break/{number}"), Draft("break.cleared", {**body, "amount_minor": 500}), by=SYSTEM)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_break SET cleared_at = now()")
    with refusing("not"):
        reconciling.recheck(number, by=company.by("rep_west"))
    assert view(delivered).place == "booked", "a break moves no booking"


def test_a_break_weighs_in_the_ceiling_of_a_forecast_and_lowers_it_at_once(company):
    """Facts that are old leave 85 of the score; without finance it is 75, and a commit wants 80."""
    close = (seats.now() + timedelta(days=180)).date()
    number = walking.opened(company, close_on=str(close), start_on=str(close + timedelta(days=30)))
    move_clock(seats.now() + timedelta(days=FRESH_DAYS + 1))
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    for key in walking.BEFORE_COMMIT:
        walking.verified(company, number, key)
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    assert reservations.reserve(number, by=company.by("rep")).fits

    def score():
        return forecasts.judge(read.read_one(number), seats.now(), organisation.zone()).integrity

    saying.submit(number, "commit", Decimal("0.9"), by=company.by("rep"))
    assert score() == 85
    billing.state(number, Stated("invoice", "I-9", seats.now().date(), 1_000_00, "USD"), by=company.by("finance"))
    while reconciling.sweep():
        pass
    (broken,) = breaks.open_of([number])[number].values()
    assert broken.sort == "overbilled" and score() == 75
    lowered = forecasts.of_deal(number)
    assert (lowered.kind, lowered.category) == ("lowered", "best_case")
    body = entries.timeline(f"deal/{number}", limit=1)[0].body
    assert body["because"] == "break.found" and [code for code, _key in body["reasons"]] == ["FORECAST-7"]
    assert saying.sweep() == 0, "nothing is left to the next look"
