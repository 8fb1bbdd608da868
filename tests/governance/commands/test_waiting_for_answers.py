"""A handshake that nobody has answered holds value, now and in the past; who answers has a pulse."""

from dataclasses import replace
from datetime import timedelta

from django.test import Client

from governance.commands import handshakes
from governance.commands.alerting import silence
from governance.queries import heartbeat
from ledger.rules import moments
from pipeline.queries import deals, seats
from reporting.queries import asking
from tests import walking
from tests.governance.commands.test_handshakes import after_its_day, offered
from tests.programs import Program


def held(company, function, more=""):
    """(value waiting on a function, references of the deals behind it), as a program reads them."""
    program = Program(company, "cfo")
    rows = program.get(f"/measures/value-waiting/?by=function{more}").json()["rows"]
    behind = program.get(f"/measures/value-waiting/deals/?function={function}{more}").json()["results"]
    return [row["value"] for row in rows if row["function"] == function], [one["deal"] for one in behind]


def pulse(function):
    """Whether it is silent, how many wait, are overdue, were answered in a week."""
    now = seats.now()
    for one in heartbeat.pulses(now - silence.WEEK, now, functions=[function]):
        return one.silent_since(now - silence.WEEK), one.waiting, one.overdue, one.answered
    return None


def test_what_waits_for_an_answer_holds_value_now_and_in_the_past(shaking):
    company, number = shaking, walking.solution(shaking)
    assert held(company, "operations") == ([], []) and pulse("operations") is None
    row, ref = offered(company, number), deals.ref_of(number)
    during = f"&as_of={moments.text(seats.now())}"
    waits = (["100000.00"], [ref])
    assert held(company, "operations") == held(company, "operations", during) == waits
    assert pulse("operations") == (False, 1, 0, 0) and pulse("sales") == (False, 0, 0, 0), "sales has offered"
    browser = Client()
    browser.force_login(company.person("ops"))
    home = browser.get("/").content.decode()
    assert "Value waiting on your function" in home and "100k" in home
    walking.move_clock(seats.now() + timedelta(days=8))
    assert pulse("operations") == (True, 1, 0, 0), "a week without an answer is silence"
    assert (silence.sweep(), silence.sweep()) == (1, 0)
    other = walking.solution(company)
    handshakes.act(offered(company, other, 30), "accepted", by=company.by("ops"))
    assert pulse("operations") == (False, 1, 0, 1), "who answers is not silent"
    told = Program(company, "cfo").get("/heartbeat/").json()["results"]
    assert [(one["answered"], one["decided"]) for one in told if one["function"] == "operations"] == [(1, 1)]
    handshakes.act(row, "refused", by=company.by("ops"), note="Line 2 is full")
    assert held(company, "operations") == ([], []) and pulse("operations") == (False, 0, 0, 2)
    assert held(company, "operations", during) == waits


def test_past_its_day_it_waits_on_whose_turn_it_is(shaking):
    company, number = shaking, walking.solution(shaking)
    ref = deals.ref_of(number)
    after_its_day(number)
    missed = f"&as_of={moments.text(seats.now())}"
    assert held(company, "sales") == (["100000.00"], [ref]) and pulse("sales")[1:] == (0, 1, 0), "it was to offer"
    row = offered(company, number)
    assert held(company, "sales") == ([], []) and held(company, "operations") == (["100000.00"], [ref])
    assert pulse("operations")[1:] == (1, 1, 0)
    handshakes.act(row, "refused", by=company.by("ops"), note="Line 2 is full")
    assert held(company, "operations") == held(company, "sales") == ([], []), "a refusal is an answer"
    assert held(company, "sales", missed) == (["100000.00"], [ref])


def test_an_older_receipt_is_asked_again_without_handshakes(shaking):
    company, number = shaking, walking.solution(shaking)
    walking.submitted(company, walking.solution(company, amount="300000.00"), "credit-approved", "finance")
    offered(company, number)
    told = asking.tell("value-waiting", asking.asked(seats.of_person(company.person("cfo").pk)))
    claim = told.claim()
    assert (claim.definition_version, claim.value) == (2, "400000.00")
    older = replace(claim, definition_version=1)
    assert asking.again(claim, told.asked.as_of)[0] == "400000.00"
    assert asking.again(older, told.asked.as_of)[0] == "300000.00"
