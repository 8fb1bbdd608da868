"""Programs follow the record: signed, each entry once, only what their person sees; a dead one blocks nobody."""

import time
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from governance.commands.notifying import subscriptions
from governance.models import Attempt, Delivery, Notice, Receiver, Subscription
from governance.rules import webhook
from ledger.queries import entries
from ledger.rules.problems import Problem
from pipeline.commands import organisation
from tests import walking
from tests.governance.commands.notifying.conftest import follow, later, run, states, tries
from tests.receivers import WebReceiver


@pytest.fixture
def company(committed_company):
    """Entries count as complete only once they are committed, so this works on a database of its own."""
    yield committed_company[1]
    Subscription.objects.filter(ended_at=None).update(ended_at="2000-01-01T00:00Z")
    Delivery.objects.filter(state="waiting").update(state="withheld")
    Receiver.objects.update(wake_at=None)


def subscribe(company, receiver, *topics, who="rep", form="webhook", name="ERP"):
    return subscriptions.subscribe(name, receiver.url, topics or ["deal.*"], form, by=company.by(who))


def hook(issued):
    return f"hook/{issued.row.pk}"


def kinds_of(receiver):
    return [got.said["type"] for got in receiver.got]


def test_every_entry_arrives_once_signed_and_in_order(company):
    with WebReceiver() as erp:
        issued = subscribe(company, erp)
        number = walking.solution(company)
        assert run() == 2 and run() == 0
    assert kinds_of(erp) == ["deal.opened", "deal.advanced"]
    for got in erp.got:
        assert webhook.is_genuine(issued.secret, got.headers, got.body, int(time.time()))
    first = erp.got[0].said
    entry = entries.timeline(f"deal/{number}")[-1]
    assert first["data"] == {
        "entry": entry.id, "stream": f"deal/{number}", "seq": 1, "hash": entry.hash, "deal": walking.view(number).ref,
        "url": f"http://127.0.0.1:8000/deals/{walking.view(number).ref}/",
    }  # fmt: skip
    assert {got.id for got in erp.got} == {str(one.message) for one in Delivery.objects.filter(subscription=issued.row)}
    assert tries(delivery__subscription=issued.row) == [(1, "delivered", 200), (1, "delivered", 200)]


def test_what_commits_late_is_not_skipped(company, committed_company):
    database = committed_company[0]
    with WebReceiver() as erp, database.app() as other, other.cursor() as cursor:
        subscribe(company, erp)
        cursor.execute("SELECT pg_current_xact_id()")  # a transaction that began before and still runs
        walking.opened(company)
        assert run() == 0 and erp.got == []
        other.commit()
        assert run() == 1
    assert kinds_of(erp) == ["deal.opened"]


def test_a_program_hears_what_its_person_sees(company):
    with WebReceiver() as east, WebReceiver() as west, WebReceiver() as all_:
        subscribe(company, east, "*", who="rep")
        subscribe(company, west, "*", who="rep_west")
        subscribe(company, all_, "*", who="auditor")
        walking.opened(company)
        organisation.publish_rate("EUR", date(2026, 11, 1), Decimal("1.1"), by=company.by("finance"))
        run()
    assert kinds_of(east) == ["deal.opened"] and west.got == []
    assert kinds_of(all_) == ["deal.opened", "rate.published"]


def test_an_administrator_has_nothing_to_subscribe_to(company):
    with WebReceiver() as erp, pytest.raises(Problem) as refused:
        subscribe(company, erp, who="admin")
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "HOOK-1"), ({"form": "pigeon"}, "HOOK-2"), ({"asked": []}, "HOOK-3"),
        ({"asked": ["deal.eaten"]}, "HOOK-3"), ({"url": "https://127.0.0.1/"}, "HOOK-4"),
        ({"url": "https://169.254.169.254/latest"}, "HOOK-4"), ({"url": "http://hooks.example.com/"}, "HOOK-4"),
    ],
)  # fmt: skip
def test_faults_are_named(company, settings, change, code):
    settings.LOCAL_RECEIVERS = False
    said = {"name": "ERP", "url": "https://hooks.example.com/in", "asked": ["deal.*"], "form": "webhook", **change}
    with pytest.raises(Problem) as refused:
        subscriptions.subscribe(**said, by=company.by("rep"))
    assert [fault.code for fault in refused.value.faults] == [code]


def test_secrets_and_addresses_are_sealed_at_rest(company):
    with WebReceiver() as erp:
        issued = subscribe(company, erp)
        with connection.cursor() as cursor:
            cursor.execute("SELECT s::text FROM governance_subscription s WHERE id = %s", [issued.row.pk])
            held = cursor.fetchone()[0]
    assert issued.secret not in held and "/hook" not in held and issued.secret.removeprefix("whsec_") not in held


def test_for_a_day_both_secrets_sign(company):
    with WebReceiver() as erp:
        old = subscribe(company, erp)
        new = subscriptions.rotate(old.row.pk, by=company.by("rep"))
        subscriptions.test(old.row.pk, by=company.by("rep"))
        run()
        Subscription.objects.filter(pk=old.row.pk).update(old_until="2020-01-01T00:00Z")
        subscriptions.test(old.row.pk, by=company.by("rep"))
        run()
    both, one = erp.got
    now = int(time.time())
    assert kinds_of(erp) == ["webhook.test", "webhook.test"] and old.secret != new.secret
    assert all(webhook.is_genuine(secret, both.headers, both.body, now) for secret in (old.secret, new.secret))
    assert webhook.is_genuine(new.secret, one.headers, one.body, now)
    assert not webhook.is_genuine(old.secret, one.headers, one.body, now)


def test_a_dead_receiver_waits_alone_stops_after_three_days_and_loses_nothing(company):
    with WebReceiver(status=500) as dead, WebReceiver() as well:
        ill, fine = subscribe(company, dead), subscribe(company, well, who="manager")
        for _ in range(3):
            walking.opened(company)
        run()
        assert len(well.got) == 3 and len(dead.got) == 1  # one probe, not three
        receiver = Receiver.objects.get(pk=hook(ill))
        assert receiver.failures == 1 and receiver.said == "500: ok"
        for _ in range(60):
            later(timedelta(hours=2))
            run()
            receiver.refresh_from_db()
            if receiver.stopped_at:
                break
        assert receiver.stopped_at - receiver.failing_since >= timedelta(days=3)
        # Six tries two hours apart, one after a pause of 4 h, then each 6 or 8 h, as luck and these steps have it.
        assert 14 <= len(dead.got) <= 18 and len(set(dead.ids())) == 1
        told = Notice.objects.filter(subject__startswith=f"receiver/{hook(ill)}/").values_list(
            "person__email", flat=True
        )
        assert sorted(told) == ["admin@test.example", "rep@test.example"]
        asked = len(dead.got)
        walking.opened(company)
        later(timedelta(days=1))
        run()
        assert len(dead.got) == asked and len(well.got) == 4
        # Mended and resumed, it gets what waited and what happened since, in order, with the first id again.
        dead.status, before = 200, dead.ids()[0]
        subscriptions.resume(ill.row.pk, by=company.by("rep"))
        run()
        fresh = dead.got[asked:]
        assert [got.said["data"]["entry"] for got in fresh] == [got.said["data"]["entry"] for got in well.got]
        assert fresh[0].id == before and len(fresh) == 4
    assert set(states(subscription=ill.row)) == {("event", "delivered")} == set(states(subscription=fine.row))


def test_one_message_that_is_refused_does_not_hold_up_the_others(company):
    with WebReceiver() as erp:
        poison = []
        erp.answer = lambda got: 422 if got.id in poison else 200
        issued = subscribe(company, erp)
        for _ in range(3):
            walking.opened(company)
        follow()
        first = Delivery.objects.filter(subscription=issued.row).order_by("id").first()
        poison.append(str(first.message))
        run()
        assert states(subscription=issued.row) == [("event", "waiting"), ("event", "delivered"), ("event", "delivered")]
        for _ in range(60):
            later(timedelta(hours=2))
            run()
        assert states(subscription=issued.row)[0] == ("event", "given up")
        assert Notice.objects.filter(subject=f"delivery/{first.pk}/given-up").count() == 2
        poison.clear()
        subscriptions.redeliver(first.pk, by=company.by("rep"))
        run()
    assert states(subscription=issued.row)[0] == ("event", "delivered")


def test_a_place_of_the_record_is_played_again_with_the_same_ids(company):
    with WebReceiver() as erp:
        issued = subscribe(company, erp)
        walking.opened(company)
        run()
        walking.opened(company)
        run()
        subscriptions.replay(issued.row.pk, erp.got[1].said["data"]["entry"], by=company.by("rep"))
        run()
        assert erp.ids()[2:] == erp.ids()[1:2]
        subscriptions.replay(issued.row.pk, erp.got[0].said["data"]["entry"], by=company.by("rep"))
        run()
        assert erp.ids()[3:] == erp.ids()[:2]


def test_what_ended_hears_nothing_more_and_is_nobody_elses(company):
    with WebReceiver() as erp:
        issued = subscribe(company, erp)
        for who in ("manager", "auditor"):
            for act in (subscriptions.end, subscriptions.rotate, subscriptions.test, subscriptions.resume):
                with pytest.raises(Problem) as refused:
                    act(issued.row.pk, by=company.by(who))
                assert refused.value.status == 404
        walking.opened(company)
        follow()
        subscriptions.end(issued.row.pk, by=company.by("rep"))
        walking.opened(company)
        run()
    assert erp.got == [] and states(subscription=issued.row) == [("event", "withheld")]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((301, {"Location": "http://127.0.0.1/"}, b""), "redirects are not followed"),
        ((410, {}, b"gone"), "gone"),
    ],
)
def test_a_receiver_that_is_gone_or_elsewhere_stops_at_once(company, answer, said):
    with WebReceiver() as erp:
        erp.answer = lambda _: answer
        issued = subscribe(company, erp)
        subscriptions.test(issued.row.pk, by=company.by("rep"))
        assert run() == 1
        run()  # by day, the mail that says so to its owner
    assert len(erp.got) == 1
    assert said in Attempt.objects.get(delivery__subscription=issued.row).detail
    assert Receiver.objects.get(pk=hook(issued)).stopped_at is not None


def test_a_slack_channel_gets_a_line(company):
    with WebReceiver() as slack:
        subscribe(company, slack, form="slack")
        number = walking.opened(company)
        run()
    assert walking.view(number).ref in slack.got[0].said["text"] and "Deal opened" in slack.got[0].said["text"]


def test_nobody_has_more_than_ten(company):
    with WebReceiver() as erp:
        for number in range(subscriptions.MOST):
            subscribe(company, erp, who="finance", name=f"number {number}")
        with pytest.raises(Problem) as refused:
            subscribe(company, erp, who="finance")
    assert refused.value.slug == "too-many-webhooks"
