"""The bridge of the record: over random histories it adds up, and it is what a person counts deal by deal."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from governance.commands import milestones
from ledger.rules.problems import Problem
from pipeline.commands import amending, closing, organisation
from pipeline.queries import organisation as companies
from pipeline.queries import seats
from reporting.queries import asking, bridge
from reporting.queries.measuring import Asked
from reporting.rules import periods
from reporting.rules.bridge import Ends, split
from tests import walking
from tests.company import SETUP

ACTS = ("amount", "currency", "slip", "pull", "transfer", "back", "lose", "reopen", "win", "unbook", "rate")


def asked(**more):
    return Asked(companies.company(), more.pop("as_of", seats.now()), **more)


def step():
    """A moment after everything so far."""
    return walking.move_clock(seats.now() + timedelta(minutes=1))


class Deals:
    """A few deals, and what may happen to one of them; a refusal is no event."""

    def __init__(self, company):
        self.company = company
        self.close = (seats.now() + timedelta(days=40)).date()
        organisation.publish_rate("EUR", date(2020, 1, 1), Decimal("1.10"), by=SETUP)
        self.numbers, self.rates = [], 0

    def open(self, currency="USD"):
        number = walking.opened(self.company, currency=currency, amount="1000.07", close_on=str(self.close),
                                start_on=str(self.close + timedelta(days=30)))  # fmt: skip
        self.numbers.append(number)
        return number

    def do(self, at, act):
        number = self.numbers[at % len(self.numbers)]
        view, by = walking.view(number), self.company.by
        owner = by("rep" if view.unit == "east" else "rep_west")
        try:
            with transaction.atomic():
                if act == "amount":
                    amending.amend(number, {"amount": f"{800 + at}.11", "currency": view.currency}, by=owner)
                elif act == "currency":
                    other = "EUR" if view.currency == "USD" else "USD"
                    amending.amend(number, {"amount": "900.50", "currency": other}, by=owner)
                elif act in ("slip", "pull"):
                    days = 70 if act == "slip" else -70
                    close = view.close_on + timedelta(days=days)
                    start = close + timedelta(days=30)
                    amending.amend(number, {"close_on": str(close), "start_on": str(start)}, by=owner)
                elif act in ("transfer", "back"):
                    seat = self.company.seats["rep_west" if act == "transfer" else "rep"]
                    closing.assign(number, seat, by=by("manager" if view.unit == "east" else "manager_west"))
                elif act == "lose":
                    closing.lose(number, "price", by=owner)
                elif act == "reopen":
                    closing.reopen(number, "They call again", by=owner)
                elif act == "win":
                    self.numbers.append(walking.booked(self.company, close_on=str(self.close),
                                        start_on=str(self.close + timedelta(days=30))))  # fmt: skip
                elif act == "unbook":
                    row = walking.milestone(number, "capacity-confirmed")
                    milestones.revoke(row, "Sold twice", by=by("ops2"))
                elif act == "rate":
                    self.rates += 1
                    rate = Decimal("1.10") + Decimal("0.013") * self.rates
                    organisation.publish_rate("EUR", seats.now().date(), rate, by=SETUP)
        except (Problem, StopIteration):
            pass
        step()


def counted(since, until, period, units):
    """Deal by deal from the postings, as one would with a spreadsheet: value before and after, and why."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT deal_id, entry_id, recorded_at, cause, amount FROM ledger_posting WHERE book = 'bookings'"
            " AND place LIKE 'pipeline/%%' AND recorded_at <= %s AND period >= %s AND period < %s AND unit = ANY (%s)"
            " ORDER BY entry_id",
            [until, period.first if period else date(1900, 1, 1), period.until if period else date(9000, 1, 1), units],
        )
        rows = cursor.fetchall()
    before, after, events = {}, {}, {}
    for deal, entry, at, cause, amount in rows:
        after[deal] = after.get(deal, 0) + amount
        if at <= since:
            before[deal] = before.get(deal, 0) + amount
        else:
            event = events.setdefault((deal, entry), {"delta": 0, "crossing": 0, "why": ""})
            event["delta"] += amount
            if cause not in ("amount", "currency"):
                event["crossing"] += amount
                event["why"] = cause
    buckets, turnover = {}, sum(abs(event["delta"]) for event in events.values())
    for deal in after:
        was, now = before.get(deal, 0), after[deal]
        crossings = [event for (one, _), event in sorted(events.items()) if one == deal and event["crossing"]]
        if was and now:
            for name, part in split(Ends(was, now, *amounts(deal, since, until))).items():
                buckets[name] = buckets.get(name, 0) + part
        elif was:
            name = {"transfer": "transferred", "pulled_in": "pulled_out"}.get(
                crossings[-1]["why"], crossings[-1]["why"]
            )
            buckets[name] = buckets.get(name, 0) - was
        elif now:
            fresh = any(event["why"] == "new" for event in crossings)
            why = "new" if fresh else crossings[-1]["why"]
            name = {"transfer": "transferred", "slipped": "slipped_in", "return": "returned"}.get(why, why)
            buckets[name] = buckets.get(name, 0) + now
    return sum(before.values()), sum(after.values()), buckets, turnover


def amounts(deal, *moments):
    found = []
    for moment in moments:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT amount_minor FROM ledger_entry WHERE stream = %s AND stage IS NOT NULL AND recorded_at <= %s"
                " ORDER BY seq DESC LIMIT 1",
                [f"deal/{deal}", moment],
            )
            found.append(Decimal(cursor.fetchone()[0]).scaleb(-2))
    return found


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=some.lists(some.tuples(some.integers(0, 3), some.sampled_from(ACTS)), max_size=4),
    within=some.lists(some.tuples(some.integers(0, 5), some.sampled_from(ACTS)), min_size=2, max_size=9),
    fresh=some.integers(0, 2),
)
def test_it_adds_up_and_is_what_one_counts(company, before, within, fresh):
    with transaction.atomic():
        deals = Deals(company)
        for currency in ("USD", "EUR", "EUR"):
            deals.open(currency)
        for at, act in before:
            deals.do(at, act)
        since = step()
        for _ in range(fresh):
            step()
            deals.open("EUR")
        for at, act in within:
            deals.do(at, act)
        until = step()
        quarter = periods.quarter_of(deals.close)
        for period in (None, quarter):
            for units in (None, ("east",), ("west",)):
                question = asked(as_of=until, period=period, units=units, by=("unit", "function"))
                found = bridge.between(question, since)
                expected = counted(since, until, period, list(units or ("east", "west")))
                whole = found.whole
                assert (whole.opening, whole.closing) == expected[:2]
                assert {name: amount for name, amount in whole.buckets.items() if amount} == {
                    name: amount for name, amount in expected[2].items() if amount
                }
                assert whole.rest == 0 and whole.turnover == expected[3] and whole.gross_churn >= 0
                assert all(unit.rest == 0 for unit in found.units.values())
                assert sum(unit.closing for unit in found.units.values()) == whole.closing
                sums = [one for part in found.functions.values() for one in part.buckets.values()]
                assert sum(sums) == whole.closing - whole.opening
                for name, amount in whole.steps():
                    deals_behind = bridge.behind(question, since, name)
                    assert sum(one.amount for one in deals_behind) == amount
                    assert len([one for one in deals_behind if one.amount]) == whole.deals[name]
                for name, amount in ((bridge.NET, whole.closing - whole.opening), (bridge.TURNOVER, whole.turnover)):
                    assert sum(one.amount for one in bridge.behind(question, since, name, limit=999)) == amount
                for function, part in found.functions.items():
                    for name, amount in part.buckets.items():
                        listed = bridge.behind(question, since, name, function=function)
                        assert sum(one.amount for one in listed) == amount, (function, name)
                for name, parts in whole.within.items():
                    assert sum(parts.values()) == whole.buckets[name]
                for moment, value in ((since, whole.opening), (until, whole.closing)):
                    tile = asking.tell("pipeline", asked(as_of=moment, period=period, units=units, past=True))
                    assert tile.answer.value == value
        transaction.set_rollback(True)


def test_a_round_trip_is_nothing_but_churn(company):
    deals = Deals(company)
    deals.open()
    since = step()
    deals.do(0, "lose")
    deals.do(0, "reopen")
    found = bridge.between(asked(), since).whole
    assert found.steps() == [] and found.opening == found.closing == 1000_07
    assert found.gross_churn == 2 * 1000_07


def test_the_example_of_the_design(company):
    """In thousands, through the product's own acts: opening 1,000, closing 683.6."""
    deals = Deals(company)
    quarter = periods.quarter_of(deals.close)
    beyond = {"close_on": str(quarter.until + timedelta(days=9)), "start_on": str(quarter.until + timedelta(days=40))}

    def open_one(amount, currency="USD", **more):
        near = {"close_on": str(deals.close), "start_on": str(deals.close + timedelta(days=30))}
        return walking.opened(company, amount=amount, currency=currency, **{**near, **more})

    lost, slips = open_one("150000"), open_one("100000")
    euro = open_one("300000", "EUR")
    open_one("220000")
    far = open_one("60000", **beyond)
    won = walking.ready(company, amount="200000", close_on=str(deals.close),
                        start_on=str(deals.close + timedelta(days=30)))  # fmt: skip
    since = step()
    rep = company.by("rep")
    walking.attested(company, won)
    closing.lose(lost, "price", by=rep)
    amending.amend(slips, beyond, by=rep)
    organisation.publish_rate("EUR", seats.now().date(), Decimal("1.12"), by=SETUP)
    amending.amend(euro, {"amount": "280000", "currency": "EUR"}, by=rep)
    open_one("90000")
    near = {"close_on": str(deals.close), "start_on": str(deals.close + timedelta(days=30))}
    amending.amend(far, near, by=rep)
    found = bridge.between(asked(period=quarter), since).whole
    thousand = 1000_00
    assert (found.opening, found.closing) == (1000 * thousand, 683_600_00)
    assert found.buckets == {
        "won": -200 * thousand, "lost": -150 * thousand, "slipped": -100 * thousand, "amount": -22 * thousand,
        "currency": 5_600_00, "new": 90 * thousand, "pulled_in": 60 * thousand,
    }  # fmt: skip
    assert found.gross_churn == (200 + 150 + 100 + 90 + 60) * thousand + 16_400_00 - 316_400_00


@pytest.mark.parametrize("many", [1, 3])
def test_as_many_queries_for_three_deals_as_for_one(company, many, django_assert_num_queries):
    deals = Deals(company)
    for _ in range(many):
        deals.open("EUR")
    since = step()
    for at in range(many):
        deals.do(at, "amount")
    question = asked()
    with django_assert_num_queries(7):
        assert len(bridge.between(question, since).whole.steps()) >= 1
