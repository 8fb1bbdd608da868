"""What is remembered of each deal sums to what the present says, read as a past: whoever writes, seals or rolls back.

Seen to fail: the deals behind the seal not read again; the memory moved on inside a transaction that is rolled back.
"""

import random
from contextlib import suppress
from datetime import date

from django.db import connections, transaction

from governance.commands import milestones, reservations
from governance.queries import capacity, heartbeat
from ledger.queries import moment
from ledger.queries.sums_by_deal import SumsByDeal
from ledger.rules.problems import Problem
from pipeline.commands import amending, closing
from tests import walking

FIRST, MONTHS = date(2027, 7, 1), 6


def told():
    by_unit = [capacity.outlook(FIRST, MONTHS, units) for units in (None, ["east"], ["west"])]
    return by_unit, sorted(heartbeat.waiting()), sorted(heartbeat.waiting(["west"]))


def check():
    """The present, from memory and as the views of the past fold it."""
    with moment.known_at(moment.today()):
        past = told()
    assert told() == past
    return past


def act(chance, company, numbers):
    """One thing that somebody does to a deal; a refusal is as good."""
    which = chance.choice(("open", "submit", "submit", "verify", "reserve", "amend", "lose"))
    number, key = chance.choice(numbers), chance.choice(tuple(walking.BEFORE_COMMIT))
    if which == "open":
        more = {"delivery_units": chance.randint(1, 50), "delivery_months": chance.randint(1, 5)}
        numbers.append(walking.solution(company, start_on=f"2027-{chance.randint(4, 11):02d}-01", **more))
    elif which == "submit":
        walking.submitted(company, number, key, walking.BEFORE_COMMIT[key][0])
    elif which == "verify":
        milestones.verify(walking.milestone(number, key), by=company.by(walking.BEFORE_COMMIT[key][1]))
    elif which == "reserve":
        reservations.reserve(number, by=company.by("rep"))
    elif which == "amend":
        amending.amend(number, {"delivery_units": chance.randint(1, 50)}, by=company.by("rep"))
    else:
        closing.lose(number, "price", by=company.by("rep"))


def test_what_is_remembered_of_deals_is_what_they_say(committed_company, sealing, monkeypatch):
    _database, company = committed_company
    for module, name in ((capacity, "_DEMAND"), (heartbeat, "_VALUE")):
        was = getattr(module, name)
        monkeypatch.setattr(was, "_known", None)
    chance, numbers, seen = random.Random("deals"), [walking.solution(company)], []
    for _step in range(70):
        if chance.random() < 0.2:
            sealing()
        try:
            with transaction.atomic():
                act(chance, company, numbers)
                if chance.random() < 0.3:
                    told()
                if chance.random() < 0.15:
                    raise Problem("unwanted", 409, "Taken back", "")
        except Problem:
            numbers = [number for number in numbers if _exists(number)]
        seen.append(check())
    assert capacity._DEMAND._known.size and heartbeat._VALUE._known.size
    assert len({repr(one[1]) for one in seen}) > 3 and len({repr(one[0]) for one in seen}) > 10


def test_what_a_transaction_takes_back_is_not_remembered(committed_company, sealing):
    _database, company = committed_company
    number = walking.solution(company, delivery_units=10, delivery_months=3, start_on="2027-07-01")
    sealing()
    told()
    walking.solution(company)
    sealing()
    with suppress(Problem), transaction.atomic():
        amending.amend(number, {"delivery_units": 49}, by=company.by("rep"))
        told()
        raise Problem("unwanted", 409, "Taken back", "")
    check()


def _exists(number):
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT FROM pipeline_deal WHERE id = %s", [number])
        return cursor.fetchone() is not None


def test_without_a_seal_all_is_read_each_time(company):
    kept = SumsByDeal("SELECT s.deal_id, s.unit, 1 FROM pipeline_dealstate s WHERE true {some}", lambda unit: [(unit,)])
    walking.opened(company)
    before = sum(count for _amount, count in kept.sums().values())
    walking.opened(company)
    assert sum(count for _amount, count in kept.sums().values()) == before + 1
    assert kept._known is None
