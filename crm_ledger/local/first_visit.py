"""The proof behind "ready": the start itself does what the first person will do."""

import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar

_TOKEN = re.compile(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"')


class NotYet(Exception):
    """Why the product is not ready."""


class Broken(NotYet):
    """It answers, but wrongly: waiting does not help."""


def wait_until(check: Callable[[], None], *, patience: float, still_wanted: Callable[[], bool]) -> None:
    """Repeats `check` until it passes; raises its last reason when patience ends or nobody waits any more."""
    until = time.monotonic() + patience
    while True:
        try:
            return check()
        except Broken:
            raise
        except NotYet:
            if time.monotonic() > until or not still_wanted():
                raise
        except OSError as fault:
            if time.monotonic() > until or not still_wanted():
                raise NotYet(str(fault)) from None
        time.sleep(0.2)


def answers(url: str) -> None:
    """`url` answers 200."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            if answer.status != 200:
                raise NotYet(f"{url} answered {answer.status}")
    except urllib.error.HTTPError as fault:
        reason = fault.read(500).decode(errors="replace")
        raise NotYet(f"{url} answered {fault.code}: {reason}") from None


def log_in_and_look(base: str, email: str, password: str, page: str = "/board/") -> None:
    """Logs in through the form, as a browser does, and fetches a page that only people inside see."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    login = f"{base}/accounts/login/"
    try:
        with browser.open(login, timeout=30) as form:
            token = _TOKEN.search(form.read().decode())
        if token is None:
            raise Broken("the log-in page has no form")
        fields = {"login": email, "password": password, "csrfmiddlewaretoken": token[1], "next": page}
        request = urllib.request.Request(login, urllib.parse.urlencode(fields).encode(), {"Referer": login})
        with browser.open(request, timeout=30) as answer:
            landed = urllib.parse.urlsplit(answer.url).path
        if landed != page:
            raise Broken(f"{email} logged in and landed on {landed}, not on {page}")
    except urllib.error.HTTPError as fault:
        raise Broken(f"{fault.url} answered {fault.code}") from None
