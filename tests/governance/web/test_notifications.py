"""A person sees what reached them and proves it, changes how they hear, and never sees another's."""

import re

import pytest
from django.test import Client

from governance.commands.notifying import subscriptions, telling
from governance.models import Delivery, Habit, SentMail
from tests.governance.commands.notifying.conftest import run
from tests.receivers import WebReceiver


@pytest.fixture(autouse=True)
def local(settings):
    settings.LOCAL_RECEIVERS = True


def enter(company, who):
    client = Client()
    client.force_login(company.person(who))
    return client


def text(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


HABITS = {"way": "email", "at_once": "on", "quiet_from": "00:00", "quiet_until": "00:00", "digest_at": "08:00"}


def test_a_notice_is_shown_with_its_proof_to_its_person_and_the_administrator_only(company):
    rep = enter(company, "rep")
    rep.post("/notifications/habits/", HABITS)
    telling.notify("alert/1", 0, [company.person("rep").pk], "Line 2 is late", "/alerts/1/")
    assert "Being planned" in text(rep.get("/notifications/"))
    run()
    delivery = Delivery.objects.get().pk
    page = rep.get("/notifications/")
    assert "Line 2 is late" in text(page) and "Delivered : e-mail" in text(page).replace("Delivered:", "Delivered :")
    assert "Delivered" in text(rep.get(f"/notifications/deliveries/{delivery}/"))
    assert enter(company, "rep2").get(f"/notifications/deliveries/{delivery}/").status_code == 404
    assert "Line 2 is late" not in text(enter(company, "rep2").get("/notifications/"))
    admin = enter(company, "admin")
    everybodys = text(admin.get("/notifications/?all=1"))
    assert "E-mail to Rep" in everybodys and "Line 2 is late" not in everybodys
    assert admin.get(f"/notifications/deliveries/{delivery}/").status_code == 200
    assert "E-mail to Rep" not in text(enter(company, "manager").get("/notifications/?all=1"))


def test_habits_are_kept_and_faults_said(company):
    rep = enter(company, "rep")
    rep.post("/notifications/habits/", {**HABITS, "zone": "Europe/Berlin", "way": "none"})
    habit = Habit.objects.get()
    assert (habit.zone, habit.way, str(habit.quiet_from), habit.at_once) == ("Europe/Berlin", "none", "00:00:00", True)
    for change, said in (({"zone": "Mars/Base"}, "is no time zone"), ({"way": "slack"}, "Say where"),
                         ({"digest_at": "soon"}, "is no time of day")):  # fmt: skip
        rep.post("/notifications/habits/", {**HABITS, **change})
        assert said in text(rep.get("/notifications/"))
    assert Habit.objects.get().way == "none"


def test_a_webhook_by_the_page_shows_its_secret_once(company):
    rep = enter(company, "rep")
    with WebReceiver() as erp:
        made = rep.post(
            "/developer/", {"name": "ERP", "url": erp.url, "topics": "deal.*, booking.*", "form": "webhook"}
        )
        secret = re.search(r"whsec_[A-Za-z0-9+/=]+", made.content.decode())[0]
        again = rep.get("/developer/").content.decode()
        assert secret not in again and "deal.*" in again and "/hook" not in again
        hook = subscriptions.Subscription.objects.get().pk
        rep.post("/developer/acts/", {"do": "test", "webhook": hook})
        run()
        assert "Delivered 200 in" in text(rep.get("/developer/"))
        delivery = Delivery.objects.get(sort="test").pk
        rep.post("/developer/acts/", {"do": "redeliver", "delivery": delivery})
        run()
        assert len(erp.got) == 2
        fresh = rep.post("/developer/", {"rotate": hook}).content.decode()
        assert re.search(r"whsec_[A-Za-z0-9+/=]+", fresh)[0] != secret
        assert "ERP" not in text(enter(company, "manager").get("/developer/"))
        others = text(enter(company, "admin").get("/developer/"))
        assert "ERP · Rep" in others and "webhook.test" not in others
        rep.post("/developer/acts/", {"do": "end", "webhook": hook})
    assert "No program is told yet" in text(rep.get("/developer/"))


def test_a_refused_address_says_why_and_keeps_what_was_typed(committed_company, settings):
    settings.LOCAL_RECEIVERS = False
    company = committed_company[1]
    rep = enter(company, "rep")
    said = {"name": "ERP", "url": "https://10.0.0.1/", "topics": "deal.*"}
    refused = rep.post("/developer/", said)
    assert refused.status_code == 422
    assert "inside the house" in text(refused) and 'value="https://10.0.0.1/"' in refused.content.decode()


def test_the_demo_keeps_its_mail_on_a_page(company, settings):
    settings.DEMO, settings.EMAIL_BACKEND = True, "governance.notify.sent_mail.EmailBackend"
    rep = enter(company, "rep")
    rep.post("/notifications/habits/", HABITS)
    telling.notify("alert/1", 0, [company.person("rep").pk], "Line 2 is late", "/alerts/1/")
    run()
    assert SentMail.objects.get().headers["Message-ID"].startswith("<")
    assert "Line 2 is late" in text(rep.get("/mail/"))
    assert "Line 2 is late" not in text(enter(company, "ops").get("/mail/"))
    assert "Line 2 is late" in text(enter(company, "admin").get("/mail/"))
    settings.DEMO = False
    assert rep.get("/mail/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_notices_asks_as_often_for_three_as_for_one(company, django_assert_num_queries, rows):
    for number in range(rows):
        telling.notify(f"alert/{number}", 0, [company.person("rep").pk], "Late", "/")
    run()
    rep = enter(company, "rep")
    with django_assert_num_queries(5):
        rep.get("/notifications/")
