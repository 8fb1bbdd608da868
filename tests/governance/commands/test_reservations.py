"""Capacity is taken and given back by entries; what does not fit is refused with months, amounts and dates."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test import Client

from governance.commands import expansions, milestones, reservations
from governance.models import Notice
from governance.queries import notices, pools
from ledger.queries import entries
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending, closing
from pipeline.queries import deals, policies, seats
from pipeline.rules import gate
from tests import forging, walking


def pool(unit="east", month=date(2027, 7, 1)):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT soft, confirmed FROM governance_capacitymonth WHERE unit = %s AND month = %s", [unit, month]
        )
        return cursor.fetchone() or (0, 0)


def balances():
    """(place, month) → units, as the postings say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, period, sum(amount)::bigint FROM ledger_posting WHERE book = 'capacity' GROUP BY 1, 2"
        )
        return {(place, period.isoformat()[:7]): total for place, period, total in cursor.fetchall() if total}


def deal(company, units=120, months=3, start="2027-07-01", **more):
    return walking.opened(
        company, delivery_units=units, delivery_months=months, start_on=start, close_on="2027-06-01", **more
    )


def load(company, **by_month):
    """Other deals, confirmed: `jul=860` and so on."""
    for name, units in by_month.items():
        month = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec").index(name) + 1
        number = deal(company, units, 1, f"2027-{month:02d}-01")
        assert reservations.reserve(number, by=company.by("ops"), confirm=True).fits


def standing(number):
    return deals.read_one(number).standings["capacity-reserved"]


WORKED = {"jul": 860, "aug": 870, "sep": 840, "oct": 820, "nov": 800, "dec": 780}


def test_a_reservation_is_an_entry_of_each_month_and_of_the_deal(company):
    number = deal(company)
    answer = reservations.reserve(number, by=company.by("rep"))
    assert answer.fits
    assert [(row.month.month, row.load, row.limit) for row in answer.months] == [
        (7, 120, 950),
        (8, 120, 950),
        (9, 120, 950),
    ]
    assert walking.kinds(number) == ["deal.opened", "reservation.made"]
    assert [entry.kind for entry in entries.timeline("capacity/east/2027-07")] == [
        "capacity.reserved",
        "capacity.opened",
    ]
    assert balances() == {
        (place, month): units
        for month in ("2027-07", "2027-08", "2027-09")
        for place, units in (("source", -1000), ("available", 880), ("soft-reserved", 120))
    }
    assert (standing(number).effect, standing(number).status) == ("met", "reserved")
    assert (standing(number).valid_until - seats.now()).days == 13


def test_what_does_not_fit_is_told_months_amounts_and_dates(company):
    """The worked numbers of DESIGN.md 6."""
    load(company, **WORKED)
    number = deal(company)
    answer = reservations.reserve(number, by=company.by("rep"))
    assert [(row.month.month, row.load, row.over) for row in answer.over] == [(7, 980, 30), (8, 990, 40), (9, 960, 10)]
    assert (answer.earliest, answer.order_by) == (date(2027, 10, 1), date(2027, 4, 17))
    assert walking.kinds(number) == ["deal.opened", "reservation.refused"]
    assert pool() == (0, 860)
    assert standing(number).facts["over"] == [["2027-07-01", 30], ["2027-08-01", 40], ["2027-09-01", 10]]


def test_the_gate_says_by_how_much_it_is_over(company):
    load(company, jul=860)
    number = walking.commit(company, close_on="2027-06-01", start_on="2027-07-01")
    reservations.reserve(number, by=company.by("rep"))
    found = deals.read_one(number)
    policy = policies.version(found.view.policy_version)
    decision = gate.evaluate(policy, found.view, found.standings, "booked", now=seats.now())
    said = next(result for result in decision.results if result.kind == "capacity")
    assert (said.state, said.status, said.code) == ("unmet", "blocked", "GATE-CAP-1")
    assert said.message == (
        "Capacity is reserved for every delivery month: Over the ceiling by 30 units in Jul 2027. "
        "Earliest start 1 Aug 2027; to start on 1 Jul 2027, order an expansion by 17 Apr 2027."
    )


def test_operations_confirms_by_verifying_and_a_verification_does_not_oversell(company):
    load(company, jul=860)
    number = walking.commit(company, close_on="2027-06-01", start_on="2027-07-01")
    row = walking.submitted(company, number, "capacity-confirmed", "ops")
    with pytest.raises(Problem) as caught, transaction.atomic():
        milestones.verify(row, by=company.by("ops2"))
    assert caught.value.slug == "over-capacity"
    assert caught.value.extra["over"] == [{"month": "2027-07-01", "over": 30, "load": 980, "limit": 950}]
    assert walking.kinds(number)[-1] == "milestone.submitted"


def test_a_booking_is_confirmed_and_losing_it_frees_every_month(company):
    number = walking.booked(company)
    first = walking.view(number).start_on.replace(day=1)
    assert pool(month=first) == (0, 120)
    closing.lose(number, "other", by=company.by("rep"))
    assert pool(month=first) == (0, 0)
    assert walking.kinds(number)[-1] == "reservation.released"
    assert {place for place, _ in balances()} == {"source", "available"}


def test_a_debooking_takes_the_confirmation_back_and_a_booking_gives_it_again(company):
    number = walking.booked(company)
    first = walking.view(number).start_on.replace(day=1)
    amending.amend(number, {"amount": "150000.00"}, by=company.by("rep"))
    assert walking.view(number).stage == "commit"
    assert pool(month=first) == (120, 0)
    assert standing(number).valid_until is not None
    for key in ("credit-approved", "billing-terms-verified", "contract-signed"):
        walking.verified(company, number, key)
    walking.attested(company, number)
    assert walking.view(number).stage == "booked"
    assert pool(month=first) == (0, 120)
    assert standing(number).valid_until is None


def test_revoking_capacity_frees_it_at_once(company):
    number = walking.booked(company)
    first = walking.view(number).start_on.replace(day=1)
    milestones.revoke(walking.milestone(number, "capacity-confirmed"), "the line is down", by=company.by("ops"))
    assert pool(month=first) == (0, 0)
    assert (standing(number).effect, standing(number).status) == ("unmet", "released")
    assert walking.view(number).stage == "commit"


def test_a_step_back_frees(company):
    number = deal(company)
    reservations.reserve(number, by=company.by("rep"))
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    closing.return_deal(number, "qualify", "they think again", by=company.by("rep"))
    assert pool() == (0, 0)
    assert standing(number).status == "released"


def test_amended_terms_are_reserved_anew_or_refused(company):
    number = deal(company)
    reservations.reserve(number, by=company.by("rep"))
    amending.amend(number, {"delivery_units": 200, "delivery_months": 2}, by=company.by("rep"))
    assert [(row.month.month, row.units, row.state) for row in pools.of_deal(number)] == [
        (7, 200, "soft"),
        (8, 200, "soft"),
    ]
    assert pool(month=date(2027, 9, 1)) == (0, 0)
    amending.amend(number, {"delivery_units": 951}, by=company.by("rep"))
    assert pools.of_deal(number) == []
    assert standing(number).status == "over"


def test_another_unit_reserves_there(company):
    number = deal(company)
    reservations.reserve(number, by=company.by("rep"))
    closing.assign(number, company.seats["rep_west"], by=company.by("manager"))
    assert (pool(), pool("west")) == ((0, 0), (120, 0))


def test_a_soft_reservation_runs_out_once(company):
    number = deal(company)
    reservations.reserve(number, by=company.by("rep"))
    assert reservations.sweep() == 0
    walking.move_clock(standing(number).valid_until)
    assert (reservations.sweep(), reservations.sweep()) == (1, 0)
    assert pool() == (0, 0)
    assert walking.kinds(number)[-1] == "reservation.expired"


def test_asking_again_renews_and_takes_no_confirmation_back(company):
    number = deal(company)
    reservations.reserve(number, by=company.by("rep"))
    reservations.reserve(number, by=company.by("rep"))
    assert pool() == (120, 0)
    reservations.reserve(number, by=company.by("ops"), confirm=True)
    reservations.reserve(number, by=company.by("rep"))
    assert pool() == (0, 120)
    assert walking.kinds(number)[1:] == ["reservation.made", "reservation.made", "reservation.confirmed"]


@pytest.mark.parametrize(("who", "confirm", "code"), [
    ("finance", False, "CAP-ACT-1"), ("rep2", False, "CAP-ACT-1"), ("rep", True, "CAP-ACT-3"),
    ("finance", True, "CAP-ACT-3"),
])  # fmt: skip
def test_who_may_reserve(company, who, confirm, code):
    number = deal(company)
    with pytest.raises(Problem) as caught, transaction.atomic():
        reservations.reserve(number, by=company.by(who), confirm=confirm)
    assert code in caught.value.detail


def test_an_expansion_counts_when_somebody_else_has_verified_it(company):
    """+100 with 75 days lead, ordered and verified 20 May, counts from September: its limit is 1,045 then."""
    load(company, **WORKED)
    walking.move_clock(seats.now().replace(year=2027, month=5, day=20))
    number = deal(company, start="2027-09-01")
    assert [row.over for row in reservations.reserve(number, by=company.by("rep")).over] == [10]
    order = expansions.order("east", 100, date(2027, 5, 20), 75, by=company.by("ops"))
    assert not reservations.reserve(number, by=company.by("rep")).fits
    with pytest.raises(Problem, match="CAP-ACT-7"), transaction.atomic():
        expansions.verify(order, by=company.by("ops"))
    told = set(Notice.objects.filter(subject=f"expansion/{order}").values_list("person__email", flat=True))
    assert {company.person(who).email for who in ("ops2", "finance")} <= told
    assert company.person("ops").email not in told
    browser = Client()
    browser.force_login(company.person("rep"))
    page = f"/deals/{deals.ref_of(number)}/"
    assert "there is room in every month by now" not in browser.get(page).content.decode()
    expansions.verify(order, by=company.by("ops2"))
    assert notices.is_acknowledged(f"expansion/{order}"), "nobody is asked for it any more"
    seen = browser.get(page).content.decode()
    assert "Fits now" in seen and "there is room in every month by now" in seen
    answer = reservations.reserve(number, by=company.by("rep"))
    assert answer.fits
    assert [(row.month.month, row.limit, row.load) for row in answer.months] == [
        (9, 1045, 960),
        (10, 1045, 940),
        (11, 1045, 920),
    ]
    july = reservations.reserve(deal(company), by=company.by("rep"))
    assert [(row.month.month, row.over) for row in july.over] == [(7, 30), (8, 40), (9, 35)]


def test_a_withdrawn_expansion_leaves_what_was_promised_and_takes_nothing_more(company):
    order = expansions.order("east", 1000, seats.now().date(), 0, by=company.by("ops"))
    expansions.verify(order, by=company.by("finance"))
    assert reservations.reserve(deal(company, 1500), by=company.by("rep")).fits
    expansions.withdraw(order, "the supplier is bankrupt", by=company.by("ops"))
    answer = reservations.reserve(deal(company, 1), by=company.by("rep"))
    assert {row.over for row in answer.over} == {551}


FORGED = [
    ("a_month_promises_no_more_than_its_ceiling", {"units": 951}, 951),
    ("postings_say_what_the_pool_moves", {"units": 100}, 99),
    ("an_entry_of_a_pool_says_what_was_and_is", {"units": 100, "was": "soft", "now": "confirmed"}, 100),
]


@pytest.mark.parametrize(("constraint", "said", "moved"), FORGED)
def test_the_database_itself_refuses(company, constraint, said, moved):
    number = deal(company)
    reservations.reserve(deal(company, 1), by=company.by("rep"))
    if constraint.startswith("a_month"):
        moved = said["units"] = 950
    line = {
        "book": "capacity", "period": "2027-07-01", "unit": "east", "deal": number, "seat": None, "currency": None,
        "cause": "new",
    }  # fmt: skip
    body = {"deal": number, "was": "none", "now": "soft", "why": "", **said}
    body["postings"] = [
        line | {"place": "available", "amount": -moved},
        line | {"place": "soft-reserved", "amount": moved},
    ]
    with forging.refused(constraint):
        forging.write("capacity/east/2027-07", "capacity.reserved", body)


def test_a_deal_does_not_say_that_it_is_reserved_when_it_is_not(company):
    number = deal(company)
    body = {"key": "capacity-reserved", "requirement": "capacity", "function": "sales", "facts": {}}
    with forging.refused("a_reservation_covers_every_delivery_month"):
        forging.write(f"deal/{number}", "reservation.made", body)
    with forging.refused("a_reservation_speaks_for_capacity"):
        forging.write(f"deal/{number}", "reservation.made", body | {"requirement": "milestone"})


def test_the_database_refuses_one_person_for_both_halves_of_an_expansion(company):
    order = expansions.order("east", 100, seats.now().date(), 75, by=company.by("ops"))
    with forging.refused("an_expansion_is_verified_by_somebody_else"):
        forging.write(f"expansion/{order}", "expansion.verified", {}, actor=company.person("ops").pk)
    with forging.refused("who_verifies_an_expansion_holds_operations_or_finance"):
        forging.write(f"expansion/{order}", "expansion.verified", {}, actor=company.person("rep").pk)
