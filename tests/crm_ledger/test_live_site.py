"""The web server that browser tests use is a real one, on a database of its own."""

import http.client
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from crm_ledger.local import first_visit
from tests.databases import Database
from tests.web_server import LiveSite

Filling = Callable[[LiveSite], AbstractContextManager[Database]]


def test_it_sees_what_the_test_writes(live_site: LiveSite, filling: Filling) -> None:
    from django.contrib.auth import get_user_model

    with filling(live_site):
        get_user_model().objects.create_user(email="a@test.example", password="a-long-password")
    with urllib.request.urlopen(f"{live_site.url}/accounts/login/") as page:
        assert page.status == 200
    code = "from django.contrib.auth import get_user_model as m; print(m().objects.get().email)"
    first_visit.log_in_and_look(live_site.url, "a@test.example", "a-long-password", "/accounts/password/change/")
    with pytest.raises(first_visit.NotYet, match="landed on /accounts/login/"):
        first_visit.log_in_and_look(live_site.url, "a@test.example", "another password", "/accounts/password/change/")
    assert live_site.manage("shell", "--no-imports", "-c", code).strip() == "a@test.example"


def test_more_callers_stay_connected_than_there_are_threads(live_site: LiveSite) -> None:
    """An open connection holds no thread between its requests."""
    callers = [http.client.HTTPConnection("127.0.0.1", live_site.port, timeout=10) for _ in range(30)]
    for _ in range(2):
        for caller in callers:
            caller.request("GET", "/healthz")
            answer = caller.getresponse()
            assert (answer.status, bool(answer.read())) == (200, True)
            assert caller.sock is not None, "the connection is kept"
    for caller in callers:
        caller.close()
