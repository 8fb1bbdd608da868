"""Alerts by forms and by programs: listed with owner and amount, answered in steps, closed by another person."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.commands.alerting import acts, ladder, silence
from governance.commands.targets import linking, setting
from governance.commands.targets.setting import Goal
from governance.queries import alerts, heartbeat, queue
from governance.rules.targets import Span
from governance.web import alerts as pages
from ledger import words
from ledger.rules import moments
from pipeline.queries import calendars, deals, seats
from pipeline.queries.reading import reading
from reporting.rules import periods
from tests import walking
from tests.governance.commands.test_alerts import CREDIT, missed, promised
from tests.programs import Program


def browser(company, who):
    client = Client()
    client.force_login(company.person(who))
    return client


def text(response):
    return response.content.decode()


def test_the_steps_are_forms_and_money_stands_before_text(company):
    before = moments.text(seats.now())
    number, alert = missed(company)
    ref = deals.ref_of(number)
    own, other = browser(company, "finance"), browser(company, "rep")
    assert f"A-{alert} Credit approved" in text(own.get("/alerts/"))
    page = text(own.get(f"/alerts/A-{alert}/"))
    assert page.index("USD 100,000.00") < page.index("Acknowledge")
    assert "shut: This alert is answered by finance in east." in text(other.get(f"/alerts/A-{alert}/"))
    own.post(f"/alerts/A-{alert}/acknowledgements/")
    own.post(f"/alerts/A-{alert}/explanations/", {"cause": "supplier", "what": "The bank was closed"})
    day = calendars.of_unit("east").after(seats.now().date() + timedelta(days=20)).isoformat()
    tried = text(own.get(f"/alerts/A-{alert}/?date={day}"))
    assert "USD 100,000.00 stays in" in tried or "USD 100,000.00 moves to" in tried
    own.post(f"/alerts/A-{alert}/commitments/", {"date": day, "plan": "We call them each day"})
    assert alerts.one(alert).alert.state == "committed"
    assert "shut: what was missed is still owed" in text(other.get(f"/alerts/A-{alert}/"))
    assert "You answered this alert" in text(own.get(f"/alerts/A-{alert}/"))
    walking.verified(company, number, CREDIT)
    told = other.post(f"/alerts/A-{alert}/verifications/", {"decision": "verified"}, follow=True)
    assert "Closed." in text(told)
    assert f"A-{alert}" in text(other.get("/alerts/?tab=closed")) and f"A-{alert} " not in text(other.get("/alerts/"))
    assert ref in text(told)
    listed = text(own.get("/alerts/?tab=closed"))
    assert "Newest first" in listed and "closed " in listed and "Overdue" not in listed
    row = alerts.one(alert)
    assert [one.alert.id for one in alerts.listing([seat_of(company)], closed=True)] == [alert]
    assert alerts.listing([seat_of(company)], closed=True, after=alerts.after_of(alerts.cursor_of(row, True))) == []
    assert row.alert.promise_stands and "none: it is closed" in text(own.get(f"/alerts/A-{alert}/"))
    kept = own.get("/alerts/").context["empty"]["sentence"]
    closed = words.day(alerts.one(alert).alert.closed_at.date(), seats.now().date())
    assert kept == f"No open alerts. The last promise was kept on {closed}."
    assert own.get(f"/alerts/?as_of={before}").context["empty"]["sentence"] == "No open alerts."
    assert browser(company, "ops_west").get("/alerts/").context["empty"]["sentence"] == "No open alerts."
    assert own.get("/alerts/?tab=mine").context["empty"]["sentence"] == "No open alerts of your functions."


def test_a_foreign_unit_and_a_wrong_name_are_not_found(company):
    _, alert = missed(company)
    assert browser(company, "ops_west").get(f"/alerts/A-{alert}/").status_code == 404
    assert browser(company, "ops").get("/alerts/A-x/").status_code == 404


def test_programs_read_what_checks_rely_on_and_act_by_nouns(company):
    number, alert = missed(company)
    finance = Program(company, "finance")
    row = walking.milestone(number, CREDIT)
    (found,) = finance.get(f"/alerts/?state=open&milestone={row}").json()["results"]
    assert (found["id"], found["milestone"], found["deal"]) == (alert, row, deals.ref_of(number))
    assert found["owner"]["name"] == "Finance" and (found["state"], found["rung"]) == ("open", 0)
    assert found["amount_at_stake"] == {"amount": "100000.00", "currency": "USD"}
    assert finance.get(f"/alerts/?state=closed&milestone={row}").json()["results"] == []
    then = moments.text(seats.now())
    finance.post(f"/alerts/{alert}/acknowledgements/")
    past = finance.get(f"/alerts/{alert}/?as_of={then}").json()
    assert (past["state"], past["acknowledged_at"], past["next_rung_at"]) == ("open", None, found["next_rung_at"])
    finance.post(f"/alerts/{alert}/explanations/", {"cause": "customer", "what": "They were closed"})
    day = calendars.of_unit("east").after(seats.now().date()).isoformat()
    done = finance.post(f"/alerts/{alert}/commitments/", {"date": day, "plan": "We call them"}).json()
    assert (done["state"], done["recovery_date"], done["plan"]) == ("committed", day, "We call them")
    walking.verified(company, number, CREDIT)
    closed = Program(company, "finance2").post(f"/alerts/{alert}/verifications/", {"decision": "verified"}).json()
    assert (closed["state"], closed["next_rung_at"]) == ("closed", None)


def test_a_broken_promise_is_said_to_be_one_and_a_round_without_any_needs_none(company):
    number, alert = missed(company)
    promised(company, alert)
    walking.move_clock(alerts.one(alert).alert.next_at + timedelta(seconds=1))
    assert ladder.sweep() == 1
    page = browser(company, "rep").get(f"/alerts/A-{alert}/")
    assert ", not kept" in text(page) and "Missed" in text(page)
    acts.acknowledge(alert, by=company.by("finance"))
    acts.explain(alert, "supplier", "The bank was closed again", by=company.by("finance"))
    walking.verified(company, number, CREDIT)
    acts.verify(alert, True, by=company.by("rep"))
    page = browser(company, "finance").get(f"/alerts/A-{alert}/")
    assert [step["state"] for step in page.context["steps"]] == ["done", "done", "skipped", "done"]
    assert browser(company, "finance").get("/alerts/").context["empty"]["sentence"] == "No open alerts."


def test_lists_go_on_page_by_page(company, monkeypatch):
    for _ in range(2):
        missed(company)
    monkeypatch.setattr(pages, "SHOWN", 1)
    own, seen, address = browser(company, "cfo"), [], "/alerts/"
    while address:
        answer = own.get(address)
        seen += [row["ref"] for row in answer.context["rows"]]
        address = answer.context["page"]["next_url"] and f"/alerts/{answer.context['page']['next_url']}"
    assert len(seen) == len(set(seen)) >= 2
    assert [row["ref"] for row in own.get("/alerts/?after=nonsense").context["rows"]] == seen[:1]


def test_lists_ask_as_often_for_three_as_for_one(company):
    held = [seat_of(company)]

    def asked():
        with CaptureQueriesContext(connection) as log:
            rows = alerts.listing(held, states=["open"])
        return len(rows), len(log)

    missed(company)
    one = asked()
    for _ in range(2):
        missed(company)
    three = asked()
    assert (one[0], three[0]) == (1, 3) and one[1] == three[1] == 1


def seat_of(company):
    return seats.of_person(company.person("cfo").pk)[0]


def test_a_silent_function_is_an_alert_once_a_week(company):
    number = walking.solution(company)
    walking.submitted(company, number, CREDIT, "finance")
    assert silence.sweep() == 0, "a day is no silence"
    walking.move_clock(seats.now() + timedelta(days=8))
    now = seats.now()
    (pulse,) = [one for one in heartbeat.pulses(now - silence.WEEK, now) if one.function == "finance"]
    assert (pulse.waiting, pulse.verified, pulse.value_minor) == (1, 0, 10_000_000)
    assert (silence.sweep(), silence.sweep()) == (1, 0)
    (found,) = alerts.listing([seat_of(company)], states=["open"], function="finance")
    assert (found.alert.subject, found.owner) == ("function", "Finance")
    answer = Program(company, "cfo").get("/heartbeat/")
    assert '"waiting":1,' in answer.content.decode().replace(" ", ""), "a whole number"
    told = answer.json()["results"]
    assert [one["silent"] for one in told if one["function"] == "finance"] == [True]
    assert "Value waiting on your function" in text(browser(company, "finance").get("/"))


def test_the_queue_shows_what_holds_most_value_first(company):
    numbers = [walking.solution(company, amount=amount) for amount in ("50000.00", "900000.00", "70000.00")]
    for number in numbers:
        walking.submitted(company, number, CREDIT, "finance")
    found = [row.deal for row in _waiting(company)]
    assert found == [numbers[1], numbers[2], numbers[0]]


def _waiting(company):
    return queue.waiting(reading(company.person("finance2").pk)).mine


def test_holidays_are_kept_by_an_administrator(company):
    admin = Program(company, "admin")
    day = (seats.now().date() + timedelta(days=30)).isoformat()
    told = admin.post("/units/east/holidays/", {"day": day, "name": "Founders' day"}).json()
    assert told["results"] == [{"day": day, "name": "Founders' day"}]
    assert admin.send("DELETE", f"/units/east/holidays/{day}/", status=200).json()["results"] == []
    admin.get("/units/moon/holidays/", 404)


def test_an_alert_shows_which_key_result_it_endangers_and_by_how_much(company):
    """The deal is not booked yet: a plan of its month may miss it, and what somebody linked is said as such."""
    number, alert = missed(company)
    period = periods.quarter_of(deals.read_one(number).view.period)
    span = Span(period.name, period.first, period.until)
    objective = setting.set_objective("Win the north", span, by=company.by("cro"))
    result = Goal("key_result", "pipeline", span, 400_000_00, currency="USD", objective=objective, title="Open more")
    linked = setting.set_target(result, by=company.by("cro"))
    linking.link(linked, number, CREDIT, 40_000_00, by=company.by("cro"))
    setting.set_target(Goal("plan", "booked", span, 500_000_00, currency="USD"), by=company.by("cfo"))
    page = text(browser(company, "cfo").get(f"/alerts/A-{alert}/"))
    assert "What it endangers" in page and "Open more" in page and ">Booked</a>" in page and "20 % of the way" in page
    found = Program(company, "cfo").get(f"/alerts/{alert}/").json()["endangers"]
    assert [(one["title"], one["amount"], one["percent_of_goal"], one["linked"]) for one in found] == [
        ("booked", "-100000.00", 20, False),
        ("Open more", "-40000.00", 10, True),
    ]
    assert Program(company, "rep").get(f"/alerts/{alert}/").json()["endangers"] == []
