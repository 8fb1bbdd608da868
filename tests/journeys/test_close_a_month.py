"""A month is closed by people: prepared, signed by three, closed by a second person of finance; nothing for axe."""

from datetime import UTC, datetime, time

import pytest

from governance.commands import deadlines
from pipeline.queries import seats
from reporting.commands import passing
from reporting.rules.closing import end_of
from tests.closing import explained, reconciled, verified
from tests.journeys.test_pages_are_for_everybody import AXE, RUN, TAGS
from tests.walking import move_clock


@pytest.fixture
def month(office, live_site, filling):
    """The month that has just ended, recognised and verified. Once a module."""
    if not hasattr(live_site, "month"):
        with live_site.database.owner() as owner:
            owner.cursor().execute("UPDATE ledger_clock SET demo = true")
            owner.commit()
        with filling(live_site):
            first = seats.now().date().replace(day=1)
            move_clock(datetime.combine(end_of(first), time(9), UTC))
            deadlines.sweep()
            explained(office.company)
            passing.sweep()
            verified()
            reconciled()
            live_site.month = f"{first:%Y-%m}"
    return live_site.month


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(month, enter, width, theme):
    visitor = enter("finance", width=width, theme=theme)
    found = {}
    for path in ("/periods/", f"/periods/{month}/", "/breaks/", "/breaks/?tab=cleared"):
        page = visitor.go(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.evaluate(AXE)
        faults = page.evaluate(RUN, TAGS) + ([f"scrolls sideways by {wide}"] if wide > 0 else [])
        if faults:
            found[path] = faults
    assert found == {} and visitor.noise == []


def test_a_month_is_closed_by_five_people_without_scripts(month, enter):
    path = f"/periods/{month}/"
    finance = enter("finance", js=False)
    finance.go(path)
    assert "shut: Nobody has prepared the figures yet." in finance.text()
    finance.press("Prepare the period")
    assert "Soft-closed" in finance.text() and "Prepared by Finance" in finance.text()
    for role, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        signer = enter(role, js=False)
        signer.go(path)
        signer.press(f"Sign for {function}")
        assert f"Signed for {function}" in signer.text()
    finance.go(path)
    assert "You prepared these figures" in finance.text()
    second = enter("finance2", js=False)
    second.go(path)
    second.press("Close ")
    assert "Closed by Finance2" in second.text() and "Version 1" in second.page.inner_text("body")
