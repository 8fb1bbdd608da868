"""A deal from open to booked, by programs."""

import pytest

from tests import company as companies
from tests.programs import Program, slug, terms


@pytest.fixture
def company(committed_db):
    return companies.build()


def milestone_of(program, ref, key):
    rows = program.get(f"/milestones/?deal={ref}").json()["results"]
    return next(row["id"] for row in rows if row["key"] == key)


def verify(company, ref, key, submitter, verifier):
    first, second = Program(company, submitter), Program(company, verifier)
    number = milestone_of(first, ref, key)
    first.post(f"/milestones/{number}/evidence/", {"reference": f"proof of {key}"})
    first.post(f"/milestones/{number}/submissions/", {"note": "done"})
    done = second.post(f"/milestones/{number}/verifications/", {"decision": "verified"})
    assert done.json()["state"] == "verified"


def test_from_open_to_booked(company):
    rep = Program(company, "rep")
    opened = rep.post("/deals/", {"title": "Pallet automation", **terms(company)})
    deal = opened.json()
    ref = deal["ref"]
    assert (opened["ETag"], opened["Location"]) == ('"1"', f"http://testserver/api/v1/deals/{ref}/")
    assert deal["amount"] == {"amount": "100000.00", "currency": "USD"} == deal["value"]
    assert (deal["stage"], deal["booked"], deal["owner"]["name"]) == ("qualify", False, "Rep")

    gate = rep.get(f"/deals/{ref}/gate/").json()
    assert (gate["from"], gate["to"], gate["passed"]) == ("qualify", "solution", True)
    moved = rep.post(f"/deals/{ref}/advances/", {"to": "solution"}, If_Match='"1"')
    assert moved.json()["passed"] and moved["ETag"] != '"1"'

    shut = rep.post(f"/deals/{ref}/advances/", {"to": "commit"}, 409, If_Match=moved["ETag"])
    assert slug(shut) == "gate-refused"
    assert {row["key"] for row in shut.json()["refusals"]} >= {"delivery-plan-accepted", "credit-approved"}
    assert all(
        {"key", "kind", "message", "owner_function", "remedy", "due"} <= set(row) for row in shut.json()["refusals"]
    )
    assert shut["ETag"] == rep.etag(ref)

    verify(company, ref, "delivery-plan-accepted", "ops", "ops2")
    verify(company, ref, "credit-approved", "finance", "finance2")
    rep.post(f"/deals/{ref}/advances/", {"to": "commit"}, If_Match=rep.etag(ref))
    verify(company, ref, "contract-signed", "rep", "manager")
    verify(company, ref, "capacity-confirmed", "ops", "ops2")
    verify(company, ref, "billing-terms-verified", "finance", "finance2")
    fingerprint = rep.get(f"/deals/{ref}/").json()["terms"]
    for who, function in (("rep", "sales"), ("ops", "operations"), ("finance", "finance")):
        program = Program(company, who)
        answer = program.post(
            f"/deals/{ref}/attestations/", {"function": function, "terms": fingerprint}, If_Match=program.etag(ref)
        )
    assert (answer.json()["stage"], answer.json()["booked"]) == ("booked", True)

    auditor = Program(company, "auditor")
    booked = auditor.get("/booked/").json()
    assert (booked["value"], booked["currency"], booked["integrity"]) == ("100000.00", "USD", None)
    assert [row["unit"] for row in booked["rows"]] == ["east"]
    assert auditor.get("/booked/deals/").json()["results"][0]["deal"] == ref
    assert Program(company, "rep_west").get("/booked/").json()["value"] == "0.00"
    kinds = [row["kind"] for row in rep.get(f"/deals/{ref}/timeline/?limit=200").json()["results"]]
    assert (kinds[-1], "booking.recorded" in kinds, "gate.refused" in kinds) == ("deal.opened", True, True)
