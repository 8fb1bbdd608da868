"""Nobody oversells: real connections, real commits, the last unit of a month."""

import pytest
from django.db import connection

from governance.commands import reservations
from pipeline.queries import deals
from tests import walking
from tests.concurrency.racing import race

CONNECTIONS = 16


@pytest.fixture
def company(committed_company):
    return committed_company[1]


def opened(company, month, units=1, months=1):
    return walking.opened(
        company, delivery_units=units, delivery_months=months, start_on=f"{month}-10", close_on="2027-01-05"
    )


def taken(month):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT soft + confirmed, (SELECT coalesce(sum(amount), 0)::bigint FROM ledger_posting p"
            "  WHERE p.book = 'capacity' AND p.period = c.month AND p.place IN ('soft-reserved', 'confirmed'))"
            " FROM governance_capacitymonth c WHERE unit = 'east' AND month = %s",
            [f"{month}-01"],
        )
        return cursor.fetchone()


def asked(company, numbers):
    return race([lambda number=number: reservations.reserve(number, by=company.by("ops")) for number in numbers])


def test_the_last_unit_goes_to_one_of_sixteen(company):
    assert reservations.reserve(opened(company, "2027-02", 949), by=company.by("ops"), confirm=True).fits
    numbers = [opened(company, "2027-02") for _ in range(CONNECTIONS)]
    answers = asked(company, numbers)
    assert sorted(answer.fits for answer in answers) == [False] * (CONNECTIONS - 1) + [True]
    assert {row.over for answer in answers for row in answer.over} == {1}
    assert taken("2027-02") == (950, 950)
    said = [deals.read_one(number).standings["capacity-reserved"].status for number in numbers]
    assert sorted(said) == ["over"] * (CONNECTIONS - 1) + ["reserved"]


def test_pools_that_nobody_has_opened_yet(company):
    """Sixteen begin the same three months at once: each pool is opened once, fifteen of sixty units fit into 950."""
    numbers = [opened(company, "2027-05", 60, 3) for _ in range(CONNECTIONS)]
    answers = asked(company, numbers)
    assert [answer.fits for answer in answers].count(True) == 15
    assert [taken(month) for month in ("2027-05", "2027-06", "2027-07")] == [(900, 900)] * 3
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ledger_entry WHERE stream LIKE 'capacity/east/2027-0%%' AND kind = 'capacity.opened'"
            " AND stream > 'capacity/east/2027-03'"
        )
        assert cursor.fetchone() == (3,)


def test_overlapping_months_never_wait_in_a_circle(company):
    """Deals that start in different months lock the months that they share in one order."""
    numbers = [opened(company, f"2028-{1 + at % 6:02d}", 10, 6) for at in range(CONNECTIONS)]
    assert all(answer.fits for answer in asked(company, numbers))


def test_a_reservation_against_a_release_and_two_sweeps(company):
    number = opened(company, "2029-01", 900)
    assert reservations.reserve(number, by=company.by("ops")).fits
    other = opened(company, "2029-01", 900)
    answer, freed = race(
        [
            lambda: reservations.reserve(other, by=company.by("ops")),
            lambda: reservations.release(number, by=company.by("rep")),
        ]
    )
    assert freed
    assert taken("2029-01") == ((900, 900) if answer.fits else (0, 0))


def test_two_sweeps_free_once(company):
    """Last: it moves the clock of this module."""
    number = opened(company, "2029-06", 5)
    reservations.reserve(number, by=company.by("ops"))
    walking.move_clock(deals.read_one(number).standings["capacity-reserved"].valid_until)
    race([reservations.sweep] * 2)
    assert walking.kinds(number).count("reservation.expired") == 1
    assert taken("2029-06") == (0, 0)
