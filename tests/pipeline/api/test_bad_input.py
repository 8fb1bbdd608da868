"""What people and programs send by mistake: each refused with the place, a stable code and a way to mend it."""

import pytest

from tests.programs import Program, codes, company_in, open_deal, slug, terms


@pytest.fixture
def company(committed_db):
    return company_in(committed_db.name)


@pytest.fixture
def rep(company):
    return Program(company, "rep")


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"amount": {"amount": "240000.00", "currency": "XXX"}}, ("/currency", "MONEY-1")),
        ({"amount": "1.234"}, ("/amount", "MONEY-5")),
        ({"amount": "-5"}, ("/amount", "MONEY-3")),
        ({"amount": "0"}, ("/amount", "MONEY-3")),
        ({"amount": "9" * 20}, ("/amount", "MONEY-4")),
        ({"amount": "1E400"}, ("/amount", "MONEY-4")),
        ({"amount": 1.5}, ("/amount", "MONEY-2")),
        ({"amount": True}, ("/amount", "MONEY-2")),
        ({"amount": []}, ("/amount", "MONEY-2")),
        ({"amount": "NaN"}, ("/amount", "MONEY-2")),
        ({"amount": "1E-999999999"}, ("/amount", "MONEY-5")),
        ({"start_on": "2001-01-01"}, ("/start_on", "DEAL-DATE-2")),
        ({"close_on": "2026-13-01"}, ("/close_on", "DATE-1")),
        ({"close_on": "9999-01-01"}, ("/close_on", "DATE-2")),
        ({"close_on": {}}, ("/close_on", "DATE-1")),
        ({"account": 999999}, ("/account", "DEAL-ACCOUNT-1")),
        ({"account": "x"}, ("/account", "FIELD-3")),
        ({"account": 2**70}, ("/account", "FIELD-3")),
        ({"billing_terms": "sometimes"}, ("/billing_terms", "FIELD-5")),
        ({"need": {"a": 1}}, ("/need", "FIELD-7")),
        ({"need": "x" * 2001}, ("/need", "FIELD-6")),
        ({"delivery_units": 1.5}, ("/delivery_units", "FIELD-3")),
        ({"colour": "red"}, ("/colour", "FIELD-2")),
        ({"stage": "booked"}, ("/stage", "FIELD-2")),
        ({"inputs": []}, None),
        ({"inputs": "x"}, ("/inputs", "FIELD-1")),
        ({"credits": 7}, ("/credits", "DEAL-CREDIT-2")),
        ({"credits": ["x"]}, ("/credits/0", "FIELD-3")),
        ({"credits": [2**53 - 1]}, ("/credits", "DEAL-CREDIT-1")),
        ({"lines": "x"}, ("/lines", "DEAL-LINE-2")),
        ({"lines": [1]}, ("/lines/0", "DEAL-LINE-2")),
        ({"lines": [{"product": 1, "quantity": 1, "price": "5"}]}, ("/lines", "DEAL-LINE-1")),
        ({"lines": [{}]}, None),
        ({"title": ""}, ("/title", "ASK-2")),
        ({"title": 5}, ("/title", "ASK-3")),
        ({"title": "x" * 201}, ("/title", "ASK-4")),
        ({"title": "\u200b\u202e \x07"}, ("/title", "DEAL-TITLE-1")),
        ({"owner": "me"}, ("/owner", "ASK-7")),
        ({"owner": 999999}, ("/owner", "DEAL-OWNER-2")),
    ],
)  # fmt: skip
def test_a_deal_that_cannot_be_opened(company, rep, wrong, fault):
    body = {"title": "Wrong", **terms(company), **wrong}
    refused = rep.send("POST", "/deals/", body)
    if fault is None:
        assert refused.status_code in (201, 422)
        return
    assert refused.status_code == 422, refused.content
    assert fault in codes(refused)
    assert all(row["message"] for row in refused.json()["errors"])


def test_a_name_that_looks_the_same_is_the_same(company, rep):
    opened = rep.post("/accounts/", {"name": "\u202eZoë\u200b  Foods"}).json()
    assert opened["name"] == "Zoë Foods"
    for twin in ("Zoe\u0308 Foods", "\ufeffZoë\u00a0Foods", "ZOË Fo\u00adods"):
        refused = rep.post("/accounts/", {"name": twin}, 409)
        assert (slug(refused), refused.json()["id"]) == ("account-exists", opened["id"])


def test_every_fault_at_once(company, rep):
    body = {"title": "Wrong", **terms(company), "amount": "-1", "close_on": "soon", "billing_terms": "never", "x": 1}
    assert {pointer for pointer, _ in codes(rep.post("/deals/", body, 422))} == {
        "/amount", "/close_on", "/billing_terms", "/x"
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b'"x"', b"7", b"{" * 100_000, b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe",
        b'{"title": "\\u0000"}', b'{"title": "\\ud800"}', b'{"title": NaN}', b'{"title": 1e999}', b'{"a":1,"a":2}',
        b'{"title": ' + b"9" * 5000 + b"}", b'{"title": "x", "inputs": ' + b'{"a":' * 60 + b"1" + b"}" * 61,
    ],
)  # fmt: skip
def test_a_body_that_is_none(rep, body):
    assert rep.send("POST", "/deals/", body).status_code in (400, 422)


def test_a_body_of_another_kind(company, rep):
    headers = {"Authorization": f"Bearer {rep.secret}"}
    for content_type in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"):
        answer = rep.client.generic("POST", "/api/v1/deals/", "x=1", content_type=content_type, headers=headers)
        assert answer.status_code == 415


def test_a_body_that_is_too_large(rep):
    assert rep.send("POST", "/deals/", b'{"title": "' + b"x" * 1_100_000 + b'"}').status_code == 413


@pytest.mark.parametrize(
    ("act", "body", "fault"),
    [
        ("advances", {"to": "bogus"}, ("/to", "STAGE-1")),
        ("advances", {"to": "lost"}, ("/to", "STAGE-1")),
        ("advances", {}, ("/to", "ASK-2")),
        ("advances", {"to": ["commit"]}, ("/to", "ASK-3")),
        ("advances", {"to": "commit", "force": True}, ("/force", "ASK-1")),
        ("returns", {"to": "commit", "reason": "too early"}, ("/to", "DEAL-RETURN-1")),
        ("returns", {"to": "qualify", "reason": "x"}, ("/reason", "DEAL-REASON-1")),
        ("losses", {"reason": "bad luck"}, ("/reason", "DEAL-LOST-1")),
        ("amendments", {"title": " "}, ("/title", "DEAL-TITLE-1")),
        ("amendments", {"title": 5}, ("/title", "ASK-3")),
        ("amendments", {"stage": "booked"}, ("/stage", "FIELD-2")),
        ("attestations", {"function": "marketing", "terms": "0" * 64}, ("/function", "ATT-1")),
    ],
)
def test_an_act_that_cannot_be(company, rep, act, body, fault):
    ref = open_deal(company)
    assert fault in codes(rep.post(f"/deals/{ref}/{act}/", body, 422, If_Match="*"))
    assert rep.etag(ref) == '"1"'


def test_terms_that_have_changed(company, rep):
    ref = open_deal(company)
    seen = rep.get(f"/deals/{ref}/").json()["terms"]
    rep.patch(f"/deals/{ref}/", {"delivery_units": 5}, If_Match="*")
    body = {"function": "sales", "terms": seen}
    assert slug(rep.post(f"/deals/{ref}/attestations/", body, 409, If_Match="*")) == "terms-changed"


@pytest.mark.parametrize(
    "ref", ["D-999999", "D-", "X-000001", "D-0x1", "D-١", "D-" + "9" * 40, "D-%00", "%F0%9F%98%80"]
)
def test_a_ref_that_is_none(rep, ref):
    rep.get(f"/deals/{ref}/", 404)


@pytest.mark.parametrize("address", ["/milestones/9999999999999999999999/", "/policies/99999999999/", "/nothing/"])
def test_an_address_that_is_none(rep, address):
    rep.get(address, 404)


FAULTY = """
name: ""
stages: [{key: a, name: A, gate: [{key: x, kind: bogus, sentence: s, owner_function: f, remedy: r}]}]
inputs: [{key: amount, name: Amount, type: wrong, owner_function: sales, decides: x}, {key: 7}, {name: x}]
milestones: [{key: m, name: M, owner_function: o, planned_in: a, anchor: never, offset_days: x, lead_days: -1}]
loss_reasons: x
colour: red
"""


def test_a_policy_with_ten_faults_says_all_of_them(company, rep):
    said = rep.post("/policies/lints/", {"document": FAULTY}, 200).json()
    assert not said["publishable"] and len(said["faults"]) >= 10
    refused = Program(company, "steward").post("/policies/publications/", {"document": FAULTY}, 422)
    assert slug(refused) == "policy-invalid" and refused.json()["errors"] == said["faults"]


@pytest.mark.parametrize("document", ["", 7, [], "&a [*a]", "{" * 9000, "x" * 30_000, {"name": {"a": [1.5, None]}}])
def test_a_document_that_is_no_policy(rep, document):
    answer = rep.send("POST", "/policies/lints/", {"document": document})
    assert answer.status_code == 422 or not answer.json()["publishable"]


def test_a_policy_is_drafted_signed_and_published(company):
    steward = Program(company, "steward")
    document = steward.get("/policies/1/").json()["document"]
    drafted = steward.post("/policies/publications/", {"document": {**document, "loss_reasons": ["price", "other"]}})
    version = drafted.json()["version"]
    assert (drafted.json()["missing"], drafted.json()["published_at"]) == (["sales", "operations", "finance"], None)
    for who, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        signed = Program(company, who).post(f"/policies/{version}/signatures/", {"function": function}).json()
    assert signed["missing"] == [] and signed["published_at"]
