"""Messages leave through real workers and a real Redis of their own: killed, flushed, doubled, slowed."""

import threading
import time
from collections import Counter

import pytest
import redis
from django.db import connection

from crm_ledger.local.redis_server import RedisServer
from governance.commands.notifying import planning, subscriptions, telling
from governance.models import Attempt, Delivery, Notice, Receiver, Subscription
from ledger.commands import outbox
from tests import walking
from tests.concurrency.workers import Crew
from tests.receivers import MailReceiver, WebReceiver

pytestmark = pytest.mark.slow


@pytest.fixture
def company(committed_company, settings):
    settings.LOCAL_RECEIVERS = True
    _, company = committed_company
    while outbox.claim():
        pass
    yield company
    Subscription.objects.filter(ended_at=None).update(ended_at="2000-01-01T00:00Z")
    Delivery.objects.filter(state="waiting").update(state="withheld")
    Receiver.objects.update(wake_at=None)
    connection.close()


@pytest.fixture
def broker(tmp_path):
    server = RedisServer(tmp_path / "redis", password="crew", log=tmp_path / "redis.txt", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def mail():
    with MailReceiver() as server:
        yield server


@pytest.fixture
def crew(committed_company, company, broker, mail, tmp_path):
    crew = Crew(committed_company[0], tmp_path, broker.url, CREW_MAIL_PORT=str(mail.port))
    yield crew
    crew.end()


def subscribe(company, receiver, who="rep"):
    return subscriptions.subscribe("ERP", receiver.url, ["deal.*"], "webhook", by=company.by(who)).row


def delivered(row):
    return Delivery.objects.filter(subscription=row, state="delivered").count()


def entries(receiver):
    return Counter(got.said["data"]["entry"] for got in receiver.got)


def test_a_fact_becomes_a_message_within_seconds_with_two_of_everything_each_once(company, crew, mail):
    """Two schedulers, two workers, two couriers: more of each changes nothing but the speed."""
    with WebReceiver() as erp:
        row = subscribe(company, erp)
        for start in (crew.worker, crew.worker, crew.courier, crew.courier, crew.beat, crew.beat):
            start()
        number = walking.solution(company)
        crew.until(lambda: delivered(row) == 2, 90)
        started = time.monotonic()
        for _ in range(20):
            walking.opened(company)
        crew.until(lambda: delivered(row) == 22, 60)
        print(f"20 facts were delivered in {time.monotonic() - started:.1f} s")
        walking.submitted(company, number, "credit-approved", "finance")
        crew.until(lambda: Notice.objects.filter(deal_id=number, planned_at__isnull=False).count() == 2, 30)
        time.sleep(6)  # more rounds of both timetables
    assert set(entries(erp).values()) == {1} and len(erp.got) == 22
    assert Attempt.objects.filter(delivery__subscription=row).count() == 22
    assert Delivery.objects.filter(notices__deal_id=number).count() == 2


def test_a_courier_killed_in_the_middle_of_a_delivery_sends_it_again_with_its_id(company, crew):
    with WebReceiver() as erp:
        held = threading.Event()
        erp.answer = lambda _: 200 if held.wait(60) else 500
        row = subscribe(company, erp)
        crew.worker()
        first = crew.courier()
        crew.beat()
        walking.opened(company)
        crew.until(lambda: erp.got, 90)
        crew.kill(first)  # the receiver has the message, nobody has noted that
        held.set()
        assert delivered(row) == 0 and Attempt.objects.filter(delivery__subscription=row).count() == 0
        # As if the minute of the lease had passed.
        Receiver.objects.filter(pk=f"hook/{row.pk}").update(leased_until="2000-01-01T00:00Z")
        crew.courier()
        crew.until(lambda: delivered(row) == 1, 90)
        crew.until(lambda: len(erp.got) >= 2)
        time.sleep(3)
    assert len(set(erp.ids())) == 1 and len(erp.got) == 2
    tries = Attempt.objects.filter(delivery__subscription=row).order_by("number")
    assert [(one.number, one.result) for one in tries] == [(1, "interrupted"), (2, "delivered")]


def test_redis_flushed_and_restarted_loses_no_message(company, crew, broker):
    with WebReceiver(pause=0.05) as erp:
        row = subscribe(company, erp)
        crew.worker()
        crew.courier()
        crew.beat()
        for _ in range(10):
            walking.opened(company)
        crew.until(lambda: delivered(row) >= 2, 90)
        with redis.Redis.from_url(broker.url) as client:
            client.flushall()
        for _ in range(10):
            walking.opened(company)
        crew.until(lambda: delivered(row) >= 12, 60)
        broker.stop()
        for _ in range(5):
            walking.opened(company)
        time.sleep(2)
        broker.start()
        # A turn that was in Redis is lost with it; the receiver's lease brings it back.
        Receiver.objects.filter(pk=f"hook/{row.pk}").update(leased_until="2000-01-01T00:00Z")
        crew.until(lambda: delivered(row) == 25, 120)
    assert len(entries(erp)) == 25


def test_slow_receivers_hold_up_neither_the_record_s_own_work_nor_each_other(company, crew):
    """Four couriers, six receivers that take five seconds each: the outbox is relayed and a quick one is served."""
    slow = [WebReceiver(pause=5) for _ in range(6)]
    for receiver in slow:
        receiver.__enter__()
    try:
        with WebReceiver() as quick:
            for receiver in slow:
                for_one = subscriptions.subscribe("slow", receiver.url, ["deal.*"], "webhook", by=company.by("manager"))
                assert for_one.secret
            row = subscribe(company, quick)
            crew.worker()
            crew.courier(most=4)
            crew.beat()
            subscriptions.test(row.pk, by=company.by("rep"))
            crew.until(lambda: delivered(row) == 1, 90)
            number = walking.solution(company)
            for _ in range(5):
                walking.opened(company)
            crew.until(lambda: all(receiver.got for receiver in slow[:3]), 60)
            walking.submitted(company, number, "credit-approved", "finance")
            seconds = crew.until(lambda: Notice.objects.filter(deal_id=number).count() == 2, 20)
            print(f"with every courier busy the outbox was handled in {seconds:.1f} s")
            assert seconds < 10
            crew.until(lambda: delivered(row) == 8, 60)  # the test, two of the first deal, five others
    finally:
        for receiver in slow:
            receiver.__exit__()


def test_thousand_notices_are_planned_and_counted_once_by_racing_planners(company):
    from tests.concurrency.racing import race

    people = [company.person(name).pk for name in ("rep", "ops", "finance", "manager")]
    from django.db import transaction

    with transaction.atomic():
        for number in range(250):
            telling.notify(f"mass/{number}", 0, people, "Late", "/")

    def all_of_it():
        done = 0
        while planned := planning.plan(most=50):
            done += planned
        return done

    assert sum(race([all_of_it] * 4)) >= 1000 - 4 * 50
    planning.plan(most=1000)
    assert Notice.objects.filter(subject__startswith="mass/", planned_at=None).count() == 0
    sorts = Counter(Delivery.objects.filter(person_id__in=people).values_list("person_id", "sort"))
    for person in people:
        assert sorts[(person, "notice")] == 5 and sorts[(person, "digest")] in (1, 2)
    linked = Notice.objects.filter(subject__startswith="mass/", deliveries__isnull=False).distinct().count()
    assert linked == 1000
