"""Every list: its pages by cursor, and as many queries for three rows as for one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pipeline.commands import advancing, organisation, references
from pipeline.queries.deals import number_of
from tests.company import SETUP
from tests.programs import Program, company_in, open_deal

# Deals and obligations are read after a look at what is due, which is one query more.
LISTS = {
    "/deals/?limit=": 3,
    "/deals/?stage=solution&limit=": 3,
    "/accounts/?limit=": 2,
    "/contacts/?limit=": 2,
    "/products/?limit=": 2,
    "/units/?limit=": 2,
    "/functions/?limit=": 2,
    "/seats/?limit=": 3,
    "/milestones/?limit=": 3,
    "/tokens/?limit=": 2,
    "/policies/?limit=": 2,
    "/booked/deals/?limit=": 7,  # the measure asks for its number and definition as well
    "/ledger/entries/?limit=": 2,
    "/deals/D-000001/timeline/?limit=": 6,
}


@pytest.fixture
def company(committed_db):
    return company_in(committed_db.name)


@pytest.fixture
def auditor(company):
    return Program(company, "auditor")


@pytest.fixture(autouse=True)
def three_of_each(company, auditor):
    if organisation.open_unit("north", "North", by=SETUP) and not _filled:
        _filled.append(True)
        for at in range(3):
            ref = open_deal(company, title=f"Deal {at}")
            advancing.advance(number_of(ref), "solution", by=company.by("rep"))
            account = references.open_account(f"Customer {at}", by=SETUP)
            references.add_contact(account.pk, "Somebody", by=SETUP)
            references.list_product(f"Thing {at}", by=SETUP)
            Program(company, "auditor")


_filled = []


@pytest.mark.parametrize("address", LISTS)
def test_as_many_queries_for_three_rows_as_for_one(auditor, address):
    auditor.get(address + "1")
    for limit in (1, 3):
        with CaptureQueriesContext(connection) as queries:
            auditor.get(f"{address}{limit}")
        # A timeline asks for erasable texts only when one of its entries has any.
        assert LISTS[address] - ("timeline" in address) <= len(queries) <= LISTS[address]


@pytest.mark.parametrize("address", LISTS)
def test_pages_follow_one_another(auditor, address):
    whole = auditor.get(address + "200").json()
    assert whole["next"] is None
    seen, link = [], address + "1"
    while link and len(seen) < 6:
        page = auditor.get(link).json()
        seen += page["results"]
        link = page["next"]
    assert seen == whole["results"][: len(seen)]
    assert len(seen) == min(6, len(whole["results"]))


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=x", "after=x", "limit=1.5", "color=red", "after=%00"])
def test_a_page_that_cannot_be(auditor, query):
    auditor.get(f"/deals/?{query}", 422)


def test_at_most_two_hundred(auditor):
    assert len(auditor.get("/ledger/entries/?limit=1000").json()["results"]) <= 200


def test_filters_of_deals(company, auditor):
    ref = open_deal(company, title="Zeppelin hangar", amount="777.00")
    deal = auditor.get(f"/deals/{ref}/").json()

    def found(query):
        return [row["ref"] for row in auditor.get(f"/deals/?limit=200&{query}").json()["results"]]

    for query in (
        "q=zepp", f"q={ref}", "amount_min=777&amount_max=777.00", "stage=qualify", "unit=east&q=Zeppelin%20hangar",
        f"owner={deal['owner']['seat']}", f"account={deal['account']['id']}", "blocked=false",
        f"close_after={deal['close_on']}&close_before={deal['close_on']}",
    ):  # fmt: skip
        assert ref in found(query), query
    for query in ("q=zeppelinx", "amount_min=777.01&q=zepp", "blocked=true", "unit=west", "close_after=2099-01-01"):
        assert ref not in found(query), query
