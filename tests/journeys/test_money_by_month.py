"""Revenue by month, capacity, and another day for a milestone, by real people in a real browser; nothing for axe."""

from datetime import UTC, date, datetime, timedelta

import pytest

from governance.commands import deadlines, reservations
from governance.commands.alerting import excess
from governance.queries import alerts
from governance.rules.projected import Projected
from ledger.transactions import command
from pipeline.queries import deals, seats
from reporting.commands import passing
from tests import walking
from tests.journeys.test_pages_are_for_everybody import AXE, RUN, TAGS

START = date(2028, 4, 1)
JANUARY = date(2028, 1, 1)


@command
def forecast():
    return excess.of_forecast("2028-Q1", [Projected("east", JANUARY, 264, 26_400_000)], seats.now())


@pytest.fixture
def late(office, live_site, filling):
    """A booked deal whose installation was missed on 1 April 2028; (its ref, the alert, an alert of capacity)."""
    if not hasattr(live_site, "late"):
        with live_site.database.owner() as owner:
            owner.cursor().execute("UPDATE ledger_clock SET demo = true")
            owner.commit()
        with filling(live_site):
            company = office.company
            number = walking.booked(
                company, amount="360000.00", close_on="2028-03-01", start_on=START.isoformat(), delivery_months=12
            )
            full = walking.opened(
                company, delivery_units=880, delivery_months=1, start_on="2028-01-01", close_on="2027-12-01"
            )
            assert reservations.reserve(full, by=company.by("ops"), confirm=True).fits
            (of_capacity,) = forecast()
            walking.move_clock(datetime(2028, 4, 1, 17, 5, tzinfo=UTC))
            deadlines.sweep()
            walking.move_clock(datetime(2028, 4, 3, 9, tzinfo=UTC))
            passing.sweep()
            row = walking.milestone(number, "delivered")
            (alert,) = alerts.ids_of_milestone(row)
            live_site.late = (deals.ref_of(number), row, alert, of_capacity)
    return live_site.late


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(late, enter, width, theme):
    ref, row, alert, of_capacity = late
    visitor = enter("coo", width=width, theme=theme)
    found = {}
    for path in (
        "/variance/", "/variance/?period=2028-Q2", f"/deals/{ref}/variance/", "/capacity/?from=2028-01",
        "/capacity/?from=2028-01&unit=east&month=2028-01", f"/alerts/A-{alert}/", f"/alerts/A-{of_capacity}/",
        f"/milestones/{row}/replans/", f"/milestones/{row}/replans/?due=2028-05-16",
    ):  # fmt: skip
        page = visitor.go(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.evaluate(AXE)
        faults = page.evaluate(RUN, TAGS) + ([f"scrolls sideways by {wide}"] if wide > 0 else [])
        if faults:
            found[path] = faults
    assert found == {} and visitor.noise == []


@pytest.mark.parametrize("js", [True, False])
def test_the_effect_of_a_day_stands_before_the_act(late, enter, filling, live_site, js):
    ref, *_ = late
    ops = enter("ops", js=js)
    day = START + timedelta(days=45 if js else 75)
    ops.go(f"/deals/{ref}/milestones/delivered/")
    ops.press("Re-plan…")
    assert "shut: choose a day to come" in ops.text()
    ops.page.fill("#try", day.isoformat())
    ops.press("Show its effect")
    ops.page.wait_for_selector("#note")
    told = ops.page.inner_text("#effect")
    assert ("44,383.56" in told) is js and "touches 1 deal" in told and "0.00 over life" in told
    ops.page.fill("#note", "the supplier is late")
    ops.press("Re-plan to")
    ops.hears("Re-planned.")
    with filling(live_site):
        assert walking.standing(deals.number_of(ref), "delivered").due_at.date() == day
    told = ops.go(f"/deals/{ref}/variance/").inner_text("main")
    assert f"{45 if js else 75} days" in told and "In USD" in told and ("\u221214,794.52" in told) is js


def test_money_stands_first_on_an_alert_of_a_forecast(late, enter):
    *_, of_capacity = late
    ops = enter("ops")
    ops.go(f"/alerts/A-{of_capacity}/")
    told = ops.text()
    assert "East is over its ceiling in Jan 2028" in ops.page.inner_text("body")
    assert told.index("194,000.00") < told.index("114.4 %") < told.index("Acknowledge")
    assert "194 above the ceiling" in told and "70 of 264 projected units fit (26.5 %)" in told
    assert "Sales and the manager" in ops.page.inner_text("body")
    ops.press("Show the month")
    assert "880" in ops.text() and f"Alert A-{of_capacity}: the forecast of 2028-Q1 goes over" in ops.text()
