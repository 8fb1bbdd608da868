"""Putting a deal or an account on hold, and releasing it, in the browser's forms."""

from django.test import Client

from governance.commands import account_holds, holds
from governance.queries import holds as query
from pipeline.queries import deals
from tests import walking


def browser(company, who):
    client = Client()
    client.force_login(company.person(who))
    return client


def text(response):
    return response.content.decode()


def test_a_deal_is_held_and_released_by_forms(company):
    number = walking.opened(company)
    ref = deals.ref_of(number)
    finance = browser(company, "finance")
    assert "Put on hold…" in text(finance.get(f"/deals/{ref}/"))
    wrong = finance.post(f"/deals/{ref}/holds/", {"reason": "mood", "why": ""})
    assert wrong.status_code == 422
    assert "HOLD-1" in text(wrong) and "HOLD-2" in text(wrong)
    said = {"reason": "credit", "why": "Sixty days late"}
    assert finance.post(f"/deals/{ref}/holds/", said).status_code == 303
    seen = text(browser(company, "rep").get(f"/deals/{ref}/"))
    assert "On hold by Finance" in seen and "Sixty days late" in seen
    assert "This hold is released by finance, which placed it. [HOLD-6]" in seen
    assert "On hold by Finance" in text(browser(company, "rep").get("/board/")), "the card says what holds it"
    assert "Put on hold by Finance: credit." in seen, "the ledger tells it"
    (row,) = query.rows(f"deal/{number}")
    told = finance.post(f"/deals/{ref}/holds/{row.hold.id}/releases/", {"note": "They paid"}, follow=True)
    assert "Released." in text(told) and "is-blocked" not in text(told)
    assert "They paid" in text(finance.get(f"/deals/{ref}/holds/"))


def test_an_account_is_held_on_its_own_page(company):
    number = walking.opened(company)
    account = company.account.pk
    finance = browser(company, "finance")
    assert finance.post(f"/accounts/{account}/", {"reason": "credit", "why": "Late again"}).status_code == 303
    seen = text(finance.get(f"/accounts/{account}/"))
    assert "On hold by Finance" in seen and deals.ref_of(number) in seen and "Account put on hold by Finance" in seen
    on_deal = text(finance.get(f"/deals/{deals.ref_of(number)}/"))
    assert "Account on hold by Finance" in on_deal and f'href="/accounts/{account}/"' in on_deal
    west = text(browser(company, "rep_west").get(f"/accounts/{account}/"))
    assert deals.ref_of(number) not in west, "deals of other units are not there"
    assert "Put on hold" not in text(browser(company, "auditor").get(f"/accounts/{account}/"))
    (row,) = query.rows(f"account/{account}")
    assert finance.post(f"/accounts/{account}/holds/{row.hold.id}/releases/").status_code == 303
    assert query.rows(f"deal/{number}", open_only=True) == []


def test_pages_of_the_past_offer_nothing(company):
    number = walking.opened(company)
    hold = holds.place(number, "credit", "Late", by=company.by("finance"))
    account_holds.place(company.account.pk, "credit", "Late", by=company.by("cfo"))
    at = walking.view(number).stage_entered_at.isoformat()
    finance = browser(company, "finance")
    for address in (f"/deals/{deals.ref_of(number)}/", f"/accounts/{company.account.pk}/"):
        page = finance.get(address, {"as_of": at}, follow=True)
        assert page.status_code == 200
        assert "On hold" not in text(page) and "Put on hold" not in text(page)
    assert query.rows(f"deal/{number}", open_only=True)[-1].hold.id == hold
