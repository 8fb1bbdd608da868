"""GET POST DELETE /webhooks/: the secret once, the address never whole, deliveries with their last answer."""

import pytest

from tests.governance.commands.notifying.conftest import run
from tests.programs import Program, codes, slug
from tests.receivers import WebReceiver

TOLD = {"name": "ERP", "url": "https://hooks.example.com/in/secret-path", "topics": ["deal.*", "booking.recorded"]}


@pytest.fixture
def rep(company):
    return Program(company, "rep")


def test_made_listed_and_ended(rep):
    made = rep.post("/webhooks/", TOLD).json()
    assert made["secret"].startswith("whsec_") and made["url"] == "https://hooks.example.com"
    assert (made["state"], made["form"], made["waiting"]) == ("working", "webhook", 0)
    [listed] = rep.get("/webhooks/").json()["results"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    assert "secret-path" not in str(listed)
    assert rep.get(f"/webhooks/{made['id']}/").json() == listed
    rep.send("DELETE", f"/webhooks/{made['id']}/", status=204)
    rep.get(f"/webhooks/{made['id']}/", 404)
    assert rep.get("/webhooks/").json()["results"] == []


def test_a_secret_is_not_said_again_by_a_replay(rep):
    first = rep.post("/webhooks/", TOLD, Idempotency_Key="k1").json()
    again = rep.post("/webhooks/", TOLD, Idempotency_Key="k1").json()
    assert again["id"] == first["id"] and first["secret"] and again["secret"] is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"url": "https://192.168.1.1/"}, ("/url", "HOOK-4")), ({"topics": ["deal.eaten"]}, ("/topics", "HOOK-3")),
        ({"topics": "deal.*"}, ("/topics", "ASK-3")), ({"name": ""}, ("/name", "ASK-2")),
        ({"form": "pigeon"}, ("/form", "ASK-6")),
    ],
)  # fmt: skip
def test_faults(rep, change, fault):
    assert codes(rep.post("/webhooks/", {**TOLD, **change}, 422)) == [fault]


def test_a_test_is_delivered_and_sent_again(company, rep, settings):
    settings.LOCAL_RECEIVERS = True
    with WebReceiver(status=503) as erp:
        made = rep.post("/webhooks/", {**TOLD, "url": erp.url}).json()
        sent = rep.post(f"/webhooks/{made['id']}/tests/").json()
        assert (sent["type"], sent["state"], sent["last"]) == ("webhook.test", "waiting", None)
        run()
        [held] = rep.get(f"/webhooks/{made['id']}/deliveries/").json()["results"]
        assert (held["state"], held["last"]["status"], held["last"]["result"]) == ("waiting", 503, "trouble")
        ill = rep.get(f"/webhooks/{made['id']}/").json()
        assert ill["state"] == "failing" and ill["next_try"] > ill["failing_since"] and ill["said"] == "503: ok"
        erp.status = 200
        assert rep.post(f"/webhooks/{made['id']}/resumptions/").json()["state"] == "working"
        run()
        [done] = rep.get(f"/webhooks/{made['id']}/deliveries/").json()["results"]
        assert (done["state"], done["attempts"], done["last"]["status"]) == ("delivered", 2, 200)
        rep.post(f"/deliveries/{done['id']}/redeliveries/")
        run()
    assert erp.ids() == [sent["message"]] * 3


def test_a_token_that_may_only_read_makes_no_webhook(company):
    reader = Program(company, "rep", scope="read")
    assert slug(reader.post("/webhooks/", TOLD, 403)) == "not-allowed"
    reader.get("/webhooks/")
