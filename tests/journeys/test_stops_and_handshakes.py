"""A function stops a deal and lets go, an account's health falls, a day is offered and refused; nothing for axe."""

from datetime import timedelta

import pytest

from governance.commands import account_holds, handshakes, holds, touchpoints
from pipeline.commands import advancing, references
from pipeline.queries import deals, seats
from tests import handshake_policy, walking
from tests.company import SETUP
from tests.journeys.test_pages_are_for_everybody import AXE, RUN, TAGS


@pytest.fixture
def stopped(office, live_site, filling):
    """Pages by name: a deal that is held, an account that is held and strained, a handshake that was refused."""
    if not hasattr(live_site, "stopped"):
        with filling(live_site):
            company = office.company
            number = deals.number_of(office.deals["held"])
            holds.place(number, "credit", "Their last invoice is 60 days late", by=company.by("finance"))
            account = references.open_account("Southwind Freight", by=SETUP, sector="logistics", country="NL").pk
            walking.opened(company, account=account, economic_buyer=None)
            touchpoints.log(account, "defect", "The second line stands since Monday", by=company.by("rep"))
            touchpoints.log(account, "billing-error", "October was billed twice", by=company.by("ops"))
            account_holds.place(account, "delivery", "No slot before the line runs again", by=company.by("ops"))
            handshake_policy.publish(company)
            shaken = walking.opened(company, need="They open a second hall in spring")
            assert advancing.advance(shaken, "solution", by=company.by("rep")).passed
            row = walking.milestone(shaken, handshake_policy.PLAN)
            day = seats.now().date() + timedelta(days=20)
            handshakes.act(row, "offered", by=company.by("rep"), day=day, note="Before the fair")
            later = day + timedelta(days=20)
            handshakes.act(row, "refused", by=company.by("ops"), earliest=later, note="Line 2 is full until then")
            waiting = walking.opened(company, need="They close the old hall in autumn")
            assert advancing.advance(waiting, "solution", by=company.by("rep")).passed
            offered = walking.milestone(waiting, handshake_policy.PLAN)
            handshakes.act(offered, "offered", by=company.by("rep"), day=day)
            ref = deals.ref_of(shaken)
            live_site.stopped = {
                "deal": f"/deals/{office.deals['held']}/",
                "holds": f"/deals/{office.deals['held']}/holds/",
                "account": f"/accounts/{account}/",
                "shaken": f"/deals/{ref}/",
                "refused": f"/deals/{ref}/milestones/{handshake_policy.PLAN}/",
                "queue": f"/queue/?milestone={offered}",
            }
    return live_site.stopped


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(stopped, enter, width, theme):
    visitor = enter("ops", width=width, theme=theme)
    found = {}
    for path in stopped.values():
        page = visitor.go(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")  # from under the bar at the foot
        page.evaluate(AXE)
        faults = page.evaluate(RUN, TAGS) + ([f"scrolls sideways by {wide}"] if wide > 0 else [])
        if faults:
            found[path] = faults
    assert found == {} and visitor.noise == []


def test_a_hold_is_released_and_an_offer_accepted_without_javascript(stopped, enter):
    rep = enter("rep", js=False)
    rep.go(stopped["deal"])
    assert "On hold by Finance" in rep.text() and "Their last invoice is 60 days late" in rep.text()
    assert rep.page.get_by_role("button", name="Release").count() == 0
    finance = enter("finance", js=False)
    finance.go(stopped["deal"])
    finance.press("Release")
    assert "On hold by Finance" not in finance.page.inner_text("#deal-part")
    ops = enter("ops", js=False)
    ops.go(stopped["queue"])
    ops.page.click("button[value=accepted]")
    assert "Accepted, and on record." in ops.page.inner_text("body")
    ops.go(stopped["account"])
    assert "65" in ops.text()
    ops.press("Settle: Defect")
    assert "85" in ops.text() and rep.noise + finance.noise + ops.noise == []
