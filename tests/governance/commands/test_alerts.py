"""A miss opens one alert; people answer it in order; the clock climbs; another person closes it."""

from datetime import timedelta

import pytest
from django.db import Error, connection, transaction

from governance.commands import deadlines, milestones
from governance.commands.alerting import acts, ladder
from governance.models import Notice
from governance.queries import alerts
from governance.rules import alert as rules
from ledger.commands.append import Draft, append, lock
from ledger.queries import entries
from ledger.rules.problems import Problem
from pipeline.commands import organisation
from pipeline.queries import calendars, seats
from tests import walking
from tests.company import SETUP

CREDIT = "credit-approved"


def refused(slug, run, *args, **more):
    with pytest.raises(Problem) as caught, transaction.atomic():
        run(*args, **more)
    assert caught.value.slug == slug, caught.value
    return caught.value


def due_of(number, key=CREDIT):
    return walking.standing(number, key).due_at


def missed(company, key=CREDIT, **more):
    """(deal, alert) a minute after the due moment."""
    number = walking.solution(company, **more)
    for other in set(walking.BEFORE_COMMIT) - {key}:
        walking.verified(company, number, other)
    walking.move_clock(due_of(number, key) + timedelta(minutes=1))
    deadlines.sweep()
    (alert,) = alerts.ids_of_milestone(walking.milestone(number, key))
    return number, alert


def kinds(alert):
    return [entry.kind for entry in reversed(entries.timeline(f"alert/{alert}"))]


def told(alert):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.rung, p.email FROM governance_notice n JOIN pipeline_person p ON p.id = n.person_id"
            " WHERE subject = %s ORDER BY n.rung, p.email",
            [f"alert/{alert}"],
        )
        return [(rung, email.split("@")[0]) for rung, email in cursor.fetchall()]


def promised(company, alert, days=3):
    by = company.by("finance")
    acts.acknowledge(alert, by=by)
    acts.explain(alert, "supplier", "The bank was closed", by=by)
    day = calendars.of_unit("east").nth((seats.now() + timedelta(days=days)).date(), 1)
    acts.commit(alert, day, "We call the bank each day", by=by)
    return day


def test_a_miss_opens_one_alert_with_owner_amount_and_due_date(company):
    number, alert = missed(company)
    row = alerts.one(alert)
    assert (row.owner, row.alert.counterpart, row.alert.state, row.alert.rung) == ("Finance", "sales", "open", 0)
    assert (row.alert.stake_minor, row.alert.currency, row.alert.severity) == (10_000_000, "USD", "high")
    assert row.alert.next_at == row.alert.opened_at + timedelta(hours=24)
    calendar = calendars.of_unit("east")
    assert calendar.is_business(calendar.day_of(row.alert.due_at))
    assert told(alert) == [(0, "finance")]
    assert deadlines.sweep() == 0 and kinds(alert) == ["alert.opened"]
    assert "milestone.missed" in walking.kinds(number)


def test_answered_in_order_and_closed_by_another_person(company):
    number, alert = missed(company)
    by = company.by("finance")
    refused("alert-state", acts.explain, alert, "supplier", "The bank was closed", by=by)
    promised(company, alert)
    refused("alert-state", acts.acknowledge, alert, by=by)
    refused("separation-of-duties", acts.verify, alert, True, by=by)
    refused("still-owed", acts.verify, alert, True, by=company.by("rep"))
    walking.verified(company, number, CREDIT)
    acts.verify(alert, True, by=company.by("finance2"))
    assert kinds(alert) == [f"alert.{word}" for word in ("opened", "acknowledged", "explained", "committed", "closed")]
    assert alerts.one(alert).alert.next_at is None


def test_unanswered_it_climbs_by_the_beat_and_calls_others(company):
    _, alert = missed(company)
    opened = alerts.one(alert).alert.opened_at
    assert ladder.sweep() == 0
    walking.move_clock(opened + timedelta(hours=24, seconds=1))
    assert (ladder.sweep(), ladder.sweep()) == (1, 0), "safe twice"
    assert {who for rung, who in told(alert) if rung == 1} == {"rep", "rep2", "manager"}
    walking.move_clock(opened + timedelta(hours=72, seconds=5))
    assert (ladder.sweep(), ladder.sweep()) == (1, 0)
    assert [who for rung, who in told(alert) if rung == 2] == ["cfo"]
    walking.move_clock(opened + timedelta(days=30))
    ladder.sweep()
    assert kinds(alert) == ["alert.opened", "alert.escalated", "alert.escalated"]


def test_acknowledged_it_rests_until_it_is_due(company):
    _, alert = missed(company)
    acts.acknowledge(alert, by=company.by("finance"))
    held = alerts.one(alert).alert
    assert held.next_at == held.due_at
    walking.move_clock(held.due_at + timedelta(seconds=1))
    assert ladder.sweep() == 1
    assert (alerts.one(alert).alert.state, alerts.one(alert).alert.rung) == ("acknowledged", 1)


def test_a_missed_plan_date_opens_it_one_rung_higher(company):
    number, alert = missed(company)
    promised(company, alert)
    walking.move_clock(alerts.one(alert).alert.next_at + timedelta(seconds=1))
    assert (ladder.sweep(), ladder.sweep()) == (1, 0)
    assert deadlines.sweep() == 1, "the new day was missed too, whoever looks first"
    assert alerts.ids_of_milestone(walking.milestone(number, CREDIT)) == [alert]
    held = alerts.one(alert).alert
    assert (held.state, held.rung) == ("open", 1)
    assert {who for rung, who in told(alert) if rung == 1} == {"rep", "rep2", "manager"}
    promised(company, alert)  # and it is answered anew


def test_opened_again_on_the_top_rung_it_tells_that_rung_once_more(company):
    _number, alert = missed(company)
    for _climb in range(2):
        walking.move_clock(alerts.one(alert).alert.next_at + timedelta(seconds=1))
        ladder.sweep()
    once = told(alert)
    assert alerts.one(alert).alert.rung == rules.TOP and once.count((2, "cfo")) == 1
    promised(company, alert)
    assert told(alert) == once, "taken up, nobody hears of it"
    walking.move_clock(alerts.one(alert).alert.next_at + timedelta(seconds=1))
    assert (ladder.sweep(), ladder.sweep()) == (1, 0)
    assert sorted(told(alert)) == sorted([*once, (2, "cfo")])
    newest = Notice.objects.filter(subject=f"alert/{alert}").latest("id")
    assert newest.sentence.startswith(f"A-{alert} is open again, on rung 2: ") and newest.interrupts
    promised(company, alert)
    walking.move_clock(alerts.one(alert).alert.next_at + timedelta(seconds=1))
    ladder.sweep()
    assert told(alert).count((2, "cfo")) == 3


def test_a_kept_date_waits_for_another_person_and_climbs_no_more(company):
    number, alert = missed(company)
    promised(company, alert)
    walking.verified(company, number, CREDIT)
    walking.move_clock(alerts.one(alert).alert.next_at + timedelta(days=2))
    assert ladder.sweep() == 0
    refused("bad-input", acts.verify, alert, False, by=company.by("rep"))
    acts.verify(alert, False, by=company.by("rep"), note="the limit is too low")
    assert (alerts.one(alert).alert.state, alerts.one(alert).alert.rung) == ("open", 1)


def test_who_answers_and_who_sees(company):
    _, alert = missed(company)
    refused("forbidden", acts.acknowledge, alert, by=company.by("rep"))
    refused("not-found", acts.acknowledge, alert, by=company.by("ops_west"))
    acts.acknowledge(alert, by=company.by("finance2"))
    faults = refused("bad-input", acts.explain, alert, "because", "", by=company.by("finance")).faults
    assert [fault.code for fault in faults] == ["ALERT-1", "ALERT-2"]


def test_an_early_warning_lowers_the_severity(company):
    number = walking.solution(company)
    day = (due_of(number) + timedelta(days=4)).date()
    milestones.warn(walking.milestone(number, CREDIT), day, "the bank is slow", by=company.by("finance"))
    walking.move_clock(due_of(number) + timedelta(minutes=1))
    deadlines.sweep()
    (alert,) = alerts.ids_of_milestone(walking.milestone(number, CREDIT))
    held = alerts.one(alert).alert
    assert held.severity == "medium" and held.warned_at is not None
    late = refused(
        "milestone-due", milestones.warn, walking.milestone(number, CREDIT), day, "late", by=company.by("finance")
    )
    assert "before the due moment" in late.detail


def test_a_holiday_moves_the_due_date(company):
    number = walking.solution(company)
    calendar = calendars.of_unit("east")
    day = calendar.after(calendar.day_of(due_of(number)))
    organisation.declare_holiday("east", day, "Founders' day", by=SETUP)
    walking.move_clock(due_of(number) + timedelta(minutes=1))
    deadlines.sweep()
    (alert,) = alerts.ids_of_milestone(walking.milestone(number, CREDIT))
    shut = calendars.of_unit("east")
    assert not shut.is_business(day)
    held = alerts.one(alert).alert
    assert shut.day_of(held.due_at) > day
    organisation.withdraw_holiday("east", day, by=SETUP)
    assert calendars.of_unit("east").is_business(day)


@pytest.mark.parametrize(
    ("kind", "who", "body", "name"),
    [
        ("alert.explained", "finance", {"cause": "other"}, "an_alert_is_answered_in_order"),
        ("alert.acknowledged", "rep", {}, "an_alert_is_answered_by_its_function"),
        ("alert.escalated", "finance", {"rung": 1}, "an_alert_climbs_when_its_time_has_come"),
        ("alert.closed", "finance2", {}, "an_alert_is_answered_in_order"),
        ("alert.opened", "finance", {"subject": "milestone", "milestone": 1}, "an_alert_is_about_what_was_missed"),
    ],
)
def test_the_database_holds_the_same_line(company, kind, who, body, name):
    _, alert = missed(company)
    with pytest.raises(Error) as caught, transaction.atomic():
        append(lock(f"alert/{alert}"), Draft(kind, {"next": None, **body}), by=company.by(who))
    assert caught.value.__cause__.diag.constraint_name == name


def test_the_owner_cannot_close_it_in_the_database_either(company):
    number, alert = missed(company)
    promised(company, alert)
    walking.verified(company, number, CREDIT)
    with pytest.raises(Error) as caught, transaction.atomic():
        append(lock(f"alert/{alert}"), Draft("alert.closed", {"next": None}), by=company.by("finance"))
    assert caught.value.__cause__.diag.constraint_name == "an_alert_is_verified_by_somebody_else"
