"""Ready means that everything it needs answers; otherwise the reason is named."""

import time
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from crm_ledger import heartbeat, queues


@pytest.fixture
def beats() -> Iterator[None]:
    for part in heartbeat.PARTS:
        heartbeat.record(part)
    yield
    cache.delete_many([f"alive:{part}" for part in heartbeat.PARTS])


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
        "worker": "ok",
        "courier": "ok",
        "deadlines": "ok",
    }
    assert answer.status_code == 200


@pytest.mark.usefixtures("db", "beats")
@pytest.mark.parametrize("part", heartbeat.PARTS)
def test_a_silent_part_is_named_and_nobody_else(client: Client, part: str) -> None:
    heartbeat.record(part, time.time() - 3600)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    said = answer.json()
    assert said.pop(part).startswith("last sign of life 36")
    assert {name: word for name, word in said.items() if word != "ok"} == {"status": "not ready"}
    assert heartbeat.silent() == [part]


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


@pytest.mark.usefixtures("db", "beats")
def test_metrics_say_what_waits_and_who_lives(client: Client) -> None:
    heartbeat.record("courier", time.time() - 90)
    page = client.get("/metrics").content.decode()
    found = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    assert 89 < float(found['crm_ledger_alive_age_seconds{part="courier"}']) < 120
    assert float(found['crm_ledger_alive_age_seconds{part="worker"}']) < 30
    assert {name: found[name] for name in found if "_waiting" in name or "_rows" in name or "_unplanned" in name} == {
        "crm_ledger_deliveries_waiting": "0.0",
        "crm_ledger_outbox_rows": "0.0",
        "crm_ledger_notices_unplanned": "0.0",
    }
    assert {f'crm_ledger_queue_depth{{queue="{name}"}}' for name in queues.ALL} <= set(found)


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
