"""What only other rows can tell of an input, and when each was given."""

from dataclasses import replace

import pytest
from django.db import connection, transaction

from ledger.rules.problems import Problem
from pipeline.commands import amending, opening
from pipeline.queries import beginning, policies, references, repeats
from tests import walking


def codes(problem):
    return [fault.code for fault in problem.value.faults]


def test_a_buyer_who_does_not_exist(company):
    with pytest.raises(Problem) as wrong, transaction.atomic():
        opening.open_deal("A title", walking.stated(company, economic_buyer=987654), by=company.by("rep"))
    assert codes(wrong) == ["DEAL-CONTACT-1"]


def test_what_the_last_opening_found_in_force_decides_nothing(company, monkeypatch):
    """An opening reads what is stated under what it remembers, and again under what it finds in force."""
    in_force = policies.in_force()
    monkeypatch.setattr(beginning, "_last", (replace(in_force, inputs={}, version=in_force.version + 7), "JPY"))
    said = walking.stated(company)
    said.pop("currency")
    view = walking.view(opening.open_deal("Pallet automation", said, by=company.by("rep")).id)
    assert view.policy_version == in_force.version
    assert view.currency == "USD" and view.inputs["need"] == said["need"]
    monkeypatch.setattr(beginning, "_last", (replace(in_force, inputs={}), "JPY"))
    with pytest.raises(Problem) as wrong, transaction.atomic():
        opening.open_deal("Pallet automation", said | {"economic_buyer": 987654}, by=company.by("rep"))
    assert codes(wrong) == ["DEAL-CONTACT-1"]


def test_the_same_text_on_a_third_deal_of_one_person(company):
    said = {"need": "Their old line is too slow"}
    for _ in range(2):
        walking.opened(company, **said)
    with pytest.raises(Problem) as wrong, transaction.atomic():
        walking.opened(company, **said)
    assert codes(wrong) == ["INPUT-7"]
    third = walking.opened(company)
    with pytest.raises(Problem), transaction.atomic():
        amending.amend(third, said, by=company.by("rep"))
    assert opening.open_deal("Of another", walking.stated(company, **said), by=company.by("rep2"))


@pytest.mark.parametrize(
    "other", ["their  OLD line is too\tslow ", "Their old line is\u00a0too slow", "Their o\u200bld line is too slow"]
)
def test_other_spacing_or_case_is_the_same_text(company, other):
    """Seen to fail while the index held only lower case."""
    for said in ("Their old line is too slow", other):
        walking.opened(company, need=said)
    with pytest.raises(Problem) as wrong, transaction.atomic():
        walking.opened(company, need="THEIR OLD LINE IS TOO SLOW")
    assert codes(wrong) == ["INPUT-7"]


def test_the_index_holds_what_the_door_compares(company):
    """Written out in two places, so that one cannot be changed without the other."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in (references.NAMED, repeats._GIVEN):
            assert "md5(ledger_same_text(" in sql
        cursor.execute(
            "EXPLAIN SELECT 1 FROM ledger_private_value kept, unnest(%s::text[]) AS given (said)"
            " WHERE md5(ledger_same_text(kept.value)) = md5(ledger_same_text(said))",
            [["one", "two"]],
        )
        assert "ledger_private_value_by_text" in "".join(row[0] for row in cursor.fetchall())


def test_each_input_knows_when_it_was_given(company):
    number = walking.opened(company)
    opened = walking.view(number).input_at
    assert {"amount", "close_on", "need", "economic_buyer"} <= set(opened)
    amending.amend(number, {"need": "Now they need two lines"}, by=company.by("rep"))
    amended = walking.view(number).input_at
    assert amended["need"] > opened["need"]
    assert amended["amount"] == opened["amount"]
