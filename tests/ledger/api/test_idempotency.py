"""The same request twice happens once, also when both come at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from ledger.commands import idempotency
from ledger.commands.idempotency import Answer
from pipeline.commands import advancing
from pipeline.models import Deal
from pipeline.queries.deals import number_of
from tests.programs import Program, company_in, open_deal, slug, terms


@pytest.fixture
def company(committed_db):
    return company_in(committed_db.name)


@pytest.fixture
def rep(company):
    return Program(company, "rep")


def test_the_first_answer_again(company, rep):
    body = {"title": "Once", **terms(company)}
    first = rep.post("/deals/", body, Idempotency_Key="once")
    again = rep.post("/deals/", dict(reversed(body.items())), Idempotency_Key="once")
    assert (again.content, again["ETag"], again["Location"]) == (first.content, first["ETag"], first["Location"])
    assert again["Idempotent-Replayed"] == "true"
    assert Deal.objects.filter(title="Once").count() == 1


def test_the_same_key_with_another_body(company, rep):
    rep.post("/accounts/", {"name": "Keyed"}, Idempotency_Key="k")
    assert slug(rep.post("/accounts/", {"name": "Other"}, 422, Idempotency_Key="k")) == "idempotency-key-reused"
    assert slug(rep.post("/deals/", {"name": "Keyed"}, 422, Idempotency_Key="k")) == "idempotency-key-reused"
    Program(company, "rep2").post("/accounts/", {"name": "Another person's"}, Idempotency_Key="k")


@pytest.mark.parametrize("key", ["", "x" * 256, "umläut"])
def test_a_key_that_cannot_be_kept(rep, key):
    assert slug(rep.post("/accounts/", {"name": "No"}, 422, Idempotency_Key=key)) == "idempotency-key-invalid"


def test_what_was_rolled_back_may_be_tried_again(company, rep):
    body = {"title": "Mended", **terms(company)}
    rep.post("/deals/", {**body, "amount": "1.234"}, 422, Idempotency_Key="mended")
    rep.post("/deals/", body, 201, Idempotency_Key="mended")


def test_a_refused_gate_is_an_answer_that_is_kept(company, rep):
    ref = open_deal(company)
    advancing.advance(number_of(ref), "solution", by=company.by("rep"))
    first = rep.post(f"/deals/{ref}/advances/", {"to": "commit"}, 409, If_Match=rep.etag(ref), Idempotency_Key="gate")
    again = rep.post(f"/deals/{ref}/advances/", {"to": "commit"}, 409, If_Match='"1"', Idempotency_Key="gate")
    assert (again.content, again["Content-Type"]) == (first.content, "application/problem+json")
    assert _kinds(ref).count("gate.refused") == 1


def test_an_act_on_an_old_version_is_replayed_and_not_stale(company, rep):
    ref = open_deal(company)
    seen = rep.etag(ref)
    first = rep.patch(f"/deals/{ref}/", {"delivery_units": 7}, If_Match=seen, Idempotency_Key="amend")
    again = rep.patch(f"/deals/{ref}/", {"delivery_units": 7}, If_Match=seen, Idempotency_Key="amend")
    assert first.content == again.content


def test_a_secret_is_said_once_and_not_kept(company, rep):
    first = rep.post("/tokens/", {"name": "a script"}, Idempotency_Key="token").json()
    again = rep.post("/tokens/", {"name": "a script"}, Idempotency_Key="token").json()
    assert first["secret"].startswith("crm_")
    assert again == {**first, "secret": None}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_idempotency WHERE body LIKE %s", [f"%{first['secret']}%"])
        assert cursor.fetchone() == (0,)


def test_ten_at_once_make_one_deal(company):
    programs = [Program(company, "rep") for _ in range(10)]
    body, gate = {"title": "Ten at once", **terms(company)}, Barrier(10)

    def send(program):
        gate.wait()
        try:
            return program.post("/deals/", body, 201, Idempotency_Key="ten").json()["ref"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        refs = set(pool.map(send, programs))
    assert len(refs) == 1
    assert Deal.objects.filter(title="Ten at once").count() == 1


def test_one_that_fails_lets_the_next_one_act(committed_db):
    def fails():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        idempotency.once(1, "fails", b"x", fails)
    assert idempotency.once(1, "fails", b"x", lambda: Answer(201, "{}")).status == 201


def _kinds(ref):
    from ledger.queries import entries

    return [entry.kind for entry in entries.timeline(f"deal/{number_of(ref)}")]
