"""ETag, If-Match and If-None-Match; and a deal as it was known at a moment."""

import pytest

from pipeline.queries import seats
from tests.programs import Program, company_in, open_deal, slug


@pytest.fixture
def company(committed_db):
    return company_in(committed_db.name)


@pytest.fixture
def rep(company):
    return Program(company, "rep")


@pytest.fixture
def deal(company):
    return f"/deals/{open_deal(company)}/"


def test_a_write_says_which_version_it_acts_on(rep, deal):
    assert slug(rep.patch(deal, {"delivery_units": 9}, 428)) == "precondition-required"
    changed = rep.patch(deal, {"delivery_units": 9}, If_Match='"1"')
    assert changed["ETag"] == '"2"' == rep.get(deal)["ETag"]
    stale = rep.patch(deal, {"delivery_units": 10}, 412, If_Match='"1"')
    assert (slug(stale), stale.json()["version"]) == ("stale-version", 2)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("*", 200), ('"1"', 200), ('W/"1"', 200), ('"0", "1"', 200), (' "1" ', 200), ('"abc"', 412), ('"2"', 412),
        ("1", 400), ('"1', 400), ("", 400), ('"1" "2"', 400), ("'1'", 400), ('"99999999999999999999"', 412),
    ],
)  # fmt: skip
def test_if_match(rep, deal, given, status):
    rep.patch(deal, {"delivery_units": 9}, status, If_Match=given)


def test_a_read_that_is_known_says_only_so(rep, deal):
    for given, status in (('"1"', 304), ('W/"1"', 304), ("*", 304), ('"7", "1"', 304), ('"7"', 200), ("1", 400)):
        answer = rep.get(deal, status, If_None_Match=given)
        assert status != 304 or (answer["ETag"], answer.content) == ('"1"', b"")


@pytest.mark.parametrize(
    "act", ["advances", "returns", "losses", "reopenings", "amendments", "assignments", "attestations"]
)
def test_every_act_on_a_deal_needs_if_match(rep, deal, act):
    bodies = {
        "advances": {"to": "solution"},
        "returns": {"to": "qualify", "reason": "too early"},
        "losses": {"reason": "price"},
        "reopenings": {"reason": "they came back"},
        "amendments": {"delivery_units": 9},
        "assignments": {"owner": 1},
        "attestations": {"function": "sales", "terms": "0" * 64},
    }
    rep.post(f"{deal}{act}/", bodies[act], 428)


def test_acts_answer_with_the_new_version(company, rep, deal):
    lost = rep.post(f"{deal}losses/", {"reason": "price", "note": "too dear"}, If_Match='"1"')
    assert (lost["ETag"], lost.json()["stage"]) == ('"2"', "lost")
    back = rep.post(f"{deal}reopenings/", {"reason": "they came back"}, If_Match=lost["ETag"])
    assert (back["ETag"], back.json()["stage"]) == ('"3"', "qualify")
    moved = rep.post(f"{deal}advances/", {"to": "solution"}, If_Match=back["ETag"])
    returned = rep.post(f"{deal}returns/", {"to": "qualify", "reason": "too early"}, If_Match=moved["ETag"])
    assert returned.json()["stage"] == "qualify"
    manager = Program(company, "manager")
    given = manager.post(f"{deal}assignments/", {"owner": company.seats["rep2"]}, If_Match=returned["ETag"])
    assert given.json()["owner"]["name"] == "Rep2"


def test_as_of_shows_what_was_known_then(company, rep, deal):
    before = seats.now().isoformat().replace("+00:00", "Z")
    rep.patch(deal, {"amount": "5000.00", "need": "They want it sooner than before"}, If_Match='"1"')
    rep.post(f"{deal}advances/", {"to": "solution"}, If_Match="*")
    now, then = rep.get(deal).json(), rep.get(f"{deal}?as_of={before}").json()
    assert (then["amount"]["amount"], then["stage"], then["version"]) == ("100000.00", "qualify", 1)
    assert then["inputs"]["need"].startswith("Their packing line") and then["milestones"] == []
    assert (now["amount"]["amount"], now["stage"]) == ("5000.00", "solution")
    assert {row["key"] for row in now["milestones"]} == {"delivery-plan-accepted", "credit-approved"}
    latest = rep.get(f"{deal}?as_of={seats.now().isoformat().replace('+', '%2B')}").json()
    assert {**latest, "as_of": None} == now
    rep.get(f"{deal}?as_of=2000-01-01T00:00:00Z", 404)
    rep.get(f"{deal}?as_of=yesterday", 422)
    listed = rep.get(f"/deals/?as_of={before}").json()["results"][0]
    assert (listed["ref"], listed["amount"]["amount"]) == (then["ref"], "100000.00")
