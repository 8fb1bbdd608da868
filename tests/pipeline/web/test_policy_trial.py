"""A policy tried before it is published: on the deals of today, on the gates that were passed, and what it costs."""

import html
import re
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import yaml
from django.test import Client

from pipeline.commands import advancing
from pipeline.models import DealState, InputTime
from pipeline.queries import passed_gates, seats, trials, usage
from pipeline.rules import policy_document, policy_lint
from pipeline.rules.policy_lint import Usage
from pipeline.rules.trial import Passed, tally
from tests import walking
from tests.company import DEFAULT_POLICY
from tests.programs import Program

TEXT = DEFAULT_POLICY.read_text()


def stricter(text=TEXT):
    """Credit is asked for one gate earlier: into solution."""
    said = yaml.safe_load(text)
    solution, commit = said["stages"][1]["gate"], said["stages"][2]["gate"]
    credit = next(rule for rule in commit if rule["key"] == "credit-approved")
    solution.append(dict(credit))
    next(one for one in said["milestones"] if one["key"] == "credit-approved")["planned_in"] = "qualify"
    return yaml.safe_dump(said)


def look(company, document, name="steward", **more):
    client = Client()
    client.force_login(company.person(name))
    response = client.post("/policy/drafts/", {"document": document, "request_id": "one", **more})
    return response.status_code, " ".join(response.content.decode().split())


def test_open_deals_that_a_stricter_policy_would_block_are_named_with_who_has_to_act(company):
    number = walking.opened(company)
    status, page = look(company, stricter())
    assert status == 200 and "1 newly blocked · 0 released · booked unchanged" in page
    assert f"/deals/D-{number:06d}/" in page and "Finance, Finance2" in page.replace("Cfo, ", "")
    assert look(company, TEXT)[1].count("0 newly blocked") == 1


def test_gates_that_were_passed_are_judged_again_at_their_moment(company):
    number = walking.commit(company)
    other = walking.opened(company)
    advancing.advance(other, "solution", by=company.by("rep"))
    since = seats.now() - timedelta(days=30)
    steps = list(passed_gates.passed(policy_document.load(stricter()), since))
    assert {(step.deal, step.to, step.blocked_by) for step in steps} == {
        (number, "solution", ("credit-approved",)), (number, "commit", ()), (other, "solution", ("credit-approved",)),
    }  # fmt: skip
    assert all(step.blocked_by == () for step in passed_gates.passed(policy_document.load(TEXT), since))
    assert list(passed_gates.passed(policy_document.load(TEXT), seats.now())) == []


def test_a_tally_counts_a_deal_once():
    at = datetime(2026, 11, 27, tzinfo=UTC)
    steps = [Passed(1, "a", at, 5, ("x",)), Passed(1, "b", at, 7, ("x", "y")), Passed(2, "a", at, None, ())]
    found = tally(steps)
    assert (found.steps, found.blocked, found.deals, found.value_minor) == (3, 2, 1, 7)
    assert found.by_key == {"x": 2, "y": 1}


def test_a_program_asks_the_same(company):
    walking.opened(company)
    found = Program(company, "cfo").send("POST", "/policies/backtests/", {"document": stricter(), "days": 30}).json()
    assert found["today"]["blocked"]["count"] == 1 and found["today"]["blocked"]["deals"][0]["reasons"] == [
        "credit-approved"
    ]
    assert found["before"]["days"] == 30 and found["cost"]["input_seconds"] == 8 * 40
    assert len(found["cost"]["assumed_inputs"]) == 8
    assert Program(company, "rep").send("POST", "/policies/backtests/", {"document": TEXT}).status_code == 403


def test_waiting_at_a_gate_is_part_of_the_cost(company):
    number = walking.solution(company)
    assert not advancing.advance(number, "commit", by=company.by("rep")).passed
    walking.move_clock(seats.now() + timedelta(hours=5))
    block = usage.blocks()["commit"]
    assert block.per_deal == 1 and 5 * 3600 <= block.median_wait_seconds <= 5 * 3600 + 60
    assert trials.cost(policy_document.load(TEXT)).sentence().startswith("5.3 min + 5 h wait a deal")


def test_an_input_that_is_answered_with_junk_is_warned_of(company, monkeypatch):
    monkeypatch.setattr(usage, "FEWEST", 3)
    for text in ("asdfasdfasdf", "test test test", "They want two more lines"):
        walking.opened(company, need=text, billing_terms="monthly")
    found = usage.of_inputs(policy_document.load(TEXT))
    assert found["billing_terms"].same_value_share == 1
    assert found["need"].placeholder_share > policy_lint.MOST_PLACEHOLDERS
    status, page = look(company, TEXT)
    assert status == 200 and "W1" in page and "W3" in page


@pytest.mark.parametrize("days", [90, 120])
def test_an_input_that_nothing_uses_for_ninety_days_is_warned_of(company, days):
    said = yaml.safe_load(TEXT)
    said["inputs"].append(
        {"key": "competitor", "name": "Competitor", "type": "text", "owner_function": "sales", "decides": "The offer."}
    )
    asks = {
        "key": "competitor",
        "kind": "input",
        "sentence": "It is known.",
        "owner_function": "sales",
        "remedy": "Ask.",
    }
    said["stages"][1]["gate"].append(asks)
    policy = policy_document.load(yaml.safe_dump(said))
    walking.move_clock(seats.now() + timedelta(days=days))
    assert usage.of_inputs(policy).get("competitor", Usage()).unused_days == 0, "it is new: nobody was asked yet"
    idle = usage._idle(policy, seats.now())
    assert idle["competitor"] == 90 and "amount" not in idle


def test_the_draft_begins_as_the_version_in_force_and_says_the_same(company):
    client = Client()
    client.force_login(company.person("steward"))
    page = client.get("/policy/drafts/").content.decode()
    assert "from v1" in page and "key: delivery_units" in page
    form = policy_document.canonical(policy_document.load(TEXT))
    assert policy_document.canonical(policy_document.load(policy_document.text(form))) == form


def test_with_errors_the_signatures_are_shut(company):
    said = yaml.safe_load(TEXT)
    said["stages"][-1]["gate"] = [rule for rule in said["stages"][-1]["gate"] if rule["key"] != "attested-finance"]
    status, page = look(company, yaml.safe_dump(said))
    assert status == 422 and "shut: 1 error." in page


def draft(page):
    """The document that the form of a page holds."""
    return html.unescape(re.search(r'name="document"[^>]*>(.*?)</textarea>', page, re.S)[1]).strip()


def press(client, act, document, **row):
    said = {"document": document, "act": act, "request_id": act}
    return client.post("/policy/drafts/", said | row).content.decode()


def test_rows_and_text_are_one_draft(company):
    client = Client()
    client.force_login(company.person("steward"))
    page = press(client, "down:/milestones/0", TEXT)
    said = yaml.safe_load(draft(page))
    assert [one["key"] for one in said["milestones"]][:2] == ["credit-approved", "delivery-plan-accepted"]
    assert "Delivery plan accepted is now 2 of 8." in page and 'value="down:/milestones/1" data-down autofocus' in page
    page = press(client, "edit:/inputs/7", draft(page))
    typed = {"at": "/inputs/7", "was": "billing_terms", "f-key": "billing_terms", "f-name": "", "f-type": "choice",
             "f-owner_function": "", "f-decides": "When invoices are due.", "f-choices": "monthly"}  # fmt: skip
    page = press(client, "add:/inputs", draft(page), **typed)
    assert 'name="at" value="/inputs/8"' in page, "the new row is open"
    # Each row says what is wrong with it, whichever button was pressed.
    for path, code in (
        ("/inputs/7/name", "POLICY-1"),
        ("/inputs/7/choices", "POLICY-1"),
        ("/inputs/8/key", "POLICY-1"),
    ):
        assert f"<code>{path}</code>" in page and code in page
    assert "owner_function" not in yaml.safe_load(draft(page))["inputs"][7]
    page = press(client, "remove:/inputs/8", draft(page), at="/inputs/7", was="amount", **{"f-name": "Late"})
    assert "nothing of the row was saved" in page and "Late" not in page
    assert press(client, "down:/milestones/0", "{", at="x").count("POLICY-8") == 1
    assert "The draft as text" in press(client, "add:/stages/9/gate", TEXT)


def test_an_eleventh_input_asks_which_one_is_dropped(company, monkeypatch):
    client = Client()
    client.force_login(company.person("steward"))
    said = yaml.safe_load(TEXT)
    more = {"type": "text", "owner_function": "sales", "decides": "Whether we try."}
    said["inputs"] += [{"key": key, "name": key.title(), **more} for key in ("rumour", "mood")]
    assert len(said["inputs"]) == 10
    known = {"rumour": Usage(same_value_share=Decimal("0.95")), "timing": Usage(placeholder_share=Decimal("0.4"))}
    monkeypatch.setattr(usage, "of_inputs", lambda policy: known)
    page = press(client, "add:/inputs", yaml.safe_dump(said))
    assert "10 inputs are the most" in page and len(yaml.safe_load(draft(page))["inputs"]) == 10
    offered = re.findall(r'value="swap:/inputs/(\d+)"', page)
    assert offered[:2] == ["8", "9"] and sorted(map(int, offered)) == list(range(10))
    assert "shuts no gate, 95 % the same value" in page
    asked = said["stages"][1]["gate"][0]["key"]
    (at,) = (place for place, one in enumerate(said["inputs"]) if one["key"] == asked)
    page = press(client, f"swap:/inputs/{at}", draft(page))
    found = yaml.safe_load(draft(page))
    assert 'name="at" value="/inputs/9"' in page and asked not in [one.get("key") for one in found["inputs"]]
    assert asked not in [rule["key"] for rule in found["stages"][1]["gate"]]
    said["inputs"].append({"key": "whim", "name": "Whim", **more})
    page = press(client, "edit:/inputs/0", yaml.safe_dump(said))
    assert 'value="drop:/inputs/10"' in page and "which one is dropped" in page


def test_what_an_input_costs_is_measured_between_showing_a_form_and_sending_it(company, monkeypatch):
    monkeypatch.setattr(usage, "FEWEST", 3)
    client = Client()
    client.force_login(company.person("rep"))
    clock = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])

    def fill_in(seconds, twice=False, **said):
        mark = re.search(r'name="shown" value="([^"]+)"', client.get("/deals/new/").content.decode())[1]
        clock[0] += seconds
        form = {"request_id": f"{clock[0]}", "currency": "USD", **said}
        refused = client.post("/deals/new/", {**form, "shown": mark, "close_on": "soon"})
        kept = mark in refused.content.decode()
        assert refused.status_code == 422 and kept == (seconds < 1800), "it was shown then, and not now"
        for _time in range(1 + twice):
            assert client.post("/deals/new/", {**form, "shown": mark}).status_code == 303

    for at, seconds in enumerate((90, 60, 30)):
        fill_in(seconds, twice=at == 0, title=f"T{at}", amount="1000", need=f"They want {at + 2} more lines")
    fill_in(1, title="By a program", amount="1")
    fill_in(31 * 60, title="Lay open", amount="1")
    assert InputTime.objects.count() == 6
    policy = policy_document.load(TEXT)
    assert usage.seconds(policy) == {"amount": 20, "need": 20}, "of three fields each"
    cost = trials.cost(policy)
    assert cost.input_seconds == 2 * 20 + 6 * 40 and "need" not in cost.assumed and len(cost.assumed) == 6
    page = " ".join(client.get("/policy/1/").content.decode().split())
    assert "2 measured, by the median" in page and "6 assumed at 40 s each" in page
    number = DealState.objects.latest("deal_id").deal_id
    form = client.get(f"/deals/D-{number:06d}/facts/").content.decode()
    assert 'name="shown"' in form
    client.post(
        f"/deals/D-{number:06d}/facts/", {"request_id": "x", "version": "1", "shown": "forged:1:x", "need": "One"}
    )
    assert InputTime.objects.count() == 6
