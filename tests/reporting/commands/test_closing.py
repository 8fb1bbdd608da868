"""A month is closed like a gate: prepared, signed by three, reviewed by a second person; then nothing enters it."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from governance.commands import delivery, left_behind, milestones
from governance.models import Notice
from governance.queries import breaks
from ledger.queries import balances, entries, moment, periods
from ledger.rules import money
from ledger.rules.problems import Problem
from pipeline.commands import advancing, amending, opening
from pipeline.commands import closing as deals
from pipeline.queries import organisation, policies, seats
from reporting.commands import billing, closing, forecasts, reconciling
from reporting.exports import receipts
from reporting.queries import asking, booked, bridge, finance, variance
from reporting.queries import closing as query
from reporting.queries.measuring import Asked
from reporting.rules.billing import Stated
from reporting.rules.closing import checklist
from reporting.rules.figures import totals
from reporting.rules.periods import parse
from tests import walking
from tests.closing import SIGNERS, closed, reconciled, signed, verified
from tests.forging import refused as by_the_database
from tests.forging import write
from tests.programs import Program
from tests.walking import move_clock, view

MARCH, APRIL = date(2027, 3, 1), date(2027, 4, 1)
MONTHS = ("2027-03", "2027-04", "2027-05")


@contextmanager
def refusing(match=None):
    """A command that refuses rolls back to here."""
    with pytest.raises(Problem, match=match) as found, transaction.atomic():
        yield found


def at(month, day, hour=9):
    return datetime(2027, month, day, hour, tzinfo=UTC)


def reported(month):
    name = f"{month:%Y-%m}"
    return booked.booked(organisation.company(), as_of=seats.now(), period=parse(name)).value


def known(month):
    return finance.moved(seats.now(), month, date(month.year, month.month + 1, 1)).total.bookings


def lines(number):
    """The lines of the newest entry of a deal that moved value."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, period, relates_to, amount, cause FROM ledger_posting WHERE book = 'bookings' AND entry_id ="
            " (SELECT max(entry_id) FROM ledger_posting WHERE deal_id = %s AND book = 'bookings') ORDER BY id",
            [number],
        )
        return cursor.fetchall()


@pytest.fixture
def march(company):
    """Two deals booked in March, 4,000,000 together; it is the second of april."""
    move_clock(at(3, 2))
    large = walking.booked(company, amount="3850000.00", close_on="2027-03-20", start_on="2027-05-01")
    small = walking.booked(company, amount="150000.00", close_on="2027-03-20", start_on="2027-05-01")
    move_clock(at(4, 2))
    return large, small


def test_a_cancellation_that_arrives_after_the_close(company, march):
    """March closed at 4,000,000; on 9 April a cancellation of 26 March arrives."""
    row = closed(company, MARCH)
    assert (row.state, row.version) == ("closed", 1)
    move_clock(at(4, 9))
    after = deals.lose(march[1], _reason(march[1]), by=company.by("rep"), on=date(2027, 3, 26))
    assert lines(march[1]) == [
        ("booked", APRIL, MARCH, -150_000_00, "prior_period"),
        ("cancelled", APRIL, MARCH, 150_000_00, "prior_period"),
    ]
    assert (after.place, after.period) == ("cancelled", MARCH), "where it stands is what is known"
    assert (reported(MARCH), reported(APRIL)) == (4_000_000_00, -150_000_00)
    assert (known(MARCH), known(APRIL)) == (3_850_000_00, 0)
    snapshot = query.snapshots(MARCH)[0]
    assert totals(snapshot.figures)["bookings"] == 4_000_000_00


def _an_older_receipt_keeps_its_question(april):
    """Of the definition before: by the months that deals were posted to, and with the version of the policy. What was
    said then is found again for its moment, and is said to be superseded by another definition."""
    scope = {name: value for name, value in april.claim().scope.items() if name != "months"}
    for version in (1, 2):
        old = replace(april.claim(), definition_version=version, scope=scope, value="-1000.00")
        verdict = receipts.judged(receipts.signed(old), now=seats.now())
        assert (verdict.verdict, verdict.then, verdict.now) == ("genuine, superseded", "-1000.00", "0.00")
        assert verdict.why == "the definition of this measure has changed since"
    called = asking.tell("commit-call", april.asked).claim()
    assert receipts.judged(receipts.signed(called), now=seats.now()).verdict == "genuine and current"
    verdict = receipts.judged(receipts.signed(replace(called, definition_version=1, value="7.00")), now=seats.now())
    assert (verdict.verdict, verdict.then) == ("genuine, superseded", ""), "what cannot be asked again is no alarm"


def _reason(number):
    return policies.version(view(number).policy_version).loss_reasons[0]


def test_a_restatement_is_signed_by_finance_and_another_function(company, march):
    closed(company, MARCH)
    with refusing(match="what was reported"):
        closing.restate(MARCH, "finance", "nothing moved", by=company.by("cfo"))
    move_clock(at(4, 9))
    deals.lose(march[1], _reason(march[1]), by=company.by("rep"), on=date(2027, 3, 26))
    row = closing.restate(MARCH, "operations", "A cancellation came late", by=company.by("coo"))
    assert row.version == 1, "one signature restates nothing"
    with refusing(match="signed already"):
        closing.restate(MARCH, "operations", "A cancellation came late", by=company.by("coo"))
    row = closing.restate(MARCH, "finance", "A cancellation came late", by=company.by("cfo"))
    assert (row.version, row.state, row.restating) == (2, "closed", {})
    new, old = query.snapshots(MARCH)
    assert totals(new.figures)["bookings"] == 3_850_000_00
    assert totals(old.figures)["bookings"] == 4_000_000_00, "the old snapshot stays"
    assert [entry.kind for entry in entries.timeline("period/2027-03", limit=3)] == [
        "period.restated", "restatement.signed", "restatement.signed",
    ]  # fmt: skip


def test_the_checklist_names_everything_that_is_open(company, march):
    with refusing() as refused:
        closing.close(MARCH, by=company.by("finance"))
    assert refused.value.slug == "period-not-ready"
    assert [one["key"] for one in refused.value.extra["refusals"]] == [
        "prepared", "breaks", "verified", "signed-sales", "signed-operations", "signed-finance",
    ]  # fmt: skip
    reconciled()
    signed(company, MARCH)
    verified(ok=False)
    with refusing() as refused:
        closing.close(MARCH, by=company.by("finance"))
    assert [one["key"] for one in refused.value.extra["refusals"]] == ["verified", "reviewed"]
    assert all(one["remedy"] for one in refused.value.extra["refusals"])
    verified()
    assert closing.close(MARCH, by=company.by("finance2")).state == "closed"
    with refusing(match="is closed"):
        closing.prepare(MARCH, by=company.by("finance"))


def test_what_moves_the_figures_shuts_the_close_again(company, march):
    verified()
    reconciled()
    figures = signed(company, MARCH)
    deals.lose(march[1], _reason(march[1]), by=company.by("rep"), on=date(2027, 3, 26))
    assert lines(march[1])[0] == ("booked", MARCH, None, -150_000_00, "cancelled"), "an open month takes its facts"
    with refusing() as refused:
        closing.close(MARCH, by=company.by("finance2"))
    open_ = [one["key"] for one in refused.value.extra["refusals"]]
    assert open_ == ["prepared", "signed-sales", "signed-operations", "signed-finance"]
    row = closing.prepare(MARCH, by=company.by("finance"))
    assert row.figures != figures and row.signatures == {}
    with refusing(match="not those that you saw"):
        closing.sign(MARCH, "sales", figures, by=company.by("cro"))


def test_people_are_kept_apart(company, march):
    for short in ("rep", "ops", "steward", "auditor", "admin"):
        with refusing(match="PERIOD-ACT-1"):
            closing.prepare(MARCH, by=company.by(short))
    row = closing.prepare(MARCH, by=company.by("finance"))
    with refusing(match="SOD-30"):
        closing.sign(MARCH, "finance", row.figures, by=company.by("finance"))
    for function, short in (("sales", "manager"), ("operations", "ops"), ("sales", "cfo"), ("legal", "cfo")):
        with refusing(match="PERIOD-ACT-2"):
            closing.sign(MARCH, function, row.figures, by=company.by(short))


def test_a_month_that_has_not_ended_is_not_prepared(company, march):
    with refusing(match="has not ended"):
        closing.prepare(APRIL, by=company.by("finance"))


def test_a_late_fact_lies_between_the_booking_and_today(company, march):
    for day, code in ((date(2027, 4, 3), "DEAL-ON-1"), (date(2027, 2, 26), "DEAL-ON-2")):
        with refusing(match=code):
            deals.lose(march[1], _reason(march[1]), by=company.by("rep"), on=day)


def agreed(name, month, **more):
    """What a measure says of a month: the sum, its rows, its file and its list are one number."""
    question = Asked(organisation.company(), more.pop("as_of", seats.now()), parse(month), by=("period",), **more)
    answer = asking.tell(name, question).answer
    deals = answer.behind(None, 100)
    assert answer.count() == len(deals)
    column = [one.name for one in answer.table.columns].index("value")
    filed = sum(int(row[column].replace(".", "")) for row in answer.table.rows)
    assert answer.value == sum(row.value for row in answer.rows) == sum(one.amount for one in deals) == filed
    return answer.value


def test_what_is_expected_in_a_closed_month_still_moves(company):
    """Every act on a deal whose close lies in a closed month posts to the first open one."""
    move_clock(at(3, 2))
    number = walking.opened(company, amount="1000.00", close_on="2027-03-20", start_on="2027-03-25")
    move_clock(at(4, 2))
    closed(company, MARCH)
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    assert lines(number) == [
        ("pipeline/qualify", APRIL, MARCH, -1000_00, "advance"),
        ("pipeline/solution", APRIL, MARCH, 1000_00, "advance"),
    ]
    before, then = {month: agreed("pipeline", month) for month in MONTHS}, seats.now()
    move_clock(at(4, 2, 10))
    amending.amend(number, {"close_on": "2027-05-10", "start_on": "2027-06-01"}, by=company.by("rep"))
    assert lines(number) == [
        ("pipeline/solution", APRIL, MARCH, -1000_00, "slipped"),
        ("pipeline/solution", date(2027, 5, 1), None, 1000_00, "slipped"),
    ]
    after = {month: agreed("pipeline", month) for month in MONTHS}
    assert (list(before.values()), list(after.values())) == ([1000_00, 0, 0], [0, 0, 1000_00])
    assert {month: agreed("pipeline", month, as_of=then, past=True) for month in MONTHS} == before
    said = Program(company, "cfo").get("/measures/pipeline/?period=2027-05&by=period").json()
    assert (said["value"], said["receipt"]["deals"]) == ("1000.00", 1)
    assert (said["receipt"]["definition_version"], said["receipt"]["scope"]["months"]) == (2, "true")
    april = Asked(organisation.company(), seats.now(), parse("2027-04"))
    _an_older_receipt_keeps_its_question(asking.tell("pipeline", april))
    for month, ends in {"2027-03": (1000_00, 0), "2027-04": (0, 0), "2027-05": (0, 1000_00)}.items():
        moved = bridge.between(Asked(organisation.company(), seats.now(), parse(month)), then).whole
        assert (moved.opening, moved.closing, moved.rest) == (*ends, 0)
    deals.return_deal(number, "qualify", "Not ready yet", by=company.by("rep"))
    late = opening.open_deal(
        "Late", walking.stated(company, close_on="2027-03-30", start_on="2027-04-01"), by=company.by("rep")
    ).id
    assert {(line[1], line[2]) for line in lines(late)} == {(APRIL, MARCH)}
    deals.lose(late, _reason(late), by=company.by("rep"))
    deals.reopen(late, "They came back", by=company.by("rep"))
    assert view(late).period == MARCH
    deals.assign(late, company.seats["rep2"], by=company.by("manager"))
    held = balances.as_known("bookings", ["pipeline/qualify"], as_of=seats.now(), since=MARCH, until=APRIL)
    assert sum(one.amount for one in held.balances) == view(late).value_minor


def test_a_delivery_that_began_in_a_closed_month_is_scheduled(company):
    """Booked in April from 1 March on: the part of March is posted to April, and is known as March."""
    move_clock(at(3, 2))
    number = walking.ready(company, amount="12000.00", close_on="2027-03-30", start_on="2027-03-31")
    move_clock(at(4, 2))
    closed(company, MARCH)
    walking.attested(company, number)
    assert view(number).place == "booked" and view(number).period == APRIL
    months = {row.period: row.baseline for row in variance.of_deal(number, seats.now()).rows}
    assert min(months) == MARCH and months[MARCH] > 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(period) FROM ledger_posting WHERE deal_id = %s AND book = 'revenue'", [number])
        assert cursor.fetchone()[0] == APRIL
    deals.lose(number, _reason(number), by=company.by("rep"))
    held = {row.period: row.expected for row in variance.of_deal(number, seats.now()).rows if row.expected}
    assert set(held) <= {MARCH, APRIL} and held[MARCH] == months[MARCH], (
        "what was delivered until it was cancelled stays earned"
    )


def test_the_database_refuses_a_posting_into_a_closed_month(company, march, monkeypatch):
    """Whatever the program believes: here it thinks that no month is closed."""
    closed(company, MARCH)
    monkeypatch.setattr("ledger.queries.periods.closed", dict)
    with refusing() as refused:
        deals.lose(march[1], _reason(march[1]), by=company.by("rep"), on=date(2027, 3, 26))
    assert refused.value.slug == "a-closed-period-takes-no-postings"
    monkeypatch.setattr("ledger.queries.periods.closed", lambda: {MARCH: at(4, 1), APRIL: at(4, 1)})
    with refusing() as refused:
        deals.lose(march[1], _reason(march[1]), by=company.by("rep"), on=date(2027, 3, 26))
    assert refused.value.slug == "a-late-posting-goes-to-the-first-open-month"


def test_nobody_writes_a_period_but_by_an_entry(company, march):
    closed(company, MARCH)
    for statement in ("UPDATE ledger_period SET state = 'soft-closed'", "DELETE FROM reporting_snapshot"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_period_is_as_it_was_at_a_moment(company, march):
    verified()
    reconciled()
    row = closing.prepare(MARCH, by=company.by("finance"))
    closing.sign(MARCH, "sales", row.figures, by=company.by("cro"))
    halfway = seats.now()
    for function in ("operations", "finance"):
        closing.sign(MARCH, function, row.figures, by=company.by(SIGNERS[function]))
    closing.close(MARCH, by=company.by("finance2"))
    now = periods.one(MARCH)
    with moment.known_at(halfway):
        then = periods.one(MARCH)
        assert then.state == "soft-closed" and set(then.signatures) == {"sales"} and query.snapshots(MARCH) == []
    with moment.known_at(seats.now()):
        assert periods.one(MARCH) == now and len(query.snapshots(MARCH)) == 1


def test_a_close_counts_its_bounds_where_the_books_are_kept():
    since, until = query.bounds(MARCH, "America/New_York")
    assert since == datetime.combine(MARCH, time(5), UTC) and until == datetime.combine(APRIL, time(4), UTC)


def test_breaks_of_the_month_shut_the_close_until_they_are_mended(company):
    move_clock(at(3, 2))
    number = walking.booked(company, amount="150000.00", close_on="2027-03-10", start_on="2027-03-12")
    milestones.verify(walking.submitted(company, number, "delivered", "ops"), by=company.by("ops2"))
    move_clock(at(4, 2))
    verified()
    signed(company, MARCH)
    reconciled()
    with refusing() as refused:
        closing.close(MARCH, by=company.by("finance2"))
    with by_the_database("a_period_is_closed_when_its_breaks_are_mended"):
        write("period/2027-03", "period.closed", {"sha256": "0" * 64}, actor=company.people["finance2"].pk)
    (line,) = refused.value.extra["refusals"]
    (broken,) = breaks.open_of([number])[number].values()
    assert line["key"] == "breaks" and line["proof"] == "/breaks/?month=2027-03"
    assert broken.sort == "unbilled" and money.text(broken.amount, "USD") in line["message"]
    due = Stated("invoice", "I-1", date(2027, 4, 1), broken.amount, "USD")
    billing.state(number, due, by=company.by("finance"))
    assert reconciling.recheck(broken.id, by=company.by("finance")).found.cleared_at is not None
    assert closing.close(MARCH, by=company.by("finance2")).state == "closed"


def test_open_deals_that_expect_to_close_in_it_are_said(company, march):
    left = walking.opened(company, amount="1000.00", close_on="2027-03-30", start_on="2027-05-01")
    row = periods.one(MARCH)
    line = next(
        one for one in checklist(query.facts(organisation.company(), row, as_of=seats.now())) if one.key == "expected"
    )
    assert line.met and "1 open deal is still expected in it: USD 1,000.00." in line.sentence
    assert line.proof == "/deals/?close_after=2027-03-01&close_before=2027-03-31" and line.remedy
    assert closed(company, MARCH).state == "closed" and view(left).period == MARCH


def forecast(company, period, at=None):
    asked = Asked(organisation.company(), at or seats.now(), parse(period), past=at is not None)
    whole = asking.tell("forecast", asked).answer
    omitted = asking.tell("called-omitted", asked).answer
    listed = omitted.behind(None, 50)
    assert omitted.count() == len(listed) and sum(row.amount for row in listed) == omitted.value
    return whole.value, omitted.value, sorted(row.deal for row in listed)


def test_what_is_left_open_in_a_closed_month_is_named_told_and_counted_on_by_nobody(company, client):
    move_clock(at(3, 2))
    one, two = (
        walking.opened(company, amount="1000.00", close_on="2027-03-30", start_on="2027-05-01") for _deal in "ab"
    )
    forecasts.submit(one, "best_case", Decimal("0.6"), by=company.by("rep"))
    move_clock(at(4, 2))
    before = seats.now()
    assert forecast(company, "2027-Q1") == (2000_00, 0, [])
    client.force_login(company.person("rep"))
    assert "Still expected in a closed month" not in client.get("/").content.decode()
    move_clock(at(4, 3))
    closed(company, MARCH)
    assert forecast(company, "2027-Q1") == (2000_00, 2000_00, [one, two])
    assert forecast(company, "2027-Q1", before) == (2000_00, 0, []), "the past stays"
    asked = Asked(organisation.company(), seats.now(), parse("2027-Q1"))
    assert asking.tell("best-case-call", asked).answer.value == 0
    entry = next(row for row in entries.timeline("period/2027-03") if row.kind == "period.closed")
    for _time in range(2):
        delivery.tell_left_open(entry.id)
    (told,) = Notice.objects.filter(entry_id=entry.id)
    assert told.person_id == company.people["rep"].pk
    assert (
        told.sentence.startswith("March 2027 is closed. 2 open deals of yours still expect")
        and "2,000" in told.sentence
    )
    assert client.get(told.link).content.decode().count("/deals/D-") >= 2
    assert left_behind.sweep() == 0
    for hours, who, interrupts in ((25, "manager", False), (73, "cro", True)):
        move_clock(at(4, 3) + timedelta(hours=hours))
        assert (left_behind.sweep(), left_behind.sweep()) == (1, 0), "safe twice"
        above = Notice.objects.get(entry_id=entry.id, person_id=company.people[who].pk)
        assert (above.interrupts, "2 open deals below you" in above.sentence) == (interrupts, True)
    for page, words in (
        ("/", "Still expected in a closed month"),
        (f"/deals/D-{one:06d}/", "is closed, and this deal still expects"),
        ("/forecast/?period=2027-Q1", "USD 2,000.00 of open deals that still expect"),
    ):
        assert words in client.get(page).content.decode(), page
    client.force_login(company.person("cfo"))
    assert "2 open deals still expect" in client.get("/periods/2027-03/").content.decode()
    amending.amend(one, {"close_on": "2027-05-10", "start_on": "2027-06-01"}, by=company.by("rep"))
    assert "is closed, and this deal" not in client.get(f"/deals/D-{one:06d}/").content.decode()
    assert forecast(company, "2027-Q1") == (1000_00, 1000_00, [two])
    assert forecast(company, "2027-Q2") == (1000_00, 0, []), "it counts where it is expected now"
    assert "1 open deal still expects" in client.get("/periods/2027-03/").content.decode()
