"""A deal from the form to the booked number, by the people who owe each step; with JavaScript and without."""

from datetime import date, timedelta

import pytest

from tests.journeys.desk import PDF

CLOSE = date.today() + timedelta(days=20)
START = CLOSE + timedelta(days=15)


def open_deal(rep, title, amount):
    page = rep.go("/deals/new/")
    page.fill("#id_title", title)
    page.fill("#id_account", "Northwind")
    page.fill("#id_amount", amount)
    page.fill("#id_close_on", CLOSE.isoformat())
    page.fill("#id_start_on", START.isoformat())
    page.locator("main details.more summary").first.click()
    page.fill("#id_need", f"{title}: the line stops twice a week")
    page.fill("#id_delivery_units", "40")
    page.fill("#id_delivery_months", "3")
    page.select_option("#id_billing_terms", "monthly")
    rep.press("Open the deal")
    assert "Gate to Solution" in rep.text()
    return page.url.rstrip("/").rsplit("/", 1)[1]


def prove(visitor, ref, key, *, file=False):
    page = visitor.go(f"/deals/{ref}/milestones/{key}/")
    if file:
        page.set_input_files("#evidence-file", {"name": f"{key}.pdf", "mimeType": "application/pdf", "buffer": PDF})
        visitor.press("Upload")
    else:
        page.select_option("#evidence-kind", "reference")
        page.fill("#evidence-value", f"proof of {key}")
        page.get_by_role("button", name="Add", exact=True).click()
        page.wait_for_load_state()
    visitor.press("Submit")
    visitor.hears("Submitted")


def verify(visitor, ref, key, *, file=False):
    """Through the queue, where Verify stays shut until the file was opened."""
    page = visitor.go(f"/deals/{ref}/milestones/{key}/")
    if file:
        assert "shut: open the evidence first" in visitor.text()
        address = page.get_by_role("link", name=f"{key}.pdf").get_attribute("href")
        assert visitor.context.request.get(visitor.site.url + address).body() == PDF
        page.reload()
    page.get_by_role("button", name="Verify").click()
    page.wait_for_load_state()
    visitor.hears("Verified")


def advance(visitor, ref, to):
    visitor.go(f"/deals/{ref}/")
    visitor.press(f"Advance to {to}")
    visitor.hears(f"Advanced to {to}.")


def booked(visitor):
    return visitor.go("/booked/").inner_text("main .figure")


@pytest.mark.parametrize("js", [True, False], ids=["with-javascript", "without"])
def test_open_to_booked(office, enter, js):
    people = {name: enter(name, js=js) for name in ("rep", "manager", "ops", "ops2", "finance", "finance2", "cro")}
    rep = people["rep"]
    before = booked(people["cro"])
    title = f"Lumen: welding cell {'a' if js else 'b'}"
    ref = open_deal(rep, title, "64000.00")

    # The gate is shut, says why and who; the server refuses with the same words.
    assert "shut: Economic buyer is not given." in rep.text()
    assert "Next to act: Rep." in rep.text()
    if not js:
        rep.page.get_by_role("button", name="Advance to Solution").click(force=True)
        rep.page.wait_for_load_state()
        rep.hears("Not advanced. Economic buyer is not given yet.")
        assert "Refused. Not advanced to Solution: 1 open." in rep.text()
    rep.go(f"/deals/{ref}/")
    rep.page.click("#requirement-economic_buyer a")
    rep.page.select_option("#id_economic_buyer", label="Iris Vance")
    rep.press("Save the facts")

    advance(rep, ref, "Solution")
    prove(people["ops"], ref, "delivery-plan-accepted", file=True)
    verify(people["ops2"], ref, "delivery-plan-accepted", file=True)
    prove(people["finance"], ref, "credit-approved")
    verify(people["finance2"], ref, "credit-approved")
    advance(rep, ref, "Commit")
    for key, preparer, verifier in (
        ("contract-signed", "rep", "manager"),
        ("capacity-confirmed", "ops", "ops2"),
        ("billing-terms-verified", "finance", "finance2"),
    ):
        prove(people[preparer], ref, key)
        verify(people[verifier], ref, key)
    for name, function in (("rep", "sales"), ("ops", "operations"), ("finance", "finance")):
        people[name].go(f"/deals/{ref}/").click(f"button[value={function}]")
        people[name].page.wait_for_load_state()
        people[name].hears(f"Attested as {function}.")
    people["finance"].hears("the deal is booked")

    def number(text):
        return float(text.replace("USD ", "").replace(",", ""))

    assert number(booked(people["cro"])) == number(before) + 64_000
    people["cro"].page.click("main .figure")
    assert title in people["cro"].text()
    assert {name: person.noise for name, person in people.items() if person.noise} == {}


def test_keyboard_alone_reaches_the_gate_and_shut_says_why(office, enter):
    rep = enter("rep")
    page = rep.go(f"/deals/{office.deals['held']}/")
    page.keyboard.press("a")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Advance to Commit"
    page.keyboard.press("Enter")
    rep.hears("shut: Delivery plan accepted is not started, 1 more open.")
    page.keyboard.press("g")
    page.keyboard.press("b")
    page.wait_for_url("**/board/")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('[data-card]') !== null")
    page.keyboard.press("Control+k")
    page.keyboard.type("kestrel")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deals/{office.deals['fresh']}/")
    assert rep.noise == []


def test_a_move_that_is_refused_leaves_the_board_and_says_every_reason(office, enter):
    for js in (True, False):
        rep = enter("rep", js=js)
        page = rep.go("/board/?owner=me")
        card = page.locator("[data-card]", has_text="Kestrel: cold store")
        card.locator("summary").click()
        card.get_by_role("button", name="To Solution").click()
        panel = page.locator("#problem")
        panel.wait_for()
        assert panel.locator("li").count() == 3
        assert "was not advanced to Solution" in panel.inner_text()
        assert page.locator("#board").count() == 1 and card.count() == 1
        # The move itself is answered with 303: a browser notes nothing of it.
        assert rep.noise == []
