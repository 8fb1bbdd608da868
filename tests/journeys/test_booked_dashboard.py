"""An executive follows a number to its entries, compares two moments, and asks why the pipeline moved."""

import csv
import json
import re
from decimal import Decimal

from playwright.sync_api import expect


def settled(page):
    """Every part of the page has come."""
    expect(page.locator(".skeleton, .bone")).to_have_count(0)
    return page


def test_from_the_number_to_the_entry_in_two_clicks(office, enter):
    cro = enter("cro")
    page = settled(cro.go("/booked/?period=all"))
    assert "USD 132,000.00" in page.inner_text("#booked-number .figure")
    for part in ("beside", "why", "capacity", "waiting", "behind"):
        assert page.locator(f"#booked-{part} table, #booked-{part} dl").count() >= 1, part
    page.locator("#booked-number .figure").click()
    page.locator("main tbody tr").filter(has_text=office.deals["booked"]).get_by_role(
        "link", name=re.compile("^#")
    ).click()
    page.wait_for_url(re.compile(r"/ledger/\d+/"))
    assert "Booked" in cro.text()
    assert cro.noise == []


TILES = """() => [...document.querySelectorAll("main dd a.money, main a.figure, #table-title, #booked-behind a")]
    .concat([...document.querySelectorAll("main section[aria-labelledby=table-title] td a, #booked-waiting td a")])
    .map((one) => [one.textContent, one.getAttribute("href") || ""])
    .filter(([, address]) => /^\\/(measures\\/[a-z-]+|booked)\\/deals\\//.test(address))"""


def amount(text):
    return Decimal(text.replace("−", "-").replace("USD", "").replace(",", "").replace(" ", ""))


def test_each_number_is_the_same_on_its_list_in_the_api_and_in_its_file(office, enter):
    cro = enter("cro")
    page, ask = cro.go("/booked/?whole=1&period=all"), cro.context.request
    tiles = [(text, address) for text, address in page.evaluate(TILES) if "USD" in text]
    assert len({address for _text, address in tiles}) >= 12
    for text, address in tiles:
        tile, (path, _mark, said) = amount(text), address.partition("?")
        name = "booked" if path.startswith("/booked") else path.split("/")[2]
        page = cro.go(address)
        shown = page.locator("main tfoot td").last
        assert (amount(shown.inner_text()) if shown.count() else 0) == tile, address
        assert page.locator("main tbody a[href^='/ledger/']").count() == page.locator("main tbody tr").count()
        if "function=" in said:
            continue  # a receipt is of every function together
        told = ask.get(f"{cro.site.url}/api/v1/measures/{name}/?{said}").json()
        assert Decimal(told["value"]) == tile, address
        file = ask.get(cro.site.url + page.get_by_role("link", name="CSV").get_attribute("href")).text()
        table, receipt = file.lstrip("\ufeff").rsplit("\nreceipt,", 1)
        assert sum(Decimal(row["value"]) for row in csv.DictReader(table.splitlines()) if row["unit"]) == tile, address
        assert Decimal(json.loads(next(csv.reader([receipt.strip()]))[0])["value"]) == tile, address


def test_the_keys_compare_and_change_period_and_day(office, enter):
    page = settled(enter("cro").go("/booked/"))
    quarter = page.inner_text("h1")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("compare="))
    assert "As reported, and as now known" in page.inner_text("main")
    page.keyboard.press("c")
    page.wait_for_url(lambda url: "compare=" not in url)
    page.keyboard.press("{")
    page.wait_for_url(re.compile("period="))
    assert page.inner_text("h1") != quarter
    page.keyboard.press("}")
    page.wait_for_load_state()
    expect(page.locator("h1")).to_have_text(quarter)
    page.keyboard.press("[")
    page.wait_for_url(re.compile("as_of="))
    assert "As known on" in page.inner_text("main")
    page.keyboard.press("n")
    page.wait_for_url(lambda url: "as_of=" not in url)


def test_each_step_of_the_bridge_opens_its_deals(office, enter):
    cro = enter("cro")
    page = cro.go("/bridge/?period=all")
    assert page.locator("svg.waterfall a").count() >= 3
    page.locator("svg.waterfall a").nth(1).click()
    page.wait_for_url(re.compile("/bridge/deals/"))
    assert page.locator("main tbody tr").count() >= 1
    assert cro.noise == []


def test_a_phone_shows_the_table_and_no_script_shows_it_all(office, enter):
    page = enter("cro", width=390).go("/bridge/?period=all")
    assert not page.locator("svg.waterfall").is_visible()
    assert page.locator("figure .only-phone table").is_visible()
    page = enter("cro", js=False).go("/booked/?period=all")
    page.get_by_role("link", name="Show everything on this page").click()
    page.wait_for_load_state()
    assert (
        page.locator("#booked-why svg.waterfall").is_visible() and page.locator("#booked-behind tbody tr").count() == 1
    )
