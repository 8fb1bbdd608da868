"""From an objective to what it rests on, and a policy that is tried before anybody signs it."""

import pytest
import yaml

from pipeline.commands import amending
from pipeline.queries.deals import number_of
from reporting.commands.integrity import measuring
from tests.company import DEFAULT_POLICY
from tests.journeys.test_certified import look
from tests.journeys.test_pages_are_for_everybody import AXE, RUN, TAGS

PAGES = ("/objectives/?period=all", "/targets/1/", "/integrity/", "/integrity/?total=pipeline")


@pytest.fixture
def measured(office, live_site, filling):
    with filling(live_site):
        amending.amend(number_of(office.deals["waiting"]), {"need": ""}, by=office.company.by("rep"))
        measuring.catch_up()


def stricter():
    said = yaml.safe_load(DEFAULT_POLICY.read_text())
    solution, commit = said["stages"][1]["gate"], said["stages"][2]["gate"]
    solution.append(dict(next(rule for rule in commit if rule["key"] == "credit-approved")))
    next(one for one in said["milestones"] if one["key"] == "credit-approved")["planned_in"] = "qualify"
    return yaml.safe_dump(said, sort_keys=False)


def faults(page):
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.evaluate(AXE)
    return page.evaluate(RUN, TAGS) + ([f"scrolls sideways by {wide}"] if wide > 0 else [])


def test_an_objective_is_set_measured_and_linked(office, enter, measured):
    cro = enter("cro", js=False)
    page = cro.go("/objectives/")
    page.fill("#o-title", "Automate the north")
    cro.press("Set")
    page.get_by_text("Key result…").first.click()
    page.get_by_label("Measured by").first.select_option("booked")
    page.get_by_label("Key result", exact=False).first.fill("Booked in the north")
    page.get_by_label("To", exact=True).first.fill("264000")
    cro.press("Set the key result")
    assert "USD 132,000.00" in cro.text() and "50 %" in cro.text()
    page.fill("#l-deal", office.deals["booked"])
    page.fill("#l-amount", "132000")
    cro.press("Link")
    assert "Linked." in page.inner_text("body") and office.deals["booked"] in cro.text()
    cfo = enter("cfo")
    page = cfo.go("/objectives/")
    page.fill("#p-goal", "500000")
    page.locator("form[aria-labelledby=plan-new-title] button").click()
    page.wait_for_load_state()
    assert "USD 368,000.00 below" in cfo.text()
    page = cfo.go("/objectives/?period=all")
    assert "Automate the north" in cfo.text()
    page = cfo.go("/integrity/?total=pipeline")
    assert "Need" in cfo.text()
    assert cfo.noise == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_these_pages_are_for_everybody(office, enter, measured, width, theme):
    visitor = enter("cro", width=width, theme=theme)
    found = {}
    for at, path in enumerate(PAGES):
        page = visitor.go(path)
        look(page, f"target-{at}-{width}-{theme}")
        found[path] = faults(page)
    assert {path: said for path, said in found.items() if said} == {}


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_a_policy_is_tried_before_it_is_signed(office, enter, width, theme):
    steward = enter("steward", width=width, theme=theme)
    page = steward.go("/policy/drafts/")
    assert "from v1" in steward.text()
    page.locator("[value='edit:/inputs/1']").click()
    page.wait_for_load_state()
    page.fill("#f-decides", "")
    page.keyboard.press("Alt+ArrowUp")  # keeps what is typed, moves the row, and stays on it
    page.wait_for_load_state()
    assert "Close date is now 1 of 8." in steward.text() and "E3 /inputs/0/decides" in " ".join(steward.text().split())
    assert page.evaluate("document.activeElement.value") == "up:/inputs/0"
    page.locator("[value='edit:/stages/1/gate/3']").click()
    page.wait_for_load_state()
    look(page, f"policy-rows-{width}-{theme}")
    assert faults(page) == []
    page.get_by_text("The draft as text").click()
    assert "decides: Which period" not in page.input_value("#document")
    page.fill("#document", stricter())
    steward.press("Check it")
    assert "newly blocked" in steward.text() and "booked unchanged" in steward.text()
    assert "gates passed would have stayed shut" in steward.text()
    look(page, f"policy-{width}-{theme}")
    assert faults(page) == []
    without = yaml.safe_load(stricter())
    without["stages"][-1]["gate"] = [one for one in without["stages"][-1]["gate"] if one["key"] != "attested-finance"]
    page.get_by_text("The draft as text").click()
    page.fill("#document", yaml.safe_dump(without))
    steward.press("Check it")
    assert "E8" in steward.text() and "shut: 1 error." in steward.text()
    assert [one for one in steward.noise if "status of 422" not in one] == []
