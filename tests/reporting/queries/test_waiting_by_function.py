"""What waits on one function: page, program and number agree, now and before."""

import pytest
from django.test import Client

from governance.commands import milestones
from ledger.rules import moments
from pipeline.queries import seats
from tests import walking
from tests.programs import Program


@pytest.fixture
def waiting(company):
    """One deal waits on finance alone, one on operations as well."""
    alone = walking.solution(company, amount="100000.00")
    both = walking.solution(company, amount="300000.00")
    rows = [walking.submitted(company, number, "credit-approved", "finance") for number in (alone, both)]
    walking.submitted(company, both, "delivery-plan-accepted", "ops")
    return {"alone": alone, "both": both, "row": rows[0]}


def listed(program, more=""):
    found = program.get(f"/measures/value-waiting/deals/?{more}").json()["results"]
    return sorted((one["place"], one["amount"]["amount"]) for one in found)


def test_each_list_sums_to_its_function(company, waiting):
    program = Program(company, "cfo")
    rows = program.get("/measures/value-waiting/?by=function").json()["rows"]
    for row in rows:
        found = listed(program, f"function={row['function']}")
        assert {place for place, _amount in found} == {row["function"]}
        assert sum(float(amount) for _place, amount in found) == float(row["value"])
    assert {row["function"]: row["value"] for row in rows} == {"finance": "400000.00", "operations": "300000.00"}
    assert listed(program) == [("finance", "100000.00"), ("finance, operations", "600000.00")]
    assert listed(program, "function=sales") == []


def test_the_past_lists_what_waited_then(company, waiting):
    before = moments.text(seats.now())
    milestones.verify(waiting["row"], by=company.by("finance2"))
    program = Program(company, "cfo")
    assert listed(program, "function=finance") == [("finance", "300000.00")]
    assert len(listed(program, f"function=finance&as_of={before}")) == 2


def test_the_page_lists_one_function_and_names_it(company, waiting):
    client = Client()
    client.force_login(company.person("cfo"))
    page = client.get("/measures/value-waiting/deals/?function=operations").content.decode()
    assert f"D-{waiting['both']:06d}" in page and f"D-{waiting['alone']:06d}" not in page
    assert "USD 300,000.00" in page and 'href="?function=finance"' in page
    assert 'aria-current="page">Operations</a>' in page
    whole = client.get("/booked/?period=all&whole=1").content.decode()
    assert "/measures/value-waiting/deals/?period=all&amp;function=finance" in whole


def test_a_function_that_is_none_and_a_measure_that_has_none(company, waiting):
    program = Program(company, "cfo")
    program.get("/measures/value-waiting/deals/?function=magic", 404)
    refused = program.get("/measures/booked/deals/?function=finance", 422).json()
    assert refused["errors"][0]["code"] == "MEASURE-3"
    client = Client()
    client.force_login(company.person("cfo"))
    assert client.get("/measures/value-waiting/deals/?function=magic").status_code == 404


def test_as_many_queries_for_one_function_as_for_all(company, waiting, django_assert_max_num_queries):
    client = Client()
    client.force_login(company.person("cfo"))
    client.get("/measures/value-waiting/deals/")
    with django_assert_max_num_queries(9):
        client.get("/measures/value-waiting/deals/?function=finance")
