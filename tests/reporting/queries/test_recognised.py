"""Revenue and backlog at a day: the worked example of the design."""

from datetime import UTC, date, datetime

import pytest
import yaml

from governance.commands import milestones
from pipeline.commands import policies
from pipeline.queries import seats
from reporting.commands import passing
from reporting.queries import recognised
from tests import walking
from tests.company import DEFAULT_POLICY
from tests.walking import move_clock


@pytest.fixture
def equal_months(company):
    """A policy that delivers in equal months, in force."""
    document = yaml.safe_load(DEFAULT_POLICY.read_text())
    drafted = policies.draft({**document, "delivery": {"profile": "monthly"}}, by=company.by("steward"))
    for short, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policies.sign(drafted.version, function, by=company.by(short))


def test_a_quarter_of_twelve_equal_months(company, equal_months):
    number = walking.booked(
        company, amount="120000.00", close_on="2027-12-20", start_on="2028-01-01", delivery_months=12
    )
    row = walking.submitted(company, number, "delivered", "ops")
    milestones.verify(row, by=company.by("ops2"))
    booked = seats.now()
    move_clock(datetime(2028, 4, 1, 1, tzinfo=UTC))
    passing.sweep()
    now = seats.now()
    assert recognised.at(date(2028, 3, 31), now) == (3_000_000, 9_000_000, date(2028, 3, 31))
    assert recognised.at(date(2028, 3, 30), now) == (2_000_000, 10_000_000, date(2028, 2, 29))
    assert recognised.at(date(2028, 3, 31), now, ("west",))[:2] == (0, 0)
    assert recognised.at(date(2028, 3, 31), booked)[:2] == (0, 12_000_000)
