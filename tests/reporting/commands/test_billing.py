"""Bookings, billings, revenue and backlog by the worked example of the definition; and who may state what, once."""

import io
import json
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
import yaml
from django.core.management import call_command
from django.db import connection, transaction

from crm_ledger.verify import run
from governance.commands import milestones
from ledger.rules.problems import Problem
from pipeline.commands import policies
from pipeline.queries import seats
from reporting.commands import billing, passing
from reporting.queries import finance
from reporting.rules.billing import Stated
from tests import walking
from tests.company import DEFAULT_POLICY
from tests.programs import Program
from tests.walking import move_clock, view

JAN, APRIL = date(2027, 1, 1), date(2027, 4, 1)


@contextmanager
def refusing(code):
    with pytest.raises(Problem, match=code), transaction.atomic():
        yield


def invoice(number="I-1", amount=60_000_00, day=JAN, sort="invoice", currency="USD"):
    return Stated(sort, number, day, amount, currency)


@pytest.fixture
def equal_months(company):
    """A policy that delivers in equal months, in force."""
    document = yaml.safe_load(DEFAULT_POLICY.read_text())
    drafted = policies.draft({**document, "delivery": {"profile": "monthly"}}, by=company.by("steward"))
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=company.by(short))


def booked(company):
    """120,000 for twelve equal months from 1 January."""
    move_clock(datetime(2026, 12, 1, 9, tzinfo=UTC))
    number = walking.booked(
        company, amount="120000.00", close_on="2026-12-20", start_on="2027-01-01", delivery_months=12
    )
    milestones.verify(walking.submitted(company, number, "delivered", "ops"), by=company.by("ops2"))
    return number


def sums(position):
    row = position.total
    names = ("bookings", "billings", "revenue", "deferred", "unbilled", "backlog")
    return tuple(getattr(row, name) // 100 for name in names)


def test_the_worked_example(company, equal_months):
    number = booked(company)
    move_clock(datetime(2027, 1, 1, 9, tzinfo=UTC))
    billing.state(number, invoice(), by=company.by("finance"))
    assert sums(finance.stands(seats.now())) == (120_000, 60_000, 0, 60_000, 60_000, 120_000)
    move_clock(datetime(2027, 4, 1, 0, 1, tzinfo=UTC))
    passing.sweep()
    wanted = (120_000, 60_000, 30_000, 30_000, 60_000, 90_000)
    assert sums(finance.stands(seats.now())) == wanted
    said = Program(company, "finance").get("/backlog/").json()
    names = ("bookings", "billings", "revenue", "deferred", "unbilled", "backlog")
    assert tuple(said[name] for name in names) == tuple(f"{amount}.00" for amount in wanted)
    assert said["receipt"]["measure"] == "backlog" and said["rows"][0]["unit"] == "east"
    for name in ("billings", "deferred", "unbilled", "backlog"):
        assert Program(company, "cro").get(f"/measures/{name}/").json()["value"] == said[name]
    move_clock(datetime(2027, 5, 20, tzinfo=UTC))
    passing.sweep()
    assert sums(finance.stands(seats.now(), APRIL)) == wanted, "the end of March stays what it was"
    assert sums(finance.stands(seats.now())) == (120_000, 60_000, 40_000, 20_000, 60_000, 80_000)


def test_what_is_stated_is_stated_once_by_finance(company):
    number = booked(company)
    move_clock(datetime(2027, 1, 5, 9, tzinfo=UTC))
    for short in ("rep", "ops", "auditor"):
        with refusing("BILLING-ACT-1"):
            billing.state(number, invoice(), by=company.by(short))
    assert billing.state(number, invoice(), by=company.by("finance")) is not None
    assert billing.state(number, invoice(), by=company.by("finance2")) is None, "the same line changes nothing"
    with refusing("BILLING-5"):
        billing.state(number, invoice(amount=1), by=company.by("finance"))
    with refusing("BILLING-2"):
        billing.state(number, invoice("I-2", day=date(2027, 2, 1)), by=company.by("finance"))
    with refusing("BILLING-4"):
        billing.state(number, invoice("I-2", currency="EUR"), by=company.by("finance"))
    billing.state(number, invoice("C-1", 10_000_00, sort="credit"), by=company.by("finance"))
    billing.state(number, invoice("P-1", 20_000_00, sort="collection"), by=company.by("finance"))
    row = finance.stands(seats.now()).total
    assert (row.billings, row.collected) == (50_000_00, 20_000_00)
    assert view(number).place == "booked", "billing moves no booking"


def test_a_file_names_each_fault_and_changes_nothing_twice(committed_company, tmp_path):
    company = committed_company[1]
    number = booked(company)
    move_clock(datetime(2027, 1, 5, 9, tzinfo=UTC))
    ref = view(number).ref
    file = tmp_path / "billing.csv"
    file.write_text(
        "sort,number,deal,day,amount,currency\n"
        f"invoice,I-1,{ref},2027-01-01,60000.00,USD\n"
        f"invoice,I-2,{ref},soon,1.00,USD\n"
        f"bill,I-3,{ref},2027-01-01,1.00,USD\n"
        f"invoice,I-4,{ref},2027-01-01,-1.00,USD\n"
        "invoice,I-5,D-999999,2027-01-01,1.00,USD\n"
        f"collection,P-1,{ref},2027-01-02,60000.00,EUR\n"
    )

    def told(*more):
        out, err = io.StringIO(), io.StringIO()
        call_command("import_billing", str(file), "--as", "finance@test.example", *more, stdout=out, stderr=err)
        return json.loads(out.getvalue()), err.getvalue()

    tried, faults = told("--dry-run")
    assert tried == {"read": 6, "accepted": 1, "unchanged": 0, "rejected": 5}
    for part in ("line 3, day", "line 4, sort", "line 5, amount", "line 6, deal", "line 7, currency"):
        assert part in faults
    assert finance.stands(seats.now()).total.billings == 0, "nothing was written"
    assert told()[0] == tried
    assert told()[0] == {"read": 6, "accepted": 0, "unchanged": 1, "rejected": 5}
    billing.state(number, invoice("C-1", 33_333_33, sort="credit"), by=company.by("finance"))
    connection.close()
    report = run.verify()
    assert [one for name in ("integrity", "completeness", "lawfulness") for one in report[name].violations] == []
