"""Real people in a real browser: contexts that note every console message and every request elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.journeys import desk
from tests.journeys.desk import Desk
from tests.web_server import LiveSite

CHROMIUM = "/usr/bin/chromium"
expect.set_options(timeout=30_000)  # a busy machine is late, not wrong


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the driver keeps a loop running in this thread
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


class Visitor:
    """One person at one screen. `noise` is what should never be there."""

    def __init__(self, site: LiveSite, context: BrowserContext, email: str) -> None:
        self.site, self.context, self.noise = site, context, []
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.noise.append(message.text))
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        context.on("request", self._note)
        self.go("/accounts/login/")
        self.page.fill("[name=login]", email)
        self.page.fill("[name=password]", desk.PASSWORD)
        self.page.click("main button.main")
        self.page.wait_for_url(f"{site.url}/")

    def _note(self, request) -> None:
        if not request.url.startswith((self.site.url, "data:", "blob:")):
            self.noise.append(f"asked {request.url}")

    def go(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        return self.page

    def text(self) -> str:
        return self.page.inner_text("main")

    def press(self, name: str) -> None:
        """A button or a link by its name, as a person would."""
        found = self.page.get_by_role("button", name=name).or_(self.page.get_by_role("link", name=name)).first
        found.click()
        self.page.wait_for_load_state()

    def hears(self, said: str) -> None:
        """Waits for a message of the page: what a click asks for may come after the click is done."""
        expect(self.page.locator("#notes")).to_contain_text(said)


@pytest.fixture
def enter(browser: Browser, live_site: LiveSite) -> Iterator[Callable[..., Visitor]]:
    """`enter("rep", js=False, width=390, theme="dark")` logs somebody in."""
    opened: list[Visitor] = []

    def let_in(role: str, *, js: bool = True, width: int = 1280, theme: str = "light") -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=js, color_scheme=theme, has_touch=width < 760
        )
        visitor = Visitor(live_site, context, f"{role}@test.example")
        opened.append(visitor)
        return visitor

    yield let_in
    for visitor in opened:
        visitor.context.close()


@pytest.fixture
def office(live_site: LiveSite, filling, settings) -> Desk:
    """The company of tests/journeys/desk.py on the live site, once a module."""
    if not hasattr(live_site, "desk"):
        settings.EVIDENCE_ROOT = Path(live_site.environment["EVIDENCE_ROOT"])
        with filling(live_site):
            live_site.desk = desk.furnish()
    return live_site.desk
