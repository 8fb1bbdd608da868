"""What the owner says of a deal is an entry at or below the ceiling; what the record supports no more falls at once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test import Client

from governance.commands import account_holds, deadlines, holds, reservations
from governance.commands.alerting import acts, ladder
from governance.queries import alerts
from governance.queries.alerts import listing
from ledger.queries import entries
from ledger.rules.problems import Problem
from pipeline.commands import amending, closing
from pipeline.queries import calendars, seats
from reporting.commands import forecasts
from reporting.queries import forecasts as query
from tests import forging, walking

SURE = Decimal("0.9")


@pytest.fixture
def deal(company):
    """In the stage before booked, capacity held, milestones owed inside the period of the close."""
    now = seats.now()
    last = (now.replace(day=28) + timedelta(days=40)).replace(day=27).date()
    number = walking.commit(company, close_on=last.isoformat(), start_on=(last + timedelta(days=40)).isoformat())
    assert reservations.reserve(number, by=company.by("rep")).fits
    return number


def submit(company, number, category="commit", probability=SURE, by="rep", **more):
    return forecasts.submit(number, category, probability, by=company.by(by), **more)


def said(number):
    found = query.of_deal(number)
    return found and (found.kind, found.category, found.ceiling)


def test_a_submission_is_an_entry_of_the_deal(company, deal):
    before = walking.kinds(deal)
    entry = submit(company, deal)
    assert walking.kinds(deal) == [*before, "forecast.submitted"]
    row = query.one(entry, deal)
    assert (row.seat, row.category, row.probability, row.amount_minor) == (
        company.seats["rep"], "commit", SURE, 10_000_000,
    )  # fmt: skip
    body = entries.timeline(f"deal/{deal}", limit=1)[0].body
    assert (body["ceiling"], body["reasons"], body["probability"]) == ("commit", [], "0.9000")


def test_a_further_submission_takes_the_place_of_the_first(company, deal):
    first = submit(company, deal)
    second = submit(company, deal, "pipeline", Decimal("0.4"))
    assert query.of_deal(deal).entry == second
    assert query.one(first, deal).until == query.one(second, deal).at


def test_above_the_ceiling_is_refused_with_every_reason(company):
    number = walking.opened(company)
    before = walking.kinds(number)
    with pytest.raises(Problem) as refused, transaction.atomic():
        submit(company, number)
    problem = refused.value
    assert (problem.slug, problem.status, problem.extra["ceiling"]) == ("forecast-refused", 409, "best_case")
    keys = {reason["key"] for reason in problem.extra["reasons"]}
    assert {"contract-signed", "capacity-confirmed", "capacity-reserved", "credit-approved"} <= keys
    assert all(reason["remedy"] and reason["owner_function"] for reason in problem.extra["reasons"])
    assert walking.kinds(number) == before and said(number) is None
    assert submit(company, number, "best_case")


def test_only_the_owner_speaks(company, deal):
    for who, slug in (("rep2", "forbidden"), ("manager", "forbidden"), ("rep_west", "not-found")):
        with pytest.raises(Problem) as refused, transaction.atomic():
            submit(company, deal, by=who)
        assert refused.value.slug == slug


@pytest.mark.parametrize(
    ("more", "slug"),
    [
        ({"amount": (1, "USD")}, "forecast-differs"),
        ({"close_on": seats.now}, "forecast-differs"),
        ({"expected": 1}, "stale-version"),
        ({"category": "booked"}, "bad-input"),
        ({"probability": Decimal("1.2")}, "bad-input"),
        ({"probability": Decimal("0.33333")}, "bad-input"),
    ],
)
def test_what_is_refused(company, deal, more, slug):
    more = {key: value().date() if callable(value) else value for key, value in more.items()}
    with pytest.raises(Problem) as refused, transaction.atomic():
        submit(company, deal, **more)
    assert refused.value.slug == slug


def test_a_closed_deal_has_no_forecast(company, deal):
    submit(company, deal)
    closing.lose(deal, "price", by=company.by("rep"))
    with pytest.raises(Problem) as refused, transaction.atomic():
        submit(company, deal)
    assert refused.value.slug == "deal-closed"


def test_a_missed_milestone_takes_the_commit_back_at_once(company, deal):
    submit(company, deal)
    walking.move_clock(walking.standing(deal, "billing-terms-verified").due_at + timedelta(minutes=1))
    assert deadlines.note([deal])
    kinds = walking.kinds(deal)
    assert said(deal) == ("lowered", "best_case", "best_case")
    assert kinds.index("forecast.lowered") > kinds.index("milestone.missed")
    body = next(entry.body for entry in entries.timeline(f"deal/{deal}", limit=20) if entry.kind == "forecast.lowered")
    assert ["FORECAST-3", "billing-terms-verified"] in body["reasons"] and body["was"] == "commit"
    assert query.of_deal(deal).probability == SURE


def test_capacity_given_back_takes_it_back_and_only_a_person_lifts_it_again(company, deal):
    submit(company, deal)
    reservations.release(deal, by=company.by("rep"))
    assert said(deal) == ("lowered", "best_case", "best_case")
    reservations.reserve(deal, by=company.by("rep"))
    assert said(deal) == ("lowered", "best_case", "best_case")
    submit(company, deal)
    assert said(deal) == ("submitted", "commit", "commit")


def test_a_hold_takes_the_commit_back_and_shuts_it_until_it_is_released(company, deal):
    submit(company, deal)
    held = holds.place(deal, "credit", "Sixty days late", by=company.by("finance"))
    assert said(deal) == ("lowered", "best_case", "best_case")
    body = entries.timeline(f"deal/{deal}", limit=1)[0].body
    assert [code for code, _key in body["reasons"]] == ["FORECAST-10"]
    with pytest.raises(Problem) as caught, transaction.atomic():
        submit(company, deal)
    assert "Finance holds the deal" in caught.value.detail
    holds.release(deal, held, by=company.by("finance"))
    submit(company, deal)
    assert said(deal) == ("submitted", "commit", "commit")


def test_a_hold_of_the_account_takes_the_commit_back_too(company, deal):
    submit(company, deal)
    account_holds.place(company.account.pk, "credit", "Sixty days late", by=company.by("cfo"))
    assert said(deal) == ("lowered", "best_case", "best_case")


def test_a_close_that_is_pulled_in_before_what_is_due_takes_it_back(company, deal):
    submit(company, deal)
    sooner = (walking.view(deal).close_on - timedelta(days=28)).isoformat()
    amending.amend(deal, {"close_on": sooner}, by=company.by("rep"))
    assert said(deal) == ("lowered", "best_case", "best_case")
    assert query.of_deal(deal).close_on.isoformat() == sooner


def test_what_was_called_pipeline_is_never_touched(company, deal):
    submit(company, deal, "pipeline", Decimal("0.2"))
    reservations.release(deal, by=company.by("rep"))
    assert said(deal) == ("submitted", "pipeline", "commit")


def test_each_later_close_is_a_push(company):
    number = walking.opened(company, close_on="2027-06-10", start_on="2028-06-01")
    for day in ("2027-06-20", "2027-06-15", "2027-08-01", "2027-09-01"):
        amending.amend(number, {"close_on": day}, by=company.by("rep"))
    moved = query.pushes(number)
    assert [(push.was.isoformat(), push.now.isoformat(), push.boundary) for push in moved] == [
        ("2027-06-10", "2027-06-20", False), ("2027-06-15", "2027-08-01", True), ("2027-08-01", "2027-09-01", True),
    ]  # fmt: skip


def test_three_boundary_pushes_shut_commit_until_all_is_verified_anew(company, deal):
    for _ in range(3):
        view = walking.view(deal)
        later = (view.close_on + timedelta(days=31)).isoformat()
        start = (view.start_on + timedelta(days=31)).isoformat()
        amending.amend(deal, {"close_on": later, "start_on": start}, by=company.by("rep"))
    with pytest.raises(Problem) as refused, transaction.atomic():
        submit(company, deal)
    assert "FORECAST-6" in {reason["code"] for reason in refused.value.extra["reasons"]}


def test_the_database_holds_the_floor(company, deal):
    """Whatever writes the entry: it is the owner's, of the deal as it is, at or below its ceiling, and supported."""
    submit(company, deal, "pipeline")
    rep, stream = company.person("rep").pk, f"deal/{deal}"
    body = entries.timeline(stream, limit=1)[0].body | {"category": "commit"}

    def write(kind="forecast.submitted", actor=rep, **lies):
        forging.write(stream, kind, body | lies, actor=actor)

    with forging.refused("a_forecast_stays_at_or_below_its_ceiling"):
        write(ceiling="best_case")
    with forging.refused("a_forecast_is_the_word_of_the_owner"):
        write(actor=company.person("manager").pk)
    with forging.refused("a_forecast_says_what_its_deal_says"):
        write(amount_minor=1)
    with forging.refused("only_what_was_said_is_lowered"):
        write("forecast.lowered", 0, category="pipeline")
    reservations.release(deal, by=company.by("rep"))
    with forging.refused("a_commit_is_supported_by_milestones"):
        write()


def test_nobody_writes_the_tables(company, deal):
    submit(company, deal)
    for table in ("reporting_forecast", "reporting_push"):
        with forging.refused("42501"), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET at = at")


def crowded(company):
    """A deal of 264 units in a month in which 880 of 1,000 are promised; the ceiling is 95 %."""
    window = {"delivery_months": 1, "start_on": "2027-07-01", "close_on": "2027-06-01"}
    held = walking.opened(company, delivery_units=880, **window)
    assert reservations.reserve(held, by=company.by("ops"), confirm=True).fits
    return walking.opened(company, delivery_units=264, amount="264000.00", **window)


def test_the_regional_case_opens_an_alert_on_the_day_of_the_submission(company):
    """880 promised, 264 projected: 194 over, 70 of 264 fit."""
    number = crowded(company)
    submit(company, number, "pipeline", Decimal("0.2"))
    assert listing(seats_of(company, "cro")) == []
    submit(company, number, "best_case", Decimal("0.6"))
    (row,) = listing(seats_of(company, "cro"))
    assert (row.alert.subject, row.alert.unit, row.alert.stake_minor) == ("capacity", "east", 19_400_000)
    assert row.alert.opened_at.date() == seats.now().date()
    submit(company, number, "best_case", Decimal("0.7"))
    assert len(listing(seats_of(company, "cro"))) == 1
    alert, ops = row.alert.id, company.by("ops")
    acts.acknowledge(alert, by=ops)
    acts.explain(alert, "capacity", "The second line comes in autumn", by=ops)
    browser = Client()
    browser.force_login(company.person("rep2"))
    page = f"/alerts/{row.alert.ref}/"
    assert "By now 194 units above the ceiling." in browser.get(page).content.decode()
    with pytest.raises(Problem) as refused, transaction.atomic():
        acts.verify(alert, True, by=company.by("rep2"))
    assert (refused.value.slug, refused.value.status, refused.value.extra["capacity"]["over"]) == (
        "still-over",
        409,
        194,
    )
    assert "880 promised and 264 projected, where 950 may be promised" in refused.value.detail
    submit(company, number, "pipeline", Decimal("0.2"))
    assert "By now it fits under the ceiling." in browser.get(page).content.decode()
    acts.verify(alert, True, by=company.by("rep2"))
    [closed] = entries.timeline(f"alert/{alert}", limit=1)
    assert (closed.kind, closed.body["capacity"]["over"], closed.body["capacity"]["taken"]) == ("alert.closed", 0, 880)


def passed(company, alert):
    """Operations has promised a day, and it has passed."""
    ops = company.by("ops")
    acts.acknowledge(alert, by=ops)
    acts.explain(alert, "capacity", "The second line comes in autumn", by=ops)
    acts.commit(alert, calendars.of_unit("east").after(seats.now().date()), "A second shift", by=ops)
    walking.move_clock(alerts.one(alert).alert.next_at + timedelta(seconds=1))


def test_the_clock_opens_an_alert_of_capacity_again_whose_promise_is_broken(company):
    number = crowded(company)
    submit(company, number, "best_case", Decimal("0.6"))
    alert = listing(seats_of(company, "cro"))[0].alert.id
    assert ladder.sweep() == 0
    passed(company, alert)
    assert (ladder.sweep(), ladder.sweep()) == (1, 0), "safe twice"
    [again] = entries.timeline(f"alert/{alert}", limit=1)
    assert (again.kind, again.body["because"], again.body["rung"]) == ("alert.reopened", "plan-missed", 1)
    assert (again.body["capacity"]["over"], again.body["capacity"]["projected"]) == (194, 264)
    held = alerts.one(alert).alert
    assert (held.state, held.rung, held.next_at) == ("open", 1, held.rung_at + timedelta(hours=48))
    passed(company, alert)
    submit(company, number, "pipeline", Decimal("0.2"))
    assert ladder.sweep() == 0, "what fits by then was kept: another person says so"
    assert alerts.one(alert).alert.state == "committed"
    broken = {"because": "plan-missed", "rung": 2, "next": None}
    for lie in ({}, {"capacity": again.body["capacity"] | {"over": 0}},
                {"capacity": again.body["capacity"] | {"month": "2027-08-01"}}):  # fmt: skip
        with forging.refused("an_alert_reopens_when_its_promise_is_broken"):
            forging.write(f"alert/{alert}", "alert.reopened", broken | lie)
    acts.verify(alert, True, by=company.by("rep2"))


def seats_of(company, who):
    return seats.of_person(company.person(who).pk)
