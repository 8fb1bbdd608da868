"""A rep says how sure a deal is, at or below its ceiling; a manager judges the roll-up; nobody reads another's page."""

from datetime import timedelta
from decimal import Decimal

import pytest

from pipeline.queries import deals, seats
from reporting.commands import calls, forecasts
from reporting.queries import forecasts as query
from reporting.rules import periods
from tests.journeys.test_pages_are_for_everybody import AXE, RUN, TAGS


@pytest.fixture
def foretold(office, live_site, filling):
    """A few things are said already. Once a module; answers with the month in which the deals close."""
    if not hasattr(live_site, "month"):
        with filling(live_site):
            rep, manager = office.company.by("rep"), office.company.by("manager")
            number = deals.number_of(office.deals["waiting"])
            close = deals.read_one(number).view.close_on
            forecasts.submit(number, "best_case", Decimal("0.6"), by=rep)
            ready = deals.number_of(office.deals["ready"])
            forecasts.submit(ready, query.judge(deals.read_one(ready), seats.now(), "UTC").ceiling.category,
                             Decimal("0.9"), by=rep)  # fmt: skip
            month = f"{close:%Y-%m}"
            calls.make("east", periods.parse(month), 20_000_000, 40_000_000, "One of them always waits", by=manager)
            live_site.month = month
    return live_site.month


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(office, foretold, enter, width, theme):
    found = {}
    for who in ("rep", "manager"):
        visitor = enter(who, width=width, theme=theme)
        for path in (f"/forecast/?period={foretold}", f"/deals/{office.deals['held']}/forecast/", "/me/forecast/"):
            page = visitor.go(path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            page.evaluate(AXE)
            faults = page.evaluate(RUN, TAGS) + ([f"scrolls sideways by {wide}"] if wide > 0 else [])
            if faults:
                found[who, path] = faults
        assert visitor.noise == []
    assert found == {}


def test_said_refused_and_judged(office, foretold, enter, filling, live_site):
    rep = enter("rep", js=False)
    rep.go(f"/forecast/?period={foretold}")
    assert "Your deals in this period" in rep.text() and "Commit call" in rep.text()
    page = rep.go(f"/deals/{office.deals['held']}/forecast/")
    assert "At most Best case" in rep.text() and "Capacity is not held" in rep.text()
    assert page.is_disabled("#c-commit")
    page.check("#c-best_case")
    page.fill("#p", "55")
    rep.press("Submit")
    rep.hears("Submitted: best case.")
    with filling(live_site):
        said = query.of_deal(deals.number_of(office.deals["held"]))
        assert (said.category, said.probability) == ("best_case", Decimal("0.55"))
    page.fill("#p", "a lot")
    rep.press("Submit")
    assert "per cent" in rep.text()
    manager = enter("manager", js=False)
    page = manager.go(f"/forecast/?period={foretold}")
    assert "One of them always waits" in manager.text()
    page.fill("#c-period", foretold)
    page.fill("#c-commit", "150000")
    page.fill("#c-best_case", "300000")
    page.fill("#c-because", "Two of three are mine to promise")
    manager.press("Put it on record")
    assert "Two of three are mine to promise" in manager.text()


def test_the_past_is_read_as_it_was(office, foretold, enter, filling, live_site):
    with filling(live_site):
        before = (seats.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    visitor = enter("cro")
    visitor.go(f"/forecast/?period={foretold}&as_of={before}")
    assert "As known on" in visitor.page.inner_text("body") and "Nothing is expected to close" in visitor.text()


def test_my_page_says_how_many_are_missing(office, foretold, enter):
    rep = enter("rep")
    rep.go("/me/forecast/")
    assert "Needs 20 finished forecasts; you have 0." in rep.text()
