"""`manage.py policy` and `manage.py rate`, on the small company of the tests."""

from decimal import Decimal

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import transaction

from pipeline.commands import opening
from pipeline.queries import policies, rates, seats
from tests import company as companies


@pytest.fixture
def document():
    return yaml.safe_load(companies.DEFAULT_POLICY.read_text())


@pytest.fixture
def written(tmp_path):
    def write(document):
        file = tmp_path / "policy.yaml"
        file.write_text(document if isinstance(document, str) else yaml.safe_dump(document))
        return str(file)

    return write


def stricter(document):
    """The same with one more requirement before Solution."""
    need = {
        "key": "big-enough",
        "kind": "condition",
        "sentence": "The deal is big enough.",
        "owner_function": "sales",
        "remedy": "Ask for more.",
        "expression": "deal.amount_minor >= 5000000",
        "message": "Under 50,000 it is not sold.",
    }
    document["stages"][1]["gate"].append(need)
    return document


def test_lint_of_the_default_policy(company, capsys):
    call_command("policy", "lint", str(companies.DEFAULT_POLICY))
    assert capsys.readouterr().out.startswith("No errors, ") or "warning" in capsys.readouterr().out


def test_lint_prints_path_code_and_fix_and_ends_with_1(company, document, written, capsys):
    document["inputs"][0]["owner_function"] = ""
    document["milestones"][0]["lead_days"] = 0
    with pytest.raises(SystemExit, match="1"):
        call_command("policy", "lint", written(document))
    said = capsys.readouterr().out
    assert "error   /inputs/0/owner_function  E2  " in said
    assert "error   /milestones/0/lead_days  E4  " in said
    assert said.count(" Fix: ") >= 2
    assert "this policy cannot be published" in said


@pytest.mark.parametrize("text", ["", "name: [", "stages: 3", "name: x\nstages: []\n"])
def test_lint_of_what_is_no_policy(company, written, text, capsys):
    with pytest.raises(SystemExit, match="1"):
        call_command("policy", "lint", written(text))
    assert "POLICY-" in capsys.readouterr().out


def test_lint_of_a_missing_file():
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("policy", "lint", "/nowhere.yaml")


def test_apply_publishes_at_the_third_signature(company, document, written, capsys):
    file = written(stricter(document))
    call_command("policy", "apply", file)
    assert "Still to sign: sales, operations, finance. They sign at /policy/" in capsys.readouterr().out
    call_command("policy", "apply", file, "--sign", "cro@test.example", "coo@test.example")
    said = capsys.readouterr().out
    assert "Signed for sales by cro@test.example." in said
    assert "Still to sign: finance." in said
    assert policies.in_force().version == 1
    call_command("policy", "apply", file, "--sign", "cfo@test.example")
    assert "Version 2 is published" in capsys.readouterr().out
    assert policies.in_force().version == 2
    call_command("policy", "apply", file)
    assert "published already" in capsys.readouterr().out


def test_apply_asks_for_the_right_people(company, document, written):
    file = written(stricter(document))
    with pytest.raises(CommandError, match="no active person"):
        call_command("policy", "apply", file, "--sign", "nobody@test.example")
    with pytest.raises(CommandError, match="drafted and published by a policy steward"), transaction.atomic():
        call_command("policy", "apply", file, "--by", "rep@test.example")
    with pytest.raises(CommandError, match="holds none of the functions that still sign"):
        call_command("policy", "apply", file, "--sign", "auditor@test.example")


def test_backtest_counts_who_would_be_blocked_and_released(company, document, written, capsys):
    small, big = (
        opening.open_deal(f"Line {amount}", {"amount": amount, "currency": "USD", "account": company.account.pk,
            "close_on": seats.now().date().isoformat(), "economic_buyer": company.contact,
            "need": f"Their line {amount} stops twice a week"}, by=company.by("rep"))
        for amount in ("20000.00", "90000.00")
    )  # fmt: skip
    bare = opening.open_deal("Bare", {"account": company.account.pk}, by=company.by("rep"))
    call_command("policy", "backtest", written(stricter(document)))
    said = capsys.readouterr().out
    assert f"blocked   {small.ref}  Line 20000.00  USD 20000.00  big-enough" in said
    assert big.ref not in said and bare.ref not in said
    assert "Newly blocked: 1 of 3 open deals, USD 20000.00." in said
    assert "In the last 90 days it would have kept 0 of 0 gates shut: 0 deals, USD 0.00." in said and "Cost " in said
    asked = document["stages"][1]["gate"]
    document["stages"][1]["gate"], document["stages"][2]["gate"] = [], asked + document["stages"][2]["gate"]
    call_command("policy", "backtest", written(document))
    said = capsys.readouterr().out
    assert f"released  {bare.ref}  Bare  unpriced" in said
    assert "Newly released: 1 of 3 open deals, USD 0.00." in said


def test_rate(company, capsys):
    call_command("rate", "eur", "2026-11-01", "1.085", "--by", "cfo@test.example")
    assert "1 EUR is 1.085 USD" in capsys.readouterr().out
    assert rates.on("EUR", seats.now().date()) == Decimal("1.085")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("USD", "2026-11-01", "1"), "reporting currency"),
        (("EUR", "yesterday", "1.1"), "is not a day"),
        (("EUR", "2026-11-01", "much"), "is not a number"),
        (("EUR", "2026-11-01", "0"), "no exchange rate"),
        (("EURO", "2026-11-01", "1.1"), "EURO"),
    ],
)
def test_rates_that_are_refused(company, words, says):
    with pytest.raises(CommandError, match=says):
        call_command("rate", *words)
