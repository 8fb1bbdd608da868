"""One function offers a milestone, another accepts it, or refuses and says from when it could."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import Error, connection, transaction
from django.test import Client

from governance.api.schemas import COMPONENTS
from governance.commands import deadlines, handshakes, milestones, replanning
from governance.commands.alerting import acts, ladder
from governance.queries import alerts, queue, slips, what_if
from governance.rules.handshake import FOLLOWS
from ledger.commands.append import Draft, append, lock
from ledger.queries import moment
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending, closing, policy_moves
from pipeline.queries import calendars, deals, seats
from pipeline.queries import policies as published
from pipeline.queries.reading import reading
from pipeline.rules import gate as rules
from tests import forging, handshake_policy, newer_policy, walking
from tests.governance.commands.test_replanning import expected
from tests.handshake_policy import PLAN
from tests.programs import Program


def today(days=0):
    return (seats.now() + timedelta(days=days)).date()


def offered(company, number, days=20, who="rep"):
    row = walking.milestone(number, PLAN)
    handshakes.act(row, "offered", by=company.by(who), day=today(days), note="They want it before the fair")
    return row


def refused(slug, run, *args, **more):
    with pytest.raises(Problem) as caught, transaction.atomic():
        run(*args, **more)
    assert caught.value.slug == slug, caught.value
    return caught.value


def gate(number, key=PLAN):
    found = deals.read_one(number)
    policy = published.version(found.view.policy_version)
    decision = rules.evaluate(policy, found.view, found.standings, "commit", now=seats.now())
    return next(result for result in decision.results if result.key == key)


def test_offered_refused_with_a_counter_offer_offered_again_and_accepted(shaking):
    company, number = shaking, walking.solution(shaking)
    assert walking.standing(number, PLAN).status == "planned"
    row = offered(company, number)
    assert gate(number).status == "waiting"
    earliest = today(40)
    handshakes.act(row, "refused", by=company.by("ops"), earliest=earliest, note="Line 2 is full until then")
    said = gate(number)
    assert (said.state, said.status) == ("unmet", "rejected")
    assert f"Operations can from {earliest.day} " in said.message and said.message.endswith("; offer that.")
    offered(company, number, 40, "manager")
    handshakes.act(row, "accepted", by=company.by("ops2"))
    assert gate(number).state == "met"
    assert walking.kinds(number)[-5:] == [
        "milestone.planned", "handshake.offered", "handshake.refused", "handshake.offered", "handshake.accepted",
    ]  # fmt: skip
    walking.verified(company, number, "credit-approved")
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    facts = walking.standing(number, PLAN).facts
    assert (facts["date"], facts["offered_by"], facts["facts"]) == (
        today(40).isoformat(),
        "sales",
        {"amount": 10_000_000},
    )


def test_it_is_neither_submitted_nor_verified_and_a_milestone_is_not_accepted(shaking):
    company, number = shaking, walking.solution(shaking)
    row, credit = walking.milestone(number, PLAN), walking.milestone(number, "credit-approved")
    for act in (milestones.start, milestones.submit):
        refused("handshake", act, row, by=company.by("ops"))
    refused("no-handshake", handshakes.act, credit, "offered", by=company.by("rep"), day=today(3))


def test_who_offers_and_who_answers_are_of_different_functions(shaking):
    company, number = shaking, walking.solution(shaking)
    row = walking.milestone(number, PLAN)
    refused("forbidden", handshakes.act, row, "offered", by=company.by("ops"), day=today(3))
    refused("handshake-state", handshakes.act, row, "accepted", by=company.by("ops"))
    faults = refused("bad-input", handshakes.act, row, "offered", by=company.by("rep")).faults
    assert [fault.code for fault in faults] == ["HAND-1"]
    refused("not-found", handshakes.act, row, "offered", by=company.by("rep_west"), day=today(3))
    offered(company, number)
    for who in ("rep", "finance"):
        assert refused("separation-of-duties", handshakes.act, row, "accepted", by=company.by(who))
    faults = refused("bad-input", handshakes.act, row, "refused", by=company.by("ops"), earliest=today(-3)).faults
    assert [fault.code for fault in faults] == ["HAND-2", "HAND-3"]
    handshakes.act(row, "accepted", by=company.by("ops"))
    refused("forbidden", handshakes.act, row, "withdrawn", by=company.by("rep"), note="we change our mind")
    handshakes.act(row, "withdrawn", by=company.by("ops2"), note="Line 2 broke down")
    assert gate(number).status == "revoked"


def test_terms_that_move_void_it_and_a_deal_that_comes_back_keeps_it(shaking):
    company, number = shaking, walking.solution(shaking)
    row = offered(company, number)
    handshakes.act(row, "accepted", by=company.by("ops"))
    closing.return_deal(number, "qualify", "they think again", by=company.by("rep"))
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    assert walking.standing(number, PLAN).status == "accepted"
    amending.amend(number, {"amount": "200000.00"}, by=company.by("rep"))
    assert walking.standing(number, PLAN).status == "voided"
    assert gate(number).state == "unmet"
    offered(company, number)


def test_an_offer_waits_in_the_queue_of_the_other_function(shaking):
    company, number = shaking, walking.solution(shaking)
    row = offered(company, number)
    assert row in [one.id for one in queue.waiting(reading(company.people["ops"].pk)).mine]
    assert row not in [one.id for one in queue.waiting(reading(company.people["rep"].pk)).team]


def test_the_past_knows_what_was_offered(shaking):
    company, number = shaking, walking.solution(shaking)
    row = offered(company, number)
    during = seats.now()
    handshakes.act(row, "accepted", by=company.by("ops"))
    with moment.known_at(during):
        assert walking.standing(number, PLAN).status == "offered"


def after_its_day(number):
    walking.move_clock(walking.standing(number, PLAN).due_at + timedelta(minutes=1))
    first = deadlines.sweep()
    assert deadlines.sweep() == 0, "safe twice"
    return first


def watched(number):
    """Its state, when it was missed, and when the sweep looks at it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT status, missed_at, watch_at FROM ledger_standing WHERE (stream, key) = (%s, %s)",
            [f"deal/{number}", PLAN],
        )
        return cursor.fetchone()


def alert_of(number):
    (alert,) = alerts.ids_of_milestone(walking.milestone(number, PLAN))
    return alert


def test_what_nobody_answers_by_its_day_opens_an_alert_of_who_was_asked(shaking):
    company, number = shaking, walking.solution(shaking)
    row, before = offered(company, number), seats.now()
    after_its_day(number)
    assert walking.kinds(number).count("handshake.missed") == 1
    alert = alert_of(number)
    said = alerts.one(alert).alert
    assert (said.function, said.counterpart, said.rung, said.state) == ("operations", "sales", 0, "open")
    assert (said.stake_minor, said.currency, said.severity) == (10_000_000, "USD", "high")
    assert said.missed_at == walking.standing(number, PLAN).due_at
    with moment.known_at(before):
        assert watched(number) == ("offered", None, walking.standing(number, PLAN).due_at)
    assert watched(number) == ("offered", walking.standing(number, PLAN).missed_at, None)
    by = company.by("ops")
    acts.acknowledge(alert, by=by)
    acts.explain(alert, "people", "Nobody looked into the queue", by=by)
    calendar = calendars.of_unit("east")
    day = calendar.after(today())
    assert "Commit to" in page_of(company, "ops", alert, day)
    acts.commit(alert, day, "We answer tomorrow", by=by)
    stands = walking.standing(number, PLAN)
    assert (stands.due_at, stands.missed_at) == (calendar.end_of_work(day), None), "what is promised is its new day"
    walking.move_clock(stands.due_at + timedelta(minutes=1))
    deadlines.sweep()
    assert walking.kinds(number).count("handshake.missed") == 2
    assert (ladder.sweep(), ladder.sweep()) == (1, 0)
    assert alert_of(number) == alert and (alerts.one(alert).alert.state, alerts.one(alert).alert.rung) == ("open", 1)
    acts.acknowledge(alert, by=by)
    acts.explain(alert, "people", "Nobody looked again", by=by)
    assert "accepted or refused" in refused("still-owed", acts.verify, alert, True, by=company.by("rep")).detail
    handshakes.act(row, "refused", by=company.by("ops"), earliest=today(40), note="Line 2 is full until then")
    acts.verify(alert, True, by=company.by("rep"))
    assert alerts.one(alert).alert.state == "closed"
    offered(company, number, 45)
    assert deadlines.sweep() == 0, "who is at the table after that day is left to talk"


def page_of(company, who, alert, day):
    browser = Client()
    browser.force_login(company.person(who))
    return browser.get(f"/alerts/A-{alert}/?date={day.isoformat()}").content.decode()


def test_a_promise_about_a_handshake_that_revenue_hangs_on_moves_it_as_was_shown(company):
    handshake_policy.publish(company, applies_when='deal.unit == "west"', blocks=True, float_days=0)
    number = walking.solution(
        company, amount="360000.00", close_on="2028-03-01", start_on="2028-04-01", delivery_months=12
    )
    walking.verified(company, number, "credit-approved")
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    for key in walking.BEFORE_BOOKED:
        walking.verified(company, number, key)
    walking.attested(company, number)
    agreed = expected(number)
    after_its_day(number)
    assert expected(number) != agreed, "by the estimate of the system"
    alert, by, row = alert_of(number), company.by("rep"), walking.milestone(number, PLAN)
    acts.acknowledge(alert, by=by)
    acts.explain(alert, "people", "Nobody had asked them", by=by)
    day = calendars.of_unit("east").after(today(25))
    shown = what_if.of_milestone(row, day).outcome
    assert "leaves its months" in page_of(company, "rep", alert, day)
    preview = Program(company, "rep").get(f"/alerts/{alert}/commitments/?date={day.isoformat()}").json()
    assert Decimal(preview["moved_out"]) == Decimal(shown.moved_out) / 100 > 0
    late = Program(company, "rep").get(f"/alerts/{alert}/commitments/?date=2029-01-01", 422).json()
    assert [one["code"] for one in late["errors"]] == ["ALERT-4"], "a day that nobody could commit to has no effect"
    acts.commit(alert, day, "We ask them in the morning", by=by)
    assert walking.kinds(number)[-2:] == ["handshake.replanned", "variance.recorded"]
    moved = {month: amount - agreed[month] for month, amount in expected(number).items() if amount != agreed[month]}
    assert moved == shown.then and sum(moved.values()) == 0


def test_what_an_overdue_one_takes_is_the_median_of_answers_that_came_late(shaking):
    company = shaking
    numbers = [walking.solution(company) for _ in range(slips.ENOUGH)]
    rows = [offered(company, number, 40) for number in numbers]
    planned = walking.standing(numbers[0], PLAN).first_due_at
    for days, row in zip((2, 3, 4, 5, 6, 7, 8, 9), rows, strict=True):
        assert slips.typical([PLAN], "east", "UTC") == {}, "too few to know"
        walking.move_clock(planned + timedelta(days=days))
        handshakes.act(row, "accepted", by=company.by("ops"))
    assert slips.typical([PLAN], "east", "UTC") == {PLAN: 5}
    assert slips.typical([PLAN], "west", "UTC") == {}


def test_either_side_of_a_handshake_names_another_day_and_nobody_else(shaking):
    company, number = shaking, walking.solution(shaking)
    row = offered(company, number)
    assert refused("forbidden", replanning.replan, row, today(9), "it suits us", by=company.by("finance"))
    for who, days in (("ops", 12), ("rep", 15)):
        replanning.replan(row, today(days), "They are at a fair", by=company.by(who))
        assert walking.standing(number, PLAN).due_at.date() == today(days)
    program = Program(company, "ops")
    said = program.post(f"/milestones/{row}/replans/", {"due": today(20).isoformat(), "note": "Another fair"}).json()
    assert (said["due"][:10], said["state"]) == (today(20).isoformat(), "offered")
    handshakes.act(row, "accepted", by=company.by("ops"))
    refused("milestone-state", replanning.replan, row, today(30), "too late", by=company.by("ops"))
    body = {"key": PLAN, "requirement": "handshake", "function": "operations"}
    with forging.refused("a_plan_is_moved_by_its_function"):
        forging.write(f"deal/{number}", "handshake.replanned", body, actor=company.by("finance").person)


def test_what_nobody_offers_is_the_alert_of_who_was_to_offer(shaking):
    company, number = shaking, walking.solution(shaking)
    after_its_day(number)
    row = alerts.one(alert_of(number))
    assert (row.alert.function, row.alert.counterpart, row.owner) == ("sales", "operations", company.person("rep").name)
    offered(company, number)
    assert not alerts.one(row.alert.id).done, "an offer is no answer yet"
    handshakes.act(walking.milestone(number, PLAN), "accepted", by=company.by("ops"))
    assert alerts.one(row.alert.id).done


def test_an_answer_before_its_day_opens_none_and_a_lost_deal_owes_none(shaking):
    company = shaking
    number, lost = walking.solution(company), walking.solution(company)
    handshakes.act(offered(company, number), "refused", by=company.by("ops"), note="Line 2 is full")
    offered(company, lost)
    closing.lose(lost, "price", by=company.by("rep"))
    after_its_day(number)
    assert [alerts.ids_of_milestone(walking.milestone(deal, PLAN)) for deal in (number, lost)] == [[], []]
    assert walking.standing(lost, PLAN).status == "released"
    closing.reopen(lost, "They called back", by=company.by("rep"))
    assert advancing.advance(lost, "solution", by=company.by("rep")).passed
    assert walking.standing(lost, PLAN).status == "planned", "planned anew"


def test_a_newer_policy_that_drops_it_releases_it_and_may_not_turn_it_into_something_else(shaking):
    company, number = shaking, walking.solution(shaking)
    offered(company, number)
    after_its_day(number)
    handshake_version = walking.view(number).policy_version
    kept = newer_policy.document()
    kept["milestones"].append(
        {"key": PLAN, "name": "Plan", "owner_function": "operations", "planned_in": newer_policy.STAGE,
         "anchor": "stage_entry", "offset_days": 6, "lead_days": 2}
    )  # fmt: skip
    by = company.by("steward")
    faults = refused(
        "bad-input", policy_moves.draft, handshake_version, newer_policy.publish(company, kept),
        stages=newer_policy.STAGES, by=by,
    ).faults  # fmt: skip
    assert [(fault.code, "handshake in version" in fault.message) for fault in faults] == [("POLICY-MOVE-4", True)]
    move = policy_moves.draft(handshake_version, newer_policy.publish(company), stages=newer_policy.STAGES, by=by)
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policy_moves.sign(move, function, by=company.by(short))
    assert policy_moves.run(move, by=by).moved == 1
    assert walking.standing(number, PLAN).status == "released" and alerts.one(alert_of(number)).done
    assert "handshake.released" in walking.kinds(number) and deadlines.sweep() == 0


def test_the_floor_refuses_crooked_handshakes(shaking):
    company, number = shaking, walking.solution(shaking)
    stream, ops, rep = f"deal/{number}", company.by("ops"), company.by("rep")

    def crooked(constraint, kind, who, key=PLAN, requirement="handshake", **facts):
        body = {"key": key, "requirement": requirement, "facts": facts}
        with pytest.raises(Error) as caught, transaction.atomic():
            append(lock(stream), Draft(f"handshake.{kind}", body), by=who)
        assert caught.value.__cause__.diag.constraint_name == constraint

    said = {"date": today(3), "offered_by": "sales", "by": rep.person}
    crooked("a_handshake_is_of_its_policy", "offered", rep, key="credit-approved", **said)
    crooked("a_handshake_is_of_its_policy", "offered", rep, requirement="milestone", **said)
    crooked("a_handshake_takes_one_step", "accepted", ops)
    crooked("a_handshake_is_planned_once", "planned", rep)
    crooked("a_handshake_is_released_when_nobody_asks_for_it", "released", rep)
    crooked("a_deadline_is_noted_once_and_when_it_is_so", "missed", rep)
    crooked("a_handshake_is_offered_by_another_function", "offered", ops, **{**said, "offered_by": "operations"})
    crooked("a_handshake_is_offered_by_another_function", "offered", ops, **said)
    offered(company, number)
    crooked("a_handshake_is_answered_by_somebody_else", "accepted", rep)
    crooked("who_answers_holds_the_function", "accepted", company.by("finance"))


def test_the_same_by_programs_and_by_forms(shaking):
    company, number = shaking, walking.solution(shaking)
    row, rep, ops = walking.milestone(number, PLAN), Program(shaking, "rep"), Program(shaking, "ops")
    said = rep.post(f"/milestones/{row}/handshakes/", {"decision": "offered", "date": today(9).isoformat()}).json()
    assert (said["kind"], said["state"]) == ("handshake", "offered")
    described = set(COMPONENTS["Milestone"]["properties"]["state"]["enum"])
    assert {*FOLLOWS, "planned", "voided", "verified", "submitted"} <= described, "whatever may be answered"
    assert said["handshake"] == {"date": today(9).isoformat(), "earliest": None, "offered_by": "sales"}
    waiting = ops.get("/milestones/?kind=handshake&state=offered&mine=true").json()["results"]
    assert [one["id"] for one in waiting] == [row]
    browser = Client()
    browser.force_login(company.person("ops"))
    page = browser.get(f"/queue/?milestone={row}").content.decode()
    assert "Accept" in page and "Refuse…" in page
    later = {"decision": "refused", "earliest": today(30).isoformat(), "note": "Line 2 is full"}
    assert browser.post(f"/milestones/{row}/handshakes/", later).status_code == 303
    seen = browser.get(f"/deals/{deals.ref_of(number)}/").content.decode()
    assert "Refused" in seen and "not before" in seen and "Line 2 is full" in seen
    browser.force_login(company.person("rep"))
    page = browser.get(f"/deals/{deals.ref_of(number)}/milestones/{PLAN}/").content.decode()
    assert "Offer it to Operations" in page and f'value="{today(30).isoformat()}"' in page
