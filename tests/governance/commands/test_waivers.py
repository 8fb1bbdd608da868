"""One requirement is excused for some days, under two signatures; it costs, and it ends."""

import re
from datetime import timedelta

import pytest
from django.db import Error, connection, transaction

from governance.commands import waivers
from governance.queries import waivers as query
from governance.rules import waiver as rules
from ledger.commands.append import Draft, append
from ledger.queries import entries
from ledger.rules.problems import Problem
from ledger.rules.standing import waiver_key
from ledger.web import telling
from pipeline.commands import advancing
from pipeline.queries import deals, organisation, policies, seats
from reporting.queries import booked as figures
from reporting.rules import periods
from tests import walking

CREDIT = "credit-approved"
CONTRACT = "contract-signed"


def asked(company, number, key=CREDIT, who="rep", days=10, **more):
    said = {"reason": "evidence-late", "step": "The CFO called the bank", **more}
    day = (seats.now() + timedelta(days=days)).date()
    return waivers.ask(number, key, said["reason"], day, said["step"], by=company.by(who))


def granted(company, number, key=CREDIT, who="ops", **more):
    asked(company, number, key, **more)
    waivers.decide(number, key, True, by=company.by(who))


def refused(slug, run, *args, **more):
    with pytest.raises(Problem) as caught, transaction.atomic():
        run(*args, **more)
    assert caught.value.slug == slug, caught.value
    return caught.value


def under_waiver(company, key=CONTRACT):
    """In booked, one milestone of the last gate waived."""
    number = walking.commit(company)
    for name in set(walking.BEFORE_BOOKED) - {key}:
        walking.verified(company, number, name)
    walking.attested(company, number)
    granted(company, number, key)
    return number


def lines(company):
    now = seats.now()
    period = periods.quarter_of(now.date(), 1)
    found = figures.booked(organisation.company(), as_of=now, period=period, units=None)
    return found.value, found.under_waiver


def test_two_functions_open_a_gate_for_some_days(company):
    number = walking.solution(company)
    walking.verified(company, number, "delivery-plan-accepted")
    assert not advancing.advance(number, "commit", by=company.by("rep")).passed
    asked(company, number)
    assert not advancing.advance(number, "commit", by=company.by("rep")).passed, "a request opens nothing"
    waivers.decide(number, CREDIT, True, by=company.by("ops"))
    decision = advancing.advance(number, "commit", by=company.by("rep"))
    assert decision.passed and decision.waived
    result = next(one for one in decision.results if one.key == CREDIT)
    assert (result.state, result.fact) == ("waived", walking.standing(number, waiver_key(CREDIT)).entry_id)
    assert walking.standing(number, CREDIT).status == "planned", "the milestone goes on beside its waiver"
    assert walking.kinds(number)[-8:] == [
        "gate.refused", "waiver.requested", "gate.refused", "waiver.granted", "deal.advanced",
        "milestone.planned", "milestone.planned", "milestone.planned",
    ]  # fmt: skip


def test_work_on_what_is_waived_goes_on_and_repays_it(company):
    number = walking.solution(company)
    granted(company, number)
    walking.verified(company, number, CREDIT)
    assert walking.kinds(number)[-2:] == ["milestone.verified", "waiver.repaid"]
    (row,) = query.of_deal(number)
    assert (row.waiver.state, row.requester, row.approver) == ("repaid", "Rep", "Ops")


def test_booked_under_waiver_is_its_own_line_until_it_is_repaid(company):
    before = lines(company)
    number = under_waiver(company)
    view = walking.view(number)
    assert (view.stage, view.place) == ("booked", "booked-under-waiver")
    assert lines(company) == (before[0], before[1] + 10_000_000)
    walking.verified(company, number, CONTRACT)
    assert walking.kinds(number)[-7:] == [
        "milestone.verified", "waiver.repaid", "booking.reversed", "reservation.softened", "booking.recorded",
        "revenue.scheduled", "reservation.confirmed",
    ]  # fmt: skip
    assert walking.view(number).place == "booked"
    assert lines(company) == (before[0] + 10_000_000, before[1])
    told = [telling.sentence(entry, {}).split(":")[0] for entry in entries.timeline(f"deal/{number}", limit=50)]
    assert [one for one in told if "ooked" in one] == ["Booked", "De-booked", "Booked under waiver"]


def test_at_its_end_unmet_a_booking_under_waiver_is_reversed(company):
    before = lines(company)
    number = under_waiver(company)
    walking.move_clock(seats.now() + timedelta(days=15))
    assert waivers.sweep() == 1
    assert waivers.sweep() == 0, "twice is harmless"
    assert walking.kinds(number)[-3:] == ["waiver.ended", "booking.reversed", "reservation.softened"]
    assert walking.view(number).stage == "commit"
    assert lines(company) == before


def test_at_its_end_unmet_the_deal_returns_to_the_stage_before(company):
    number = walking.solution(company)
    walking.verified(company, number, "delivery-plan-accepted")
    granted(company, number)
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    walking.move_clock(seats.now() + timedelta(days=15))
    assert waivers.sweep() == 1
    assert walking.kinds(number)[-2:] == ["waiver.ended", "deal.returned"]
    assert walking.view(number).stage == "solution"


def test_a_booking_that_rests_on_an_earlier_gate_goes_back_as_far(company):
    number = walking.solution(company)
    walking.verified(company, number, "delivery-plan-accepted")
    granted(company, number)
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    for key in walking.BEFORE_BOOKED:
        walking.verified(company, number, key)
    walking.attested(company, number)
    assert walking.view(number).place == "booked-under-waiver"
    walking.move_clock(seats.now() + timedelta(days=15))
    assert waivers.sweep() == 1
    view = walking.view(number)
    assert (view.stage, view.place) == ("solution", "pipeline/solution")


def test_a_request_that_nobody_answered_lapses(company):
    number = walking.solution(company)
    asked(company, number, days=2)
    walking.move_clock(seats.now() + timedelta(days=3))
    refused("waiver-not-asked", waivers.decide, number, CREDIT, True, by=company.by("ops"))
    assert waivers.sweep() == 1
    assert walking.kinds(number)[-1] == "waiver.refused"
    asked(company, number)  # and may be made again


def test_who_asks_does_not_decide_and_neither_does_their_function(company):
    number = walking.solution(company)
    asked(company, number, who="manager")
    for who in ("manager", "rep", "cro", "steward"):
        refused("separation-of-duties", waivers.decide, number, CREDIT, True, by=company.by(who))
    refused("not-found", waivers.decide, number, CREDIT, True, by=company.by("ops_west"))
    waivers.decide(number, CREDIT, False, by=company.by("manager"))  # taken back
    tomorrow = (seats.now() + timedelta(days=1)).date()
    refused("forbidden", waivers.ask, number, CREDIT, "other", tomorrow, "none", by=company.by("ops"))
    refused("waiver-not-asked", waivers.decide, number, CREDIT, True, by=company.by("ops"))


def test_only_what_is_owed_is_waived_and_once(company):
    number = walking.solution(company)
    walking.verified(company, number, "delivery-plan-accepted")
    refused("requirement-met", asked, company, number, "delivery-plan-accepted")
    asked(company, number)
    refused("waiver-open", asked, company, number)
    refused("bad-input", asked, company, number, "attested-sales")


def test_a_team_has_a_budget(company):
    granted(company, walking.solution(company, amount="700000.00"), days=10)  # of 10 million currency-days
    number = walking.solution(company, amount="310000.00")
    asked(company, number, days=10)
    said = refused("waiver-budget", waivers.decide, number, CREDIT, True, by=company.by("ops")).detail
    # The tenth day from now ends ten to eleven days from now.
    assert re.search(r"(3,100,000|3,410,000) currency-days and the team has", said)
    waivers.decide(number, CREDIT, False, by=company.by("ops"), note="spend less")
    smaller = walking.solution(company, amount="200000.00")
    granted(company, smaller, days=10)


def forged(number, kind, person, facts, **more):
    locked = deals.lock(number, person.person)
    body = {"key": waiver_key(CREDIT), "requirement": "waiver", "facts": facts, **more}
    append(locked.chain, Draft(kind, body, private={"step": "x y z"}), by=person)


@pytest.mark.parametrize(
    ("kind", "who", "function", "name"),
    [
        ("waiver.granted", "rep", "operations", "a_waiver_has_two_functions"),
        ("waiver.granted", "manager", "sales", "a_waiver_has_two_functions"),
        ("waiver.granted", "ops_west", "operations", "a_waiver_has_two_functions"),
        ("waiver.ended", "ops", "operations", "a_waiver_ends_at_its_end"),
        ("waiver.repaid", "ops", "operations", "a_waiver_is_repaid_by_meeting_it"),
        ("waiver.requested", "rep", "sales", "a_waiver_ends_within_14_days"),
    ],
)
def test_the_database_holds_the_same_line(company, kind, who, function, name):
    number = walking.solution(company)
    asked(company, number)
    held = query.open_of(f"deal/{number}", CREDIT)
    if kind in ("waiver.ended", "waiver.repaid"):
        waivers.decide(number, CREDIT, True, by=company.by("ops"))
    until = held.valid_until + timedelta(days=30 if kind == "waiver.requested" else 0)
    facts = {"waiver": held.id, "function": function, "reason": "other", "value_minor": 10_000_000}
    with pytest.raises(Error) as caught, transaction.atomic():
        forged(number, kind, company.by(who), facts, valid_until=until)
    assert caught.value.__cause__.diag.constraint_name == name


def test_a_waiver_without_its_entry_is_refused(company):
    number = walking.solution(company)
    asked(company, number)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_waiver SET state = 'granted'")


def test_the_debt_of_a_deal_is_amount_times_days(company):
    number = walking.solution(company, amount="250000.00")
    granted(company, number, days=14)
    walking.move_clock(seats.now() + timedelta(days=9, hours=12))
    (row,) = query.of_deal(number)
    assert rules.debt(row.waiver, seats.now()) == 10 * 25_000_000


def test_the_default_policy_states_the_budget(company):
    assert int(policies_in_force().thresholds[rules.BUDGET]) == 1_000_000_000


def policies_in_force():
    return policies.version(1)
