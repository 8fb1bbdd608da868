"""The page of an account: what any function logs there, and what it does to its health; and the same by programs."""

from django.test import Client

from governance.queries import touchpoints
from pipeline.queries import deals
from tests import walking
from tests.programs import Program


def browser(company, who):
    client = Client()
    client.force_login(company.person(who))
    return client


def text(response):
    return response.content.decode()


def test_a_touchpoint_is_logged_and_settled_by_forms(company):
    account, number = company.account.pk, walking.opened(company)
    rep = browser(company, "rep")
    page = text(rep.get(f"/accounts/{account}/"))
    assert "Nothing was ever logged on this account." in page and "Healthy" in page
    said = {"kind": "defect", "what": "The second line stands"}
    told = rep.post(f"/accounts/{account}/touchpoints/", said, follow=True)
    assert "Strained" not in text(told) and "Healthy" in text(told), "80 is healthy still"
    rep.post(f"/accounts/{account}/touchpoints/", {"kind": "complaint", "what": "They called the CEO"})
    seen = text(browser(company, "ops").get(f"/accounts/{account}/"))
    assert "Strained" in seen and "The second line stands" in seen and "Settle" in seen
    assert "health 65, strained" in text(rep.get(f"/deals/{deals.ref_of(number)}/"))
    one = next(row.touchpoint.id for row in touchpoints.rows(account) if row.touchpoint.kind == "defect")
    browser(company, "ops").post(f"/accounts/{account}/touchpoints/{one}/settlements/")
    assert touchpoints.health(account).score == 85
    assert "Log a touchpoint" not in text(browser(company, "auditor").get(f"/accounts/{account}/"))


def test_programs_log_list_and_read_health(company):
    ops, account = Program(company, "ops"), company.account.pk
    said = {"kind": "late-delivery", "what": "Two weeks late", "hold": "delivery"}
    made = ops.post(f"/accounts/{account}/touchpoints/", said).json()
    assert (made["weight"], made["function"], made["logged_as"], made["state"]) == (
        20,
        "operations",
        "operations",
        "open",
    )
    assert ops.get(f"/accounts/{account}/health/").json() == {
        "account": account, "score": 80, "state": "healthy", "open": 1
    }  # fmt: skip
    assert [one["reason"] for one in ops.get(f"/accounts/{account}/holds/").json()["results"]] == ["delivery"]
    done = ops.post(f"/accounts/{account}/touchpoints/{made['id']}/settlements/", {"note": "It is there"}).json()
    assert (done["state"], done["note"]) == ("settled", "It is there")
    assert ops.get(f"/accounts/{account}/touchpoints/?open=true").json()["results"] == []
    assert [one["id"] for one in ops.get(f"/accounts/{account}/touchpoints/").json()["results"]] == [made["id"]]
