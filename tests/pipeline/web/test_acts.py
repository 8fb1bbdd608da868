"""Forms that move a deal: sent twice they happen once, refused they say why, foreign deals do not exist."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from ledger.queries import entries
from pipeline.commands import amending
from pipeline.models import Deal
from pipeline.queries import deals, seats
from tests import walking


@pytest.fixture
def rep(company):
    client = Client()
    client.force_login(company.person("rep"))
    return client


def log_in(company, name):
    client = Client()
    client.force_login(company.person(name))
    return client


def test_a_form_that_is_sent_twice_opens_one_deal(company, rep):
    form = {"title": "Kestrel", "account": "Northwind", "request_id": str(uuid.uuid4())}
    answers = [rep.post("/deals/new/", form) for _at in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Deal.objects.count() == 1


def test_a_new_account_is_opened_on_request_only(company, rep):
    refused = rep.post("/deals/new/", {"title": "Kestrel", "account": "Brand new"})
    assert refused.status_code == 422 and "is no known account" in refused.content.decode()
    opened = rep.post("/deals/new/", {"title": "Kestrel", "account": "Brand new", "new_account": "on"})
    assert opened.status_code == 303


def test_every_fault_at_once_and_what_was_typed_stays(company, rep):
    answer = rep.post("/deals/new/", {"title": "", "amount": "lots", "close_on": "2026-13-01"})
    page = answer.content.decode()
    assert answer.status_code == 422 and Deal.objects.count() == 0
    for code in ("DEAL-TITLE-1", "MONEY-2", "DATE-1"):
        assert page.count(f"[{code}]") == 2, code  # above, and beside the field
    assert 'value="lots"' in page


def test_an_advance_that_is_sent_twice_moves_one_stage(company, rep):
    number = walking.opened(company)
    form = {"request_id": str(uuid.uuid4())}
    for _at in range(2):
        rep.post(f"/deals/{deals.ref_of(number)}/advances/?to=solution", form)
    assert walking.view(number).stage == "solution"
    assert walking.kinds(number).count("deal.advanced") == 1


def test_a_refused_advance_is_on_record_with_its_sentence(company, rep):
    number = walking.solution(company)
    ref = deals.ref_of(number)
    page = rep.post(f"/deals/{ref}/advances/?to=commit", follow=True).content.decode()
    assert "Not advanced. Delivery plan accepted: nothing has been done yet." in page
    assert walking.kinds(number)[-1] == "gate.refused"


def test_a_foreign_deal_does_not_exist(company):
    number = walking.opened(company)
    ref, foreign = deals.ref_of(number), log_in(company, "rep_west")
    for path in ("", "facts/", "lose/", "milestones/credit-approved/"):
        assert foreign.get(f"/deals/{ref}/{path}").status_code == 404, path
    assert foreign.post(f"/deals/{ref}/advances/?to=solution").status_code == 404
    assert walking.kinds(number) == ["deal.opened"]


def test_who_does_not_own_it_is_told_who_moves_it(company):
    number = walking.opened(company)
    answer = log_in(company, "rep2").get(f"/deals/{deals.ref_of(number)}/facts/")
    assert answer.status_code == 403 and "is moved by its owner or a sales manager" in answer.content.decode()


def test_a_conflict_shows_was_and_is_and_keeps_what_was_typed(company, rep):
    number = walking.opened(company)
    seen = walking.view(number).version
    amending.amend(number, {"amount": "111000.00"}, by=company.by("manager"))
    path = f"/deals/{deals.ref_of(number)}/facts/"
    answer = rep.post(path, {"version": seen, "amount": "99000.00", "currency": "USD"})
    page = answer.content.decode()
    assert answer.status_code == 409
    for words in ("USD 100,000.00", "USD 111,000.00", "Manager", 'value="99000.00"', "EDIT-409"):
        assert words in page, words
    assert walking.view(number).amount_minor == 11_100_000
    assert rep.post(path, {"version": seen + 1, "amount": "99000.00", "currency": "USD"}).status_code == 303
    assert walking.view(number).amount_minor == 9_900_000


def test_what_others_did_beside_the_facts_is_no_conflict(company, rep):
    number = walking.solution(company)
    seen = walking.view(number).version
    walking.submitted(company, number, "credit-approved", "finance")
    answer = rep.post(f"/deals/{deals.ref_of(number)}/facts/", {"version": seen, "delivery_units": "60"})
    assert answer.status_code == 303
    assert walking.view(number).inputs["delivery_units"] == 60


@pytest.mark.parametrize(
    ("act", "form", "kind"),
    [
        ("return", {"to": "qualify", "reason": "The buyer left"}, "deal.returned"),
        ("lose", {"reason": "price", "note": "Too dear"}, "deal.lost"),
    ],
)
def test_closing_acts_ask_for_their_reason(company, rep, act, form, kind):
    number = walking.solution(company)
    path = f"/deals/{deals.ref_of(number)}/{act}/"
    assert rep.post(path, {}).status_code == 422
    assert rep.post(path, form).status_code == 303
    assert walking.kinds(number)[-1] == kind


def test_a_cancellation_that_is_learned_late_says_its_day(company, rep):
    """The booking of this month, cancelled on its first day: the page posts to that month as the API does."""
    number = walking.booked(company)
    ref, today = deals.ref_of(number), seats.now().date()
    page = rep.get(f"/deals/{ref}/lose/").content.decode()
    assert "True since" in page and 'type="date"' in page
    form = {"reason": "price", "request_id": str(uuid.uuid4())}
    for wrong, code in (("soon", "DATE-1"), ((today + timedelta(days=2)).isoformat(), "DEAL-ON-1")):
        answer = rep.post(f"/deals/{ref}/lose/", {**form, "on": wrong})
        assert answer.status_code == 422 and f"[{code}]" in answer.content.decode()
        form["request_id"] = str(uuid.uuid4())
    first = today.replace(day=1)
    assert rep.post(f"/deals/{ref}/lose/", {**form, "on": first.isoformat()}).status_code == 303
    assert walking.view(number).place == "cancelled"
    lost = next(one for one in entries.timeline(f"deal/{number}", limit=20) if one.kind == "deal.lost")
    assert str(lost.body.get("on", today)) == first.isoformat()


def test_what_no_browser_sends_is_refused(company, rep):
    number = walking.opened(company)
    path = f"/deals/{deals.ref_of(number)}"
    for answer in (
        rep.post(f"{path}/advances/?to=solution", {"request_id": "a\x00b"}),
        rep.get("/palette/?q=a%00b"),
        rep.get("/palette/?%00=b"),
    ):
        assert answer.status_code == 422 and "must not contain the NUL" in answer.content.decode()
    assert rep.post(f"{path}/facts/", {"version": "soon", "title": ""}).status_code == 422
    manager = log_in(company, "manager")
    for seat in ("²", "9" * 30):
        assert manager.post(f"{path}/assign/", {"owner": seat}).status_code == 422
    assert walking.kinds(number) == ["deal.opened"]
    assert rep.get("/capacity/?from=0001-01").status_code == rep.get("/capacity/?from=9999-12").status_code == 200
    assert rep.get(f"/policy/{'9' * 20}/").status_code == 404


@pytest.mark.parametrize("key", [r"\000aaaaaaaa", "ätschätsch", "a" * 500])
def test_a_cookie_that_is_no_session(db, key):
    answer = Client().get("/board/", HTTP_COOKIE=f'crm_ledger_session="{key}"')
    assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]
