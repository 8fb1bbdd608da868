"""Variance computed again from the record is what the book holds, until days pass that nobody has looked at."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from governance.commands import deadlines
from reporting.commands import passing
from reporting.queries import recomputing
from tests import walking
from tests.walking import move_clock


@pytest.fixture
def deal(company):
    return walking.booked(company, amount="360000.00", close_on="2028-03-01", start_on="2028-04-01", delivery_months=12)


def test_a_book_that_was_kept_differs_in_nothing(deal):
    assert recomputing.recompute() == (1, [])
    move_clock(datetime(2028, 4, 3, 9, tzinfo=UTC))
    deadlines.sweep()
    passing.sweep()
    assert recomputing.recompute() == (1, []), "after a miss that moved money"


def test_a_day_that_nobody_has_looked_at_differs_until_it_is_followed(deal):
    move_clock(datetime(2028, 4, 3, 9, tzinfo=UTC))
    assert recomputing.recompute() == (1, [deal]), "the installation is overdue and nothing was noted"
    deadlines.sweep()
    move_clock(datetime(2028, 4, 9, 9, tzinfo=UTC))
    assert recomputing.recompute() == (1, [deal]), "the estimate has moved with the days"
    passing.sweep()
    assert recomputing.recompute() == (1, [])


def test_processes_share_the_deals(deal):
    parts = [recomputing.recompute(part, 2) for part in range(2)]
    assert sorted(one.deals for one in parts) == [0, 1]


def test_the_command_names_what_differs(deal, capsys):
    move_clock(datetime(2028, 4, 3, 9, tzinfo=UTC))
    call_command("recompute_variance")
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["deals"], said["differing"], len(said["first"])) == (1, 1, 1)


def test_a_share_that_is_none_is_refused(capsys):
    with pytest.raises(SystemExit):
        call_command("recompute_variance", part=2, of=2)
    assert "give one from 0 to 1" in capsys.readouterr().err
