"""Submissions through the real addresses."""

import pytest
from django.db import transaction

from ledger.rules import moments
from pipeline.queries import seats
from tests.programs import Program, codes, open_deal, slug

WORD = {"category": "best_case", "probability": "0.6"}


@pytest.fixture
def rep(company):
    return Program(company, "rep")


def refused(program, body, status, **headers):
    """A refusal ends the transaction that it is in, so it gets one of its own."""
    with transaction.atomic():
        response = program.send("POST", "/forecasts/", body, status=status, **headers)
        transaction.set_rollback(True)
    return response


def test_a_submission_and_the_list_of_what_one_said(company, rep):
    ref = open_deal(company)
    said = rep.post("/forecasts/", {"deal": ref, **WORD}).json()
    assert (said["deal"], said["category"], said["probability"], said["ceiling"]) == (
        ref,
        "best_case",
        "0.6000",
        "best_case",
    )
    assert said["amount"] == {"amount": "100000.00", "currency": "USD"}
    again = rep.post("/forecasts/", {"deal": ref, "category": "pipeline", "probability": 0.25}).json()
    listed = rep.get("/forecasts/").json()["results"]
    assert [row["id"] for row in listed] == [again["id"], said["id"]]
    assert [row["until"] is None for row in listed] == [True, False]
    assert [row["id"] for row in rep.get("/forecasts/?current=true").json()["results"]] == [again["id"]]
    first = rep.get("/forecasts/?limit=1").json()
    assert first["next"].endswith(f"after={again['id']}")


def test_as_of_shows_what_was_said_then(company, rep):
    ref = open_deal(company)
    said = rep.post("/forecasts/", {"deal": ref, **WORD}).json()
    rep.post("/forecasts/", {"deal": ref, "category": "omitted", "probability": "0"})
    (row,) = rep.get(f"/forecasts/?as_of={said['at']}").json()["results"]
    assert (row["id"], row["until"]) == (said["id"], None)
    assert (
        rep.get(f"/forecasts/?current=true&as_of={moments.text(seats.now())}").json()["results"][0]["category"]
        == "omitted"
    )


def test_above_the_ceiling_answers_every_reason(company, rep):
    response = refused(rep, {"deal": open_deal(company), "category": "commit", "probability": "0.9"}, 409)
    problem = response.json()
    assert (slug(response), problem["ceiling"]) == ("forecast-refused", "best_case")
    assert {"contract-signed", "capacity-reserved"} <= {reason["key"] for reason in problem["reasons"]}
    assert all(
        set(reason) == {"code", "key", "category", "message", "owner_function", "remedy"}
        for reason in problem["reasons"]
    )


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"category": "booked"}, "/category"),
        ({"probability": "many"}, "/probability"),
        ({"probability": "1.5"}, "/probability"),
        ({"probability": True}, "/probability"),
        ({"owner": 3}, "/owner"),
        ({"amount": {"amount": "x", "currency": "USD"}}, "/amount/amount"),
    ],
)
def test_bad_input(company, rep, change, pointer):
    response = refused(rep, {"deal": open_deal(company), **WORD, **change}, 422)
    assert [where for where, _ in codes(response)] == [pointer]


def test_what_the_person_saw_is_the_deal_or_it_is_refused(company, rep):
    ref = open_deal(company)
    money = {"amount": "100000.00", "currency": "USD"}
    assert slug(refused(rep, {"deal": ref, **WORD, "amount": money | {"amount": "1.00"}}, 409)) == "forecast-differs"
    assert slug(refused(rep, {"deal": ref, **WORD}, 412, If_Match='"99"')) == "stale-version"
    assert rep.post("/forecasts/", {"deal": ref, **WORD, "amount": money}, If_Match=rep.etag(ref))


def test_the_same_key_gets_the_first_answer_again(company, rep):
    body = {"deal": open_deal(company), **WORD}
    first = rep.post("/forecasts/", body, Idempotency_Key="one")
    assert rep.post("/forecasts/", body, Idempotency_Key="one").json() == first.json()
    assert len(rep.get("/forecasts/").json()["results"]) == 1


@pytest.mark.parametrize("who", ["rep2", "manager", "cro", "auditor", "admin", "rep_west"])
def test_nobody_else_reads_what_one_said(company, rep, who):
    """By no filter, at no moment: the list has no name of a seat to ask for, and holds one's own only."""
    ref = open_deal(company)
    said = rep.post("/forecasts/", {"deal": ref, **WORD}).json()
    other = Program(company, who)
    for ask in (
        "",
        f"?deal={ref}",
        f"?as_of={said['at']}",
        f"?after={said['id'] + 1}",
        "?current=true",
        "?period=2026",
    ):
        assert other.get(f"/forecasts/{ask}").json()["results"] == []
    for ask in ("seat=1", "owner=1", "order=seat", "person=1", "unit=east"):
        assert other.get(f"/forecasts/?{ask}", 422)
