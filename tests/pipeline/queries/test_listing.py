"""The deals list: what it keeps, who sees it, and how many queries it takes."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.queries import moment
from pipeline.commands import amending, opening
from pipeline.queries import listing, seats
from pipeline.queries.listing import Filters


def opened(company, title, amount="1000.00", who="rep"):
    return opening.open_deal(title, {"amount": amount, "account": company.account.pk}, by=company.by(who)).id


def found(company, who="rep", **filters):
    page = listing.deals(seats.of_person(company.person(who).pk), Filters(**filters))
    return [row.id for row in page.rows]


def test_newest_first_and_by_cursor(company):
    numbers = [opened(company, f"Deal {at}") for at in range(3)]
    held = seats.of_person(company.person("rep").pk)
    first = listing.deals(held, limit=2)
    assert [row.id for row in first.rows] == [numbers[2], numbers[1]]
    rest = listing.deals(held, after=first.next, limit=2)
    assert ([row.id for row in rest.rows], rest.next) == ([numbers[0]], None)


def test_another_unit_is_not_there(company):
    east, west = opened(company, "East"), opened(company, "West", who="rep_west")
    assert found(company, "rep") == [east]
    assert found(company, "rep_west") == [west]
    assert found(company, "auditor") == [west, east]
    assert found(company, "admin") == []


@pytest.mark.parametrize(
    ("filters", "hits"),
    [
        ({"q": "pallet"}, True),
        ({"q": "auto"}, True),
        ({"q": "Pallet auto"}, True),
        ({"q": "northw"}, True),
        ({"q": "allet"}, False),
        ({"q": "100%"}, False),
        ({"q": "'; & ! | :* \\"}, False),
        ({"amount_min": Decimal("1000")}, True),
        ({"amount_min": Decimal("1000.01")}, False),
        ({"amount_max": Decimal("1000")}, True),
        ({"stage": "qualify"}, True),
        ({"stage": "bogus"}, False),
        ({"unit": "west"}, False),
        ({"blocked": False}, True),
        ({"blocked": True}, False),
    ],
)
def test_filters(company, filters, hits):
    number = opened(company, "Pallet automation")
    assert found(company, **filters) == ([number] if hits else [])


def test_a_ref_finds_that_deal(company):
    number = opened(company, "Pallet automation")
    opened(company, "D-1")
    assert found(company, q=f"d-{number:06d}") == [number]


def test_one_query_with_one_row_and_with_three(company):
    held = seats.of_person(company.person("rep").pk)
    for expected in (1, 2, 3):
        opened(company, "Deal")
        with CaptureQueriesContext(connection) as asked:
            assert len(listing.deals(held).rows) == expected
        assert len(asked) == 1


def test_as_of_shows_what_was_known(company):
    number = opened(company, "Pallet automation")
    held = seats.of_person(company.person("rep").pk)
    between = seats.now()
    amending.amend(number, {"amount": "2000.00"}, by=company.by("rep"))
    with moment.known_at(between):
        [then] = listing.deals(held).rows
        assert listing.deals(held, Filters(amount_min=Decimal(2000), blocked=False)).rows == ()
    [now] = listing.deals(held).rows
    assert (then.amount_minor, then.version, then.stage) == (100_000, 1, "qualify")
    assert (now.amount_minor, now.version) == (200_000, 2)
    assert then.stage_entered_at == now.stage_entered_at
