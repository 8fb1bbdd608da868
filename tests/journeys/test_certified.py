"""From the number on the page to a file in a meeting, and back: a stranger without log-in reads what became of it."""

import os
from pathlib import Path

import pytest

from governance.commands import milestones
from ledger.commands import receipt_keys
from pipeline.queries.deals import number_of
from tests import walking
from tests.journeys.test_pages_are_for_everybody import AXE, RUN, TAGS


@pytest.fixture
def stranger(browser, live_site):
    """A phone without script, and a laptop in the dark; neither logs in."""
    contexts = [
        browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False),
        browser.new_context(color_scheme="dark"),
    ]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def verify(page, site, file):
    page.goto(f"{site.url}/verify/")
    page.set_input_files("input[name=file]", str(file))
    page.get_by_role("button", name="Verify").click()
    page.wait_for_load_state()
    return page.inner_text("main")


def look(page, name):
    """For a person who wants to see it: SCREENSHOTS=folder."""
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(os.environ["SCREENSHOTS"]) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("kind", ["CSV", "XLSX", "Signed receipt, JSON"])
def test_what_was_downloaded_is_verified_by_anybody(office, enter, live_site, filling, stranger, tmp_path, kind):
    with filling(live_site):
        receipt_keys.announce()
    page = enter("cro").go("/booked/?period=all")
    page.locator("details.receipt summary").click()
    look(page, "booked")
    with page.expect_download() as coming:
        page.get_by_role("link", name=kind, exact=True).click()
    file = tmp_path / coming.value.suggested_filename
    coming.value.save_as(file)
    for visitor in stranger:
        text = verify(visitor, live_site, file)
        assert "Genuine and current" in text and "USD 132,000.00" in text
        look(visitor, f"genuine-{visitor.viewport_size['width']}")
    stranger[1].evaluate(AXE)
    assert stranger[1].evaluate(RUN, TAGS) == []
    if kind == "CSV":
        altered = tmp_path / "altered.csv"
        altered.write_bytes(file.read_bytes().replace(b"132000.00", b"232000.00", 1))
        text = verify(stranger[0], live_site, altered)
        assert "Altered" in text and "Row 1 is the first that is not as we signed it." in text and "232000.00" in text
        look(stranger[0], "altered")
    stranger[0].goto(f"{live_site.url}/ledger/keys/")
    assert "Receipts" in stranger[0].inner_text("main")
    look(stranger[0], "keys")


def test_superseded_says_what_it_is_now(office, enter, live_site, filling, stranger, tmp_path):
    page = enter("cro").go("/booked/?period=all")
    page.locator("details.receipt summary").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="CSV", exact=True).click()
    file = tmp_path / "booked.csv"
    coming.value.save_as(file)
    with filling(live_site):
        row = walking.milestone(number_of(office.deals["booked"]), "capacity-confirmed")
        milestones.revoke(row, "The line is sold twice", by=office.company.by("ops2"))
    text = verify(stranger[0], live_site, file)
    assert "Genuine, superseded" in text and "it is USD 0.00 now" in text
    stranger[0].set_input_files("input[name=file]", [])
    stranger[0].get_by_role("button", name="Verify").click()
    assert "Choose a file, or paste a receipt." in stranger[0].inner_text("main")
