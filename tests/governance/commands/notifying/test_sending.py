"""Notices leave by mail or Slack: five a day, quiet hours, one digest, nothing after an acknowledgement, with proof."""

from datetime import timedelta

import pytest
from django.core import mail

from governance.commands.notifying import keeping, planning, sending, telling, waking
from governance.models import Attempt, Delivery, Interruption, Notice, Receiver
from governance.rules.habits import Habits, interruption
from pipeline.queries import seats
from tests.governance.commands.notifying.conftest import later, run, states, tries
from tests.receivers import MailReceiver, WebReceiver
from tests.walking import move_clock


@pytest.fixture
def daytime(company):
    """Ten in the morning of the company's next day: nobody is quiet, and today's digest has gone."""
    tomorrow = (seats.now() + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    return move_clock(tomorrow)


def tell(company, subject, who="rep", rung=0, **more):
    return telling.notify(subject, rung, [company.person(who).pk], f"{subject} is late", f"/{subject}/", **more)


def sent():
    return [(message.to[0].split("@")[0], message.subject) for message in mail.outbox]


def test_a_notice_goes_out_at_once_with_proof(company, daytime):
    tell(company, "alert/1")
    assert run() == 1 and run() == 0
    [message] = mail.outbox
    [delivery] = Delivery.objects.all()
    assert message.to == ["rep@test.example"] and message.subject == "alert/1 is late"
    assert message.extra_headers["Message-ID"].startswith(f"<{delivery.message}@")
    assert "/alert/1/" in message.body and "/notifications/" in message.body
    [attempt] = Attempt.objects.all()
    assert (delivery.state, delivery.attempts, attempt.number, attempt.result) == ("delivered", 1, 1, "delivered")
    assert attempt.at >= daytime and len(attempt.sha256) == 64


def test_five_a_day_and_the_rest_in_one_digest(company, daytime):
    for number in range(8):
        tell(company, f"alert/{number}")
    tell(company, "alert/0", who="manager")
    assert run() == 6
    assert sorted(sent()) == [("manager", "alert/0 is late"), *(("rep", f"alert/{n} is late") for n in range(5))]
    assert states(state="waiting") == [("digest", "waiting")]
    later(timedelta(hours=22, minutes=1))
    assert run() == 1
    assert sent()[-1] == ("rep", "3 notices")
    assert all(f"alert/{number} is late" in mail.outbox[-1].body for number in (5, 6, 7))
    assert run() == 0
    tell(company, "alert/9")
    assert run() == 1 and sent()[-1] == ("rep", "alert/9 is late")  # another day has five of its own


def test_two_planners_share_the_five(company, daytime):
    for number in range(7):
        tell(company, f"alert/{number}")
    assert planning.plan(most=4) == 4 and planning.plan(most=4) == 3 and planning.plan() == 0
    assert Interruption.objects.get().count == 5
    assert sorted(states()) == [("digest", "waiting"), *[("notice", "waiting")] * 5]


def test_rungs_for_the_digest_do_not_interrupt(company, daytime):
    tell(company, "alert/1", rung=1, interrupts=False)
    assert run() == 0 and states() == [("digest", "waiting")]


def test_quiet_hours_hold_a_message_back_until_they_end(company, daytime):
    night = move_clock(daytime.replace(hour=22))
    tell(company, "alert/1")
    assert run() == 0
    assert Delivery.objects.get().due_at == interruption(night, Habits()).at
    later(timedelta(hours=8, minutes=59))
    assert run() == 0
    later(timedelta(minutes=2))
    assert run() == 1 and sent() == [("rep", "alert/1 is late")]


def test_what_is_acknowledged_or_seen_before_it_left_never_leaves(company, daytime):
    move_clock(daytime.replace(hour=22))
    tell(company, "alert/1")
    tell(company, "alert/2", who="ops")
    tell(company, "alert/3", who="finance")
    assert run() == 0
    telling.acknowledge("alert/1")
    Notice.objects.filter(subject="alert/2").update(read_at=seats.now())
    later(timedelta(hours=10))
    assert run() == 1 and sent() == [("finance", "alert/3 is late")]
    assert states() == [("notice", "withheld"), ("notice", "withheld"), ("notice", "delivered")]
    telling.reopen("alert/1")
    assert run() == 0
    assert tell(company, "alert/1", rung=1) == 1 and run() == 1


def test_a_digest_leaves_out_what_was_acknowledged(company, daytime):
    for number in (1, 2):
        tell(company, f"alert/{number}", interrupts=False)
    run()
    telling.acknowledge("alert/1")
    later(timedelta(hours=23))
    assert run() == 1
    assert sent() == [("rep", "1 notice")] and "alert/1" not in mail.outbox[0].body


def habits(company, who, **more):
    said = {"way": "email", "at_once": True, "quiet_from": "20:00", "quiet_until": "07:00", "digest_at": "08:00",
            "zone": "", "slack": ""}  # fmt: skip
    keeping.keep(**{**said, **more}, by=company.by(who))


def test_a_person_who_wants_no_mail_reads_in_the_product_only(company, daytime):
    habits(company, "rep", way="none")
    tell(company, "alert/1")
    assert run() == 0 and states() == [] and Notice.objects.get().planned_at


def test_slack_gets_text_that_nobody_can_turn_into_a_mention(company, daytime):
    with WebReceiver() as slack:
        habits(company, "rep", way="slack", slack=slack.url)
        telling.notify("alert/1", 0, [company.person("rep").pk], "<!channel> & D-1|late", "/alerts/1/")
        assert run() == 1
    [got] = slack.got
    assert got.said["text"].startswith("*&lt;!channel&gt; &amp; D-1¦late*\n• <http")
    assert tries() == [(1, "delivered", 200)]


def test_a_mail_server_says_that_it_took_the_message(company, daytime, settings):
    settings.EMAIL_BACKEND = "governance.notify.email.EmailBackend"
    with MailReceiver(refuse={"ops@test.example"}) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        tell(company, "alert/1")
        tell(company, "alert/2", who="ops")
        run()
    assert [to for to, _ in server.got] == [["rep@test.example"]]
    assert "Message-ID: <" in server.got[0][1]
    of = Attempt.objects.get(delivery__person=company.person("rep"))
    assert (of.status, of.detail) == (250, "2.0.0 queued as 1")
    # A mailbox that does not exist stops at once; its person and the administrator are told.
    of = Attempt.objects.get(delivery__person=company.person("ops"))
    assert (of.result, of.status) == ("hopeless", 550)
    assert Receiver.objects.get(pk=f"mail/{company.person('ops').pk}").stopped_at is not None
    told = Notice.objects.filter(subject__startswith="receiver/mail/").values_list("person__email", flat=True)
    assert sorted(told) == ["admin@test.example", "ops@test.example"]


def test_a_mail_server_that_is_away_is_tried_again(company, daytime, settings):
    settings.EMAIL_BACKEND = "governance.notify.email.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    tell(company, "alert/1")
    assert run() == 1 and run() == 0
    with MailReceiver() as server:
        settings.EMAIL_PORT = server.port
        later(timedelta(seconds=7))
        assert run() == 1
    assert tries() == [(1, "trouble", None), (2, "delivered", 250)]
    [receiver] = Receiver.objects.all()
    assert (receiver.failures, receiver.failing_since, receiver.wake_at) == (0, None, None)


def test_a_turn_that_is_over_sends_nothing(company, daytime):
    tell(company, "alert/1")
    planning.plan()
    [(receiver, turn)] = waking.claim()
    assert waking.claim() == []
    assert sending.drain(receiver, turn - 1) == 0 and mail.outbox == []
    assert sending.drain(receiver, turn) == 1 and sending.drain(receiver, turn) == 0
    assert len(mail.outbox) == 1


def test_an_attempt_whose_worker_died_is_told_as_interrupted(company, daytime):
    tell(company, "alert/1")
    planning.plan()
    [(receiver, turn)] = waking.claim()
    assert sending.begin(receiver, turn).attempt == 1  # and then it dies
    Receiver.objects.update(leased_until="2000-01-01T00:00Z")
    assert run() == 1
    assert tries() == [(1, "interrupted", None), (2, "delivered", None)]
    # What the first worker would say later changes nothing any more.
    assert states() == [("notice", "delivered")]
