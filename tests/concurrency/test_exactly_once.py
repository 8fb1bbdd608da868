"""One key, one effect: under a stampede of the same request, on different endpoints, and when the answer is lost."""

import json
import re
import socket
import time

import pytest
from django.db import connection

from governance.queries import milestones as rows
from ledger.commands import idempotency
from ledger.commands.idempotency import Answer
from pipeline.commands import advancing
from pipeline.queries.deals import number_of
from tests import company as companies
from tests.concurrency.racing import race
from tests.programs import Program, company_in, open_deal, slug, terms

AT_ONCE = 6


@pytest.fixture
def company(committed_db):
    return company_in(committed_db.name)


def entries():
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, count(*) FROM ledger_entry GROUP BY kind")
        return dict(cursor.fetchall())


def in_solution(company):
    ref = open_deal(company)
    assert advancing.advance(number_of(ref), "solution", by=company.by("rep")).passed
    return ref


def planned(company):
    return rows.of_deal(number_of(in_solution(company)))[0].id


def deal(path, company):
    return f"/deals/{open_deal(company)}/{path}/"


ANY = {"If_Match": "*"}
MISTAKE = {"reason": "entered-by-mistake"}
# name → (who, kind of the one effect, headers, company → (address, body, another body))
CALLS = {
    "deal": ("rep", "deal.opened", {}, lambda company: (
        "/deals/", {"title": "A", **terms(company)}, {"title": "B", **terms(company)})),
    "account": ("rep", "account.opened", {}, lambda company: ("/accounts/", {"name": "Stampede"}, {"name": "Other"})),
    "contact": ("rep", "contact.added", {}, lambda company: (
        "/contacts/", {"account": company.account.pk, "name": "Una"}, {"account": company.account.pk, "name": "Duo"})),
    "amendment": ("rep", "deal.amended", ANY, lambda company: (
        deal("amendments", company), {"delivery_units": 77}, {"delivery_units": 78})),
    "advance": ("rep", "deal.advanced", ANY, lambda company: (
        deal("advances", company), {"to": "solution"}, {"to": "commit"})),
    "refused advance": ("rep", "gate.refused", ANY, lambda company: (
        f"/deals/{in_solution(company)}/advances/", {"to": "commit"}, {"to": "solution"})),
    "loss": ("rep", "deal.lost", ANY, lambda company: (
        deal("losses", company), {"reason": "price"}, {"reason": "timing"})),
    "evidence": ("ops", "evidence.added", {}, lambda company: (
        f"/milestones/{planned(company)}/evidence/", {"number": "7"}, {"number": "8"})),
    "erasure": ("admin", "erasure.requested", {}, lambda company: (
        "/erasures/", {"subjects": [f"contact/{company.contact}"], **MISTAKE}, {"terms": ["Quillon"], **MISTAKE})),
}  # fmt: skip


@pytest.mark.parametrize("name", list(CALLS))
def test_a_stampede_has_one_effect_and_one_answer(company, name):
    who, kind, headers, build = CALLS[name]
    address, body, other = build(company)
    before = entries().get(kind, 0)
    programs = [Program(company, who) for _ in range(AT_ONCE)]

    def send(program):
        return lambda: program.send("POST", address, body, Idempotency_Key=f"stampede {name}", **headers)

    answers = race([send(program) for program in programs])
    assert entries()[kind] == before + 1
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer for answer in answers) == AT_ONCE - 1
    again = programs[0].send("POST", address, other, status=422, Idempotency_Key=f"stampede {name}", **headers)
    assert slug(again) == "idempotency-key-reused"
    assert entries()[kind] == before + 1


def test_without_a_key_each_request_is_its_own(company):
    """Or the tests above would prove nothing."""
    before = entries().get("evidence.added", 0)
    milestone = planned(company)
    program = Program(company, "ops")
    for _ in range(2):
        program.post(f"/milestones/{milestone}/evidence/", {"number": "7"})
    assert entries()["evidence.added"] == before + 2


def test_a_lost_answer_is_given_again(live_site, filling):
    """The client hangs up before it hears anything; the act happens; the retry gets the first answer."""
    with filling(live_site):
        company = companies.build()
        program = Program(company, "rep")
    body = json.dumps({"name": "Heard by nobody"})
    head = (
        f"POST /api/v1/accounts/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {program.secret}\r\nIdempotency-Key: lost\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", live_site.port)) as line:
        line.sendall((head + body).encode())
    with filling(live_site):
        until = time.monotonic() + 20
        while not entries().get("account.opened", 0) > 1:
            assert time.monotonic() < until, "the act never happened"
            time.sleep(0.05)
        again = program.post("/accounts/", {"name": "Heard by nobody"}, 201, Idempotency_Key="lost")
        assert again["Idempotent-Replayed"] == "true" and again.json()["name"] == "Heard by nobody"
        assert entries()["account.opened"] == 2


def test_old_answers_go_in_batches_and_young_ones_stay(committed_db):
    for number in range(5):
        idempotency.once(9, f"old {number}", b"x", lambda: Answer(201, "{}"))
    idempotency.once(9, "young", b"x", lambda: Answer(201, "{}"))
    with committed_db.owner() as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE ledger_idempotency SET created_at = now() - interval '8 days' WHERE key LIKE 'old %'")
        owner.commit()
    assert idempotency.expire(most=2, runs=1) == 2
    assert sum(race([lambda: idempotency.expire(most=2)] * 3)) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM ledger_idempotency WHERE principal = 9")
        assert cursor.fetchall() == [("young",)]
    assert idempotency.once(9, "young", b"x", lambda: Answer(500, "again")).replayed


def test_a_form_that_is_sent_twice_makes_one_token(company):
    from django.test import Client

    person = company.person("rep")
    client = Client()
    client.force_login(person)
    form = {"act": "issue", "name": "twice", "scope": "read", "days": "5", "request_id": "one form"}
    first, second = client.post("/me/", form), client.post("/me/", form)
    [secret] = re.findall(r"crm_[A-Za-z0-9_-]{20,}", first.content.decode())
    assert second.status_code == 303
    assert person.tokens.filter(name="twice").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_idempotency WHERE strpos(body, %s) > 0", [secret])
        assert cursor.fetchone() == (0,)
