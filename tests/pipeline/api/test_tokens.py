"""Tokens: made, used, ended, taken back; and the session of a browser."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ledger.api import throttling
from pipeline.models import ApiToken
from tests.programs import BASE, Program, company_in, slug


@pytest.fixture
def company(committed_db):
    return company_in(committed_db.name)


@pytest.fixture
def rep(company):
    return Program(company, "rep")


def asked(secret, address="/me/"):
    return Client().get(BASE + address, headers={"Authorization": f"Bearer {secret}"})


def test_the_command_prints_a_token_and_nothing_else(company, capsys):
    call_command("token", "REP@test.example")
    said = capsys.readouterr().out
    secret = said.strip()
    assert said == f"{secret}\n" and secret.startswith("crm_")
    me = asked(secret).json()
    assert (me["email"], me["token"]["scope"]) == ("rep@test.example", "write")
    token = ApiToken.objects.latest("pk")
    assert secret.encode() not in bytes(token.digest)
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)
    with pytest.raises(CommandError, match=r"nobody@test\.example"):
        call_command("token", "nobody@test.example", stdout=io.StringIO())


def test_who_i_am(company, rep):
    me = rep.get("/me/").json()
    assert me["seats"] == [{"id": company.seats["rep"], "function": "sales", "unit": "east", "role": "rep"}]
    assert me["permissions"]["units"] == ["east"] and me["permissions"]["open_deals"]
    assert Program(company, "auditor").get("/me/").json()["permissions"]["units"] is None


def test_a_call_asks_who_is_calling_in_one_query(rep):
    rep.get("/me/")
    with CaptureQueriesContext(connection) as queries:
        rep.get("/me/")
    assert len(queries) == 1


def test_a_token_that_reads_does_not_write(company):
    program = Program(company, "rep", scope="read")
    program.get("/deals/")
    assert slug(program.post("/accounts/", {"name": "No"}, 403)) == "not-allowed"


@pytest.mark.parametrize("secret", ["", "crm_wrong", "x" * 5000, "crm_ümlaut"])
def test_what_is_no_token(company, secret):
    answer = asked(secret)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="crm-ledger"')
    assert answer["Content-Type"] == "application/problem+json"


def test_tokens_that_are_guessed_are_counted_by_address(company, monkeypatch):
    monkeypatch.setattr(throttling.time, "time", lambda: 1_800_000_000.0)  # all in one window
    monkeypatch.setattr(throttling.StrangerThrottle, "rate", "3/min", raising=False)
    browser, headers = Client(REMOTE_ADDR=f"guess-{uuid4()}"), {"Authorization": "Bearer crm_guessed"}
    assert [browser.get(f"{BASE}/me/", headers=headers).status_code for _at in range(4)] == [401, 401, 401, 429]


def test_without_any_token(company):
    assert Client().get(f"{BASE}/deals/").status_code == 401


def test_made_listed_and_revoked(company, rep):
    made = rep.post("/tokens/", {"name": "a script", "scope": "write", "days": 5}).json()
    assert asked(made["secret"]).status_code == 200
    row = rep.get("/tokens/?limit=1").json()["results"][0]
    assert (row["id"], row["name"], row["revoked_at"], "secret" in row) == (made["id"], "a script", None, False)
    assert made["secret"].startswith(row["prefix"])
    Program(company, "rep2").send("DELETE", f"/tokens/{made['id']}/", status=404)
    rep.send("DELETE", f"/tokens/{made['id']}/", status=204)
    rep.send("DELETE", f"/tokens/{made['id']}/", status=204)
    assert asked(made["secret"]).status_code == 401


@pytest.mark.parametrize(
    "change", [{"expires_at": timezone.now() - timedelta(seconds=1)}, {"person__is_active": False}]
)
def test_a_token_that_has_ended(company, change):
    program = Program(company, "rep_west")
    token = ApiToken.objects.latest("pk")
    for name, value in change.items():
        target = token.person if name.startswith("person") else token
        setattr(target, name.split("__")[-1], value)
        target.save()
    try:
        program.get("/me/", 401)
    finally:
        token.person.is_active = True
        token.person.save()


@pytest.mark.parametrize("body", [{}, {"name": "x", "scope": "all"}, {"name": "x", "days": 0}, {"name": "x", "for": 1}])
def test_a_token_that_cannot_be_made(rep, body):
    rep.post("/tokens/", body, 422)


def test_a_session_writes_with_its_csrf_token_only(company):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(company.person("rep"))
    assert browser.get(f"{BASE}/me/").json()["token"] is None
    body = {"name": "From a browser"}
    assert browser.post(f"{BASE}/accounts/", body, content_type="application/json").status_code == 403
    browser.cookies["crm_ledger_csrf"] = "x" * 32
    answer = browser.post(f"{BASE}/accounts/", body, content_type="application/json", headers={"X-CSRFToken": "x" * 32})
    assert answer.status_code == 201
