"""The web server that browser tests use is a real one, on a database of its own."""

import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager

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
    assert live_site.manage("shell", "--no-imports", "-c", code).strip() == "a@test.example"
