"""Ready means that everything it needs answers; otherwise the reason is named."""

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from crm_ledger import heartbeat


@pytest.fixture
def beats() -> Iterator[None]:
    heartbeat.record(time.time())
    yield
    cache.delete("beat:last")


def test_alive_needs_nothing(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.usefixtures("db", "beats")
def test_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.json() == {
        "status": "ok",
        "database": "ok",
        "broker": "ok",
        "migrations": "ok",
        "scheduler": "ok",
        "sealing": "ok",
        "publication": "ok",
    }
    assert answer.status_code == 200


@pytest.mark.usefixtures("db")
def test_a_silent_scheduler_is_named(client: Client) -> None:
    heartbeat.record(time.time() - 3600)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["scheduler"].startswith("last sign of life 36")


@pytest.mark.usefixtures("db", "beats")
def test_a_missing_migration_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_ledger import health

    monkeypatch.setattr(health, "_known", {("ledger", "9999_not_yet")})
    assert client.get("/readyz").json()["migrations"] == "1 not applied, first ledger.9999_not_yet"


@pytest.mark.usefixtures("db")
def test_metrics_are_shown_by_route(client: Client) -> None:
    client.get("/healthz")
    page = client.get("/metrics").content.decode()
    assert 'crm_ledger_requests_total{method="GET",route="healthz",status="200"}' in page


@pytest.mark.usefixtures("db")
def test_the_policy_of_content_is_strict_and_looser_only_for_the_api_docs(client: Client) -> None:
    strict = client.get("/accounts/login/")["Content-Security-Policy"]
    assert "default-src 'none'" in strict
    assert "unsafe" not in strict
    docs = client.get("/api/v1/docs/")
    assert docs.status_code == 200
    assert "script-src 'self'" in docs["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe" not in docs["Content-Security-Policy"]
    assert b"<script>" not in docs.content


@pytest.mark.usefixtures("db")
def test_sign_up_is_closed(client: Client) -> None:
    page = client.post("/accounts/signup/", {"email": "new@test.example", "password1": "x", "password2": "x"})
    from django.contrib.auth import get_user_model

    assert page.status_code in {200, 403}
    assert not get_user_model().objects.exists()
