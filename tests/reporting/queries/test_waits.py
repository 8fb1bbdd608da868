"""Waits by gate and function: what entries say, at any moment, in one query."""

import html
import re
from datetime import timedelta
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.commands import milestones, turns
from ledger.queries import moment
from ledger.rules import moments
from pipeline.queries import organisation, seats
from reporting.queries import waits
from reporting.queries.measuring import Asked
from reporting.rules import periods
from tests import walking
from tests.programs import Program


def period():
    return periods.parse(str(seats.now().year))


def found(at=None, **more):
    now = seats.now()
    asked = Asked(organisation.company(), at or now, period(), past=at is not None, **more)
    return waits.waits(asked, now - timedelta(days=30), now + timedelta(days=30))


def waited(company, days, key="credit-approved"):
    """A milestone that somebody else verifies some days after it was submitted."""
    preparer, verifier = walking.BEFORE_COMMIT[key]
    number = walking.solution(company)
    row = walking.submitted(company, number, key, preparer)
    walking.move_clock(seats.now() + timedelta(days=days))
    milestones.verify(row, by=company.by(verifier))
    return row


def test_the_median_from_submission_to_verification(company):
    for days in (1, 2, 6):
        waited(company, days)
    (wait,) = found()
    assert (wait.stage, wait.function, wait.verified, wait.median_days) == ("commit", "finance", 3, Decimal("2.0"))
    assert found(units=("west",)) == []


def test_the_past_knows_what_was_verified_by_then(company):
    waited(company, 1)
    before = seats.now()
    waited(company, 5)
    assert [(wait.verified, wait.median_days) for wait in found()] == [(2, Decimal("3.0"))]
    for at in (found(before),):
        assert [(wait.verified, wait.median_days) for wait in at] == [(1, Decimal("1.0"))]
    with moment.known_at(before):
        assert [wait.verified for wait in found(before)] == [1]


def test_what_was_undone_was_never_verified(company):
    row = waited(company, 1)
    before = seats.now()
    turns.undo(row, by=company.by(walking.BEFORE_COMMIT["credit-approved"][1]))
    assert found() == []
    assert [wait.verified for wait in found(before)] == [1]


def test_a_rejected_submission_does_not_count_its_first_wait(company):
    preparer, verifier = walking.BEFORE_COMMIT["credit-approved"]
    number = walking.solution(company)
    row = walking.submitted(company, number, "credit-approved", preparer)
    walking.move_clock(seats.now() + timedelta(days=4))
    milestones.reject(row, "The sum is missing", by=company.by(verifier))
    milestones.submit(row, by=company.by(preparer))
    walking.move_clock(seats.now() + timedelta(days=1))
    milestones.verify(row, by=company.by(verifier))
    assert [(wait.verified, wait.median_days) for wait in found()] == [(1, Decimal("1.0"))]


def test_the_wait_rests_with_a_question_and_not_with_a_hand_over(company):
    """Submitted on Monday, asked a day later, answered five days after that, handed to a colleague, verified in two
    more: three days were the verifier's. Until then nothing has been verified, however long it lies there."""
    preparer, verifier = walking.BEFORE_COMMIT["credit-approved"]
    row = walking.submitted(company, walking.solution(company), "credit-approved", preparer)

    def after(days, act=None, *said, by=verifier, **more):
        if days:
            walking.move_clock(seats.now() + timedelta(days=days))
        if act:
            act(row, *said, by=company.by(by), **more)
        return [(wait.stage, wait.function, wait.verified, wait.median_days) for wait in found()]

    assert after(1, turns.ask, "Which limit?") == []
    assert after(5) == []
    assert after(0, turns.answer, "Of March", by=preparer) == []
    assert after(1, turns.hand_over, company.by(verifier).person) == []
    assert after(1, milestones.verify) == [("commit", "finance", 1, Decimal("3.0"))]
    assert after(9) == [("commit", "finance", 1, Decimal("3.0"))]


def test_one_query_for_many_and_none_when_it_is_remembered(company):
    counted = []
    for _ in range(2):
        waited(company, 1)
        with CaptureQueriesContext(connection) as queries:
            found()
        counted.append(sum("milestone.verified" in one["sql"] for one in queries))
    assert counted == [1, 1]


def test_page_and_program_say_the_same(company):
    waited(company, 3)
    (said,) = Program(company, "cfo").get(f"/forecast/?period={period().name}").json()["waits"]
    assert said == {"gate": "commit", "function": "finance", "verified": 1, "median_days": "3.0"}
    client = Client()
    client.force_login(company.person("cfo"))
    page = client.get(f"/forecast/?period={period().name}").content.decode()
    table = page[page.index("How long functions took") :]
    one, days = re.search(r'Finance</a></td><td class="num">(.*?)</td><td class="num">(.*?)</td>', table).groups()
    assert ">1</a>" in one and ">3.0</a>" in days
    listed = client.get(html.unescape(re.search(r'href="([^"]+)"', one)[1])).content.decode()
    assert "3.0 days" in listed and "Verified for the gate of Commit" in listed
    past = client.get(f"/forecast/?period={period().name}&as_of={moments.text(seats.now() - timedelta(days=2))}")
    assert "How long functions took" not in past.content.decode()
