"""The integrity of totals: kept by measuring, the same at a moment for ever, and the sum of its deals."""

from datetime import timedelta

import pytest
from django.db import connection

from governance.commands import milestones
from ledger.rules.postings import BOOKED
from pipeline.commands import amending
from pipeline.queries import seats
from pipeline.rules import quality
from reporting.commands.integrity import measuring
from reporting.models import Integrity
from reporting.queries import integrity
from tests import walking
from tests.walking import move_clock

PIPELINE = tuple(f"pipeline/{stage}" for stage in ("qualify", "solution", "commit"))


def of_pipeline(**more):
    return integrity.score(as_of=seats.now(), places=PIPELINE, **more).score


def kept(number):
    return Integrity.objects.get(pk=number)


@pytest.fixture
def measured(company):
    number = walking.opened(company)
    assert measuring.catch_up() == 1
    return number


def test_a_deal_is_measured_once_for_each_state(measured):
    assert kept(measured).score == 100
    assert measuring.catch_up() == 0


def test_a_total_is_weighted_by_amount(company, measured):
    """100,000 at 100 and 300,000 that gives three of its four inputs, so 93."""
    other = walking.opened(company, amount="300000.00", need="")
    measuring.catch_up()
    assert kept(other).score == 93 and kept(other).parts[0] == ["inputs", 3, 4, ["need"]]
    assert of_pipeline() == (100 * 1 + 93 * 3) // 4 == 94
    assert of_pipeline(units=["west"]) is None
    assert [one.deal for one in integrity.lowest(places=PIPELINE)] == [other]


def test_what_was_measured_by_a_moment_stays_as_it_was(company, measured):
    before = seats.now()
    move_clock(before + timedelta(hours=1))
    amending.amend(measured, {"need": ""}, by=company.by("rep"))
    measuring.catch_up()
    assert of_pipeline() == 93
    assert integrity.score(as_of=before, places=PIPELINE).score == 100
    assert integrity.score(as_of=before - timedelta(days=1), places=PIPELINE).score is None


def test_the_days_are_the_sums_of_the_moves(company, measured):
    move_clock(seats.now() + timedelta(days=3))
    amending.amend(measured, {"amount": "250000.00", "need": ""}, by=company.by("rep"))
    measuring.catch_up()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT place, period, unit, sum(value), sum(worth) FROM reporting_integritymove GROUP BY 1, 2, 3"
            " EXCEPT SELECT place, period, unit, sum(value), sum(worth) FROM reporting_integrityday GROUP BY 1, 2, 3"
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT place, sum(value), sum(worth) FROM reporting_integritymove GROUP BY 1 HAVING sum(value) <> 0"
            " EXCEPT SELECT place, sum(value), sum(value * score) FROM reporting_integrity GROUP BY 1"
        )
        assert cursor.fetchall() == []


def test_time_alone_takes_freshness_and_the_sweep_sees_it(measured):
    due = kept(measured).again_at
    assert due is not None and measuring.sweep() == 0
    move_clock(due)
    assert measuring.sweep() == 1
    assert kept(measured).score < 100 and kept(measured).again_at != due


def test_a_deal_that_is_booked_leaves_the_pipeline_and_stands_in_booked(company):
    number = walking.booked(company)
    measuring.catch_up()
    found = integrity.score(as_of=seats.now())
    assert (found.score, found.value) == (100, 100_000_00)
    assert of_pipeline() is None
    assert kept(number).place == BOOKED


def test_what_was_revoked_shows(company):
    number = walking.commit(company)
    walking.verified(company, number, "contract-signed")
    milestones.revoke(walking.milestone(number, "credit-approved"), "Their bank has called", by=company.by("finance"))
    measuring.catch_up()
    assert ["milestones", 2, 3, ["credit-approved"]] in kept(number).parts
    assert of_pipeline() == 91  # 25 × 2/3


def test_the_same_text_on_three_deals_of_one_person_is_junk(company, monkeypatch):
    """Whatever door let it in, here one that allows more, it is found where it stands, however it is spaced."""
    monkeypatch.setattr(quality, "REPEATS_ALLOWED", 9)
    texts = ("They want it  all now", "they want it all now", "They want it\u00a0all NOW ")
    numbers = [walking.opened(company, need=text) for text in texts]
    other = walking.opened(company, need="They want it in March")
    measuring.catch_up()
    assert {kept(number).score for number in numbers} == {93}
    assert kept(numbers[0]).parts[0] == ["inputs", 3, 4, ["need"]]
    assert kept(other).score == 100
