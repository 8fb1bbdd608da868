"""axe-core finds nothing, in light and dark; nothing scrolls sideways on a phone; no page makes a noise."""

from datetime import datetime
from pathlib import Path

import pytest

AXE = (Path(__file__).resolve().parent.parent / "assets" / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async (tags) => (await axe.run(document, {runOnly: {type: "tag", values: tags}})).violations
    .map((one) => one.id + ": " + one.nodes.map((node) => node.target.join(" ")).join(", "))"""
PAGES = {
    "rep": ["/", "/board/", "/board/?refused={held}", "/board/?unit=west", "/deals/",
            "/deals/?q=nothing+is+called+so", "/deals/new/", "/deals/{fresh}/", "/deals/{held}/", "/deals/{ready}/",
            "/deals/{booked}/",
            "/deals/{held}/facts/", "/deals/{held}/lose/", "/deals/{held}/return/",
            "/deals/{held}/milestones/delivery-plan-accepted/", "/queue/", "/palette/?q=kes", "/me/", "/ledger/",
            "/no/such/page/", "/notifications/", "/developer/", "/mail/", "/style/"],
    "ops2": ["/", "/queue/", "/queue/?tab=team", "/queue/?tab=done",
             "/deals/{waiting}/milestones/delivery-plan-accepted/"],
    "cro": ["/", "/booked/", "/booked/?period=all", "/booked/?as_of=2025-01-01T00:00", "/booked/deals/?period=all",
            "/booked/?whole=1&period=all", "/booked/parts/money/?period=all", "/booked/parts/work/?period=all",
            "/booked/?compare=2026-01-01T00:00:00Z", "/bridge/?period=all",
            "/bridge/deals/?bucket=new&period=all", "/measures/value-waiting/deals/",
            "/deals/{booked}/?as_of={now}", "/policy/", "/policy/1/", "/policy/drafts/", "/ledger/", "/ledger/40/",
            "/ledger/keys/", "/verify/"],
    "auditor": ["/ledger/", "/ledger/verification/"],
}  # fmt: skip


def addresses(office, role):
    return [path.format(**office.deals, now=datetime.now().strftime("%Y-%m-%dT%H:%M")) for path in PAGES[role]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("role", list(PAGES))
def test_axe_finds_nothing(office, enter, role, width, theme):
    visitor = enter(role, width=width, theme=theme)
    found = {}
    for path in addresses(office, role):
        page = visitor.go(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.evaluate(AXE)
        faults = page.evaluate(RUN, TAGS) + ([f"scrolls sideways by {wide}"] if wide > 0 else [])
        if faults:
            found[path] = faults
    assert found == {}
    noise = [one for one in visitor.noise if "status of 404" not in one and "status of 403" not in one]
    assert noise == []


LONG = """() => {
    const named = document.querySelectorAll("main :is(h1, h3 a, th a, li a:not(.money), .queue-row strong)");
    for (const name of named) if (!name.querySelector("*")) name.textContent = "W".repeat(120);
    return [named.length > 0, document.documentElement.scrollWidth - document.documentElement.clientWidth]; }"""


def test_a_name_without_a_space_never_widens_a_phone(office, enter):
    rep = enter("rep", width=390)
    pages = "/", "/board/", "/deals/", "/deals/{held}/", "/queue/?tab=team", "/palette/"
    wide = {path: rep.go(path.format(**office.deals)).evaluate(LONG) for path in pages}
    assert set(map(tuple, wide.values())) == {(True, 0)}, wide


def test_a_form_that_is_sent_empty_says_all_at_once_and_keeps_what_was_typed(office, enter):
    rep = enter("rep")
    page = rep.go("/deals/new/")
    page.fill("#id_amount", "lots")
    page.fill("#id_account", "Nobody knows Ltd")
    rep.press("Open the deal")
    assert page.evaluate("document.activeElement.getAttribute('aria-labelledby')") == "errors-title"
    assert page.input_value("#id_amount") == "lots"
    told = page.inner_text("[aria-labelledby=errors-title]")
    assert all(code in told for code in ("DEAL-TITLE-1", "DEAL-ACCOUNT-2", "MONEY"))
    page.evaluate(AXE)
    assert page.evaluate(RUN, TAGS) == []
