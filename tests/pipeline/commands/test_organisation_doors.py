"""Seats, rates and policies: what decides who may do what is moved by entries only, and not by any entry.

Seen to fail: each refusal, with its check taken out of pipeline/migrations/sql/organisation_trigger.sql.
"""

import pytest
from django.db import connection

from ledger.rules.problems import Problem
from pipeline.commands import organisation, policies
from pipeline.queries import seats
from pipeline.queries.policies import row
from tests.company import DEFAULT_POLICY, SETUP
from tests.forging import refused, write

STREAM = "policy/default"


@pytest.fixture
def drafted(company):
    """A second policy, drafted and not signed."""
    changed = DEFAULT_POLICY.read_text().replace("Which period expects the booking.", "Which month expects it.")
    return policies.draft(changed, by=company.by("steward"))


def sign(company, drafted, who, function, **lie):
    body = {"version": drafted.version, "hash": drafted.hash, "function": function} | lie
    write(STREAM, "policy.signed", body, actor=company.people[who].pk)


def publish(drafted):
    write(STREAM, "policy.published", {"version": drafted.version, "hash": drafted.hash})


def test_a_rate_is_published_by_finance_of_every_unit(company):
    body = {"currency": "EUR", "day": "2026-11-01", "rate": "1.1"}
    for who in ("rep", "coo", "steward"):
        with refused("a_rate_is_published_by_finance"):
            write("rate/EUR", "rate.published", body, actor=company.people[who].pk)
    write("rate/EUR", "rate.published", body, actor=company.people["cfo"].pk)


def test_three_signatures_publish(company, drafted):
    for who, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        sign(company, drafted, who, function)
    publish(drafted)
    assert row(drafted.version).published_at


def test_two_signatures_do_not(company, drafted):
    sign(company, drafted, "cro", "sales")
    sign(company, drafted, "cfo", "finance")
    with refused("a_policy_is_published_under_three_signatures"):
        publish(drafted)


def test_one_person_signs_for_one_function(company, drafted):
    """Three people and three functions, and yet two of the functions rest on one person."""
    organisation.fill_seat(company.people["cfo"].pk, "operations", None, "executive", by=SETUP)
    sign(company, drafted, "cfo", "finance")
    with refused("one_person_signs_for_one_function"):
        sign(company, drafted, "cfo", "operations")


def test_the_wrong_signature(company, drafted):
    with refused("a_policy_is_signed_by_who_holds_the_function"):
        sign(company, drafted, "rep", "finance")
    with refused("a_signature_names_what_it_signs"):
        sign(company, drafted, "cfo", "finance", hash="f" * 64)
    with refused("a_signature_names_what_it_signs"):
        sign(company, drafted, "cfo", "finance", version=1)


def test_a_signature_of_an_ended_seat(company, drafted):
    organisation.end_seat(company.seats["cfo"], by=SETUP)
    with refused("a_policy_is_signed_by_who_holds_the_function"):
        sign(company, drafted, "cfo", "finance")


def test_a_version_is_drafted_and_published_once(company, drafted):
    with refused("23505"):
        write(STREAM, "policy.drafted", {"version": 1, "hash": "f" * 64, "document": {"name": "default"}})
    with refused("23505"):
        write(STREAM, "policy.published", {"version": 1, "hash": row(1).hash})


def test_the_floor_reads_what_the_policy_says(company):
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, kind, function, conditional FROM pipeline_gaterequirement WHERE stage = 'booked'")
        assert set(cursor.fetchall()) == {
            ("contract-signed", "milestone", "sales", False),
            ("capacity-reserved", "capacity", "sales", False),
            ("capacity-confirmed", "milestone", "operations", False),
            ("billing-terms-verified", "milestone", "finance", False),
            ("delivery-plan-accepted", "milestone", "operations", False),
            ("credit-approved", "milestone", "finance", False),
            ("attested-sales", "attestation", "sales", False),
            ("attested-operations", "attestation", "operations", False),
            ("attested-finance", "attestation", "finance", False),
        }


def test_a_requirement_named_for_another_function_than_its_milestone(company):
    """The key belongs to who verifies it; once the floor asked for another function, and the gate never opened."""
    old = "sentence: Finance has approved the credit for this amount.\n        owner_function: finance"
    text = DEFAULT_POLICY.read_text()
    assert old in text
    drafted = policies.draft(text.replace(old, old.replace(": finance", ": sales")), by=company.by("steward"))
    for who, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=company.by(who))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT function FROM pipeline_gaterequirement WHERE version = %s AND key = 'credit-approved'"
            " AND stage = 'commit'",
            [drafted.version],
        )
        assert cursor.fetchone() == ("finance",)


def test_a_seat_is_filled_and_ended_by_entries(company):
    held = seats.of_person(company.people["ops"].pk)
    organisation.end_seat(company.seats["ops"], by=SETUP)
    assert len(seats.of_person(company.people["ops"].pk)) == len(held) - 1


@pytest.mark.parametrize("number", ["of nobody", "ended"])
def test_only_a_filled_seat_ends(company, number):
    seat = 999_999
    if number == "ended":
        seat = company.seats["ops"]
        organisation.end_seat(seat, by=SETUP)
    with pytest.raises(Problem) as caught:
        organisation.end_seat(seat, by=SETUP)
    assert caught.value.slug == "only-a-filled-seat-ends"


def test_a_seat_is_filled_once(company):
    body = {"person": company.people["rep"].pk, "function": "finance", "unit": None, "role": "lead", "reports_to": None}
    with refused("23505"):
        write(f"seat/{company.seats['ops']}", "seat.filled", body)
