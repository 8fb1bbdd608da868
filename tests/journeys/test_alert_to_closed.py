"""A miss calls its owner, who answers in three steps; a waiver passes from one function to another; nothing for axe."""

from datetime import timedelta

import pytest

from governance.commands import deadlines
from governance.queries import alerts, milestones
from pipeline.queries import calendars, deals, seats
from tests import walking
from tests.journeys.test_pages_are_for_everybody import AXE, RUN, TAGS

CREDIT = "credit-approved"


@pytest.fixture
def missed(office, live_site, filling):
    """The milestones of the deal `held` are past their due moment; the alert about its credit. Once a module."""
    if not hasattr(live_site, "missed"):
        with live_site.database.owner() as owner:
            owner.cursor().execute("UPDATE ledger_clock SET demo = true")
            owner.commit()
        with filling(live_site):
            number = deals.number_of(office.deals["held"])
            walking.move_clock(walking.standing(number, CREDIT).due_at + timedelta(minutes=1))
            deadlines.sweep()
            row = walking.milestone(number, CREDIT)
            (live_site.missed,) = alerts.ids_of_milestone(row)
            calendar = calendars.of_unit("east")
            live_site.day = calendar.nth(seats.now().date() + timedelta(days=3), 1).isoformat()
    return live_site.missed


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(office, missed, enter, width, theme):
    visitor = enter("finance", width=width, theme=theme)
    found = {}
    for path in (
        "/",
        "/alerts/",
        f"/alerts/A-{missed}/",
        "/alerts/?tab=closed",
        f"/deals/{office.deals['held']}/waivers/",
    ):
        page = visitor.go(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.evaluate(AXE)
        faults = page.evaluate(RUN, TAGS) + ([f"scrolls sideways by {wide}"] if wide > 0 else [])
        if faults:
            found[path] = faults
    assert found == {} and visitor.noise == []


@pytest.mark.parametrize("js", [True, False])
def test_an_alert_is_answered_and_a_waiver_granted(office, missed, enter, live_site, filling, js):
    if js:
        finance = enter("finance", js=js)
        finance.go("/")
        finance.press(f"A-{missed} Credit approved")
        assert "USD 100,000.00" in finance.text() and "Next rung" in finance.text()
        finance.press("Acknowledge")
        finance.page.select_option("#cause", "supplier")
        finance.page.fill("#what", "The bank was closed")
        finance.press("Explain")
        finance.page.fill("#try", live_site.day)
        finance.press("Show its effect")
        finance.page.wait_for_selector("#plan")
        assert "USD 100,000.00" in finance.page.inner_text("#effect")
        finance.page.fill("#plan", "We call the bank each day")
        finance.press("Commit")
        finance.hears("Committed.")
        page = finance.page
        page.evaluate(AXE)
        assert page.evaluate(RUN, TAGS) == []
        with filling(live_site):
            assert alerts.one(missed).alert.state == "committed"
        return
    rep, ops = enter("rep", js=js), enter("ops", js=js)
    ref = office.deals["held"]
    page = rep.go(f"/deals/{ref}/waivers/")
    page.select_option("#id_requirement", CREDIT)
    with filling(live_site):
        tomorrow = (seats.now() + timedelta(days=2)).date().isoformat()
    page.fill("#id_expires", tomorrow)
    page.fill("#id_compensating_step", "They pay in advance")
    rep.press("Ask")
    assert "Take the request back" in rep.text()
    ops.go("/")
    assert "Waivers that you may decide" in ops.text()
    ops.go(f"/deals/{ref}/")
    ops.press("Waive it")
    assert "Waived" in ops.text()
    with filling(live_site):
        assert milestones.of_deal(deals.number_of(ref))[0].state in ("planned", "started")
