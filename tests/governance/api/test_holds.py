"""Holds through the real addresses."""

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from ledger.rules import moments
from pipeline.commands import references
from pipeline.queries import seats
from tests import walking
from tests.company import SETUP
from tests.programs import Program, slug, terms

STOP = {"reason": "credit", "why": "Their last invoice is 60 days late"}


def alone(program, address, body=None, **headers):
    """A refusal, and nothing of it stays: it ends the transaction that it is in."""
    with transaction.atomic():
        response = program.send("POST", address, body or {}, **headers)
        transaction.set_rollback(True)
    return response


def test_a_hold_is_placed_seen_at_the_gate_and_released(company):
    finance, rep = Program(company, "finance"), Program(company, "rep")
    ref = f"D-{walking.opened(company):06d}"
    placed = finance.post(f"/deals/{ref}/holds/", STOP, If_Match=finance.etag(ref))
    said = placed.json()
    assert placed["ETag"] == finance.etag(ref)
    assert (said["deal"], said["account"], said["function"], said["reason"], said["why"], said["state"]) == (
        ref, None, "finance", "credit", STOP["why"], "open",
    )  # fmt: skip
    assert said["owner"]["name"] == "Finance"
    (stop,) = [need for need in rep.get(f"/deals/{ref}/gate/").json()["requirements"] if need["state"] == "unmet"]
    assert (stop["key"], stop["who"]) == (said["key"], "finance")
    assert rep.get("/deals/?blocked=true").json()["results"][0]["ref"] == ref
    refused = rep.send("POST", f"/deals/{ref}/advances/", {"to": "solution"}, If_Match=rep.etag(ref))
    assert (refused.status_code, slug(refused)) == (409, "gate-refused")
    assert [one["key"] for one in refused.json()["refusals"]] == [said["key"]]
    address = f"/deals/{ref}/holds/{said['id']}/releases/"
    assert alone(rep, address, If_Match="*").status_code == 403
    assert alone(finance, address, If_Match='"1"').status_code == 412
    assert alone(finance, address).status_code == 428
    done = finance.post(address, {"note": "They paid"}, If_Match=finance.etag(ref)).json()
    assert (done["state"], done["released_by"]["name"], done["note"]) == ("released", "Finance", "They paid")
    assert rep.get(f"/deals/{ref}/gate/").json()["passed"]
    assert rep.get(f"/deals/{ref}/holds/?open=true").json()["results"] == []
    assert [one["id"] for one in rep.get(f"/deals/{ref}/holds/").json()["results"]] == [said["id"]]


def test_an_account_is_held_with_its_deals_and_its_past_is_read(company):
    cfo, account = Program(company, "cfo"), company.account.pk
    ref = f"D-{walking.opened(company):06d}"
    before = moments.text(seats.now())
    hold = cfo.post(f"/accounts/{account}/holds/", STOP).json()
    assert (hold["account"], hold["deal"], hold["state"]) == (account, None, "open")
    (copy,) = cfo.get(f"/deals/{ref}/holds/").json()["results"]
    assert (copy["of_account_hold"], copy["why"], copy["owner"]["name"]) == (hold["id"], STOP["why"], "Cfo")
    assert alone(cfo, f"/accounts/{account}/holds/", STOP).json()["type"].endswith("/hold-open")
    assert cfo.get(f"/deals/{ref}/holds/?as_of={before}").json()["results"] == []
    assert cfo.get(f"/accounts/{account}/holds/?as_of={before}").json()["results"] == []
    cfo.post(f"/accounts/{account}/holds/{hold['id']}/releases/")
    assert cfo.get(f"/accounts/{account}/holds/?open=true").json()["results"] == []
    assert cfo.get("/accounts/999999/holds/", 404)


def test_as_many_queries_for_three_deals_of_an_account_as_for_one(company):
    """Deals that follow their account cost one statement, whatever their number."""
    finance, counts = Program(company, "finance"), []
    for many in (1, 3):
        account = references.open_account(f"With {many}", by=SETUP).pk
        for _ in range(many):
            walking.opened(company, account=account, economic_buyer=None)
        with CaptureQueriesContext(connection) as queries:
            finance.post(f"/accounts/{account}/holds/", STOP)
        counts.append(len(queries))
    assert counts[1] <= counts[0], "the policy is read once"


def test_what_opens_a_deal_answers_as_a_read_does(company):
    """The answer to an opening is put together from what was opened; a hold that follows at once is read."""
    cfo, rep = Program(company, "cfo"), Program(company, "rep")
    product = references.list_product("Palletiser", by=SETUP, price_minor=10_000_000)
    lines = [{"product": product.pk, "quantity": 1, "price": "100000.00"}]
    texts = {"need": "Une machine s’arre\u0302te deux fois la semaine, a\u0300 l’heure de pointe, sans raison connue"}
    for more in ({}, texts, {"lines": lines}, {"account": None}):
        said = {"title": "  Machine a\u0300 palettes ", "description": " as told\n", **terms(company, **more)}
        opened = rep.post("/deals/", said)
        read = rep.get(f"/deals/{opened.json()['ref']}/")
        assert (opened.json(), opened["ETag"]) == (read.json(), read["ETag"])
    cfo.post(f"/accounts/{company.account.pk}/holds/", STOP)
    held = rep.post("/deals/", {"title": "Machine", **terms(company)})
    read = rep.get(f"/deals/{held.json()['ref']}/")
    assert (held.json(), held["ETag"], held.json()["version"]) == (read.json(), '"2"', 2)
