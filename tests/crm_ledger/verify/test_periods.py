"""What came late into a closed month stands where the rules carry it, and its closing is judged again."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from crm_ledger.verify import rebuild, run
from ledger.queries.periods import stream_of
from pipeline.commands import advancing, closing
from pipeline.queries import policies
from reporting.commands import billing
from reporting.commands import closing as months
from reporting.rules.billing import Stated
from reporting.rules.closing import digest
from tests import walking
from tests.closing import closed
from tests.forging import write
from tests.walking import move_clock, view

MARCH, APRIL = date(2027, 3, 1), date(2027, 4, 1)


@pytest.fixture(scope="module")
def lived():
    return []


@pytest.fixture
def company(committed_company, lived):
    """A year in which March is closed, corrected and restated."""
    company = committed_company[1]
    if not lived:
        move_clock(datetime(2027, 3, 2, 9, tzinfo=UTC))
        gone = walking.booked(company, close_on="2027-03-20", start_on="2027-03-25")
        late = walking.opened(company, close_on="2027-03-20", start_on="2027-03-25")
        began = walking.ready(company, close_on="2027-03-20", start_on="2027-03-21")
        move_clock(datetime(2027, 4, 2, 9, tzinfo=UTC))
        due = Stated("invoice", "I-1", date(2027, 4, 1), 7_608_70, "USD")  # what was delivered from 25 to 31 March
        billing.state(gone, due, by=company.by("finance"))
        closed(company, MARCH)
        reason = policies.version(view(gone).policy_version).loss_reasons[0]
        closing.lose(gone, reason, by=company.by("rep"), on=date(2027, 3, 26))
        assert advancing.advance(late, "solution", by=company.by("rep")).passed
        walking.attested(company, began)
        assert view(began).place == "booked"
        for function, short in (("finance", "cfo"), ("sales", "cro")):
            months.restate(MARCH, function, "A cancellation came late", by=company.by(short))
        lived.append(True)
    return company


def broken():
    connection.close()
    found = run.verify()
    return {
        (one.place.split(", ")[-1], one.fact)
        for name in ("completeness", "lawfulness")
        for one in found[name].violations
    }


def test_a_closed_month_with_late_facts_holds(company):
    assert broken() == set()
    connection.close()
    assert list(rebuild.differences()) == []


def test_what_the_database_lets_through_is_judged_again(company):
    """Figures under a fingerprint that is not theirs: only whoever reads the record sees it."""
    figures = [{"unit": "east", "measure": "bookings", "amount_minor": 1}]
    with transaction.atomic():
        move_clock(datetime(2027, 5, 2, 9, tzinfo=UTC))
        body = {"sha256": digest(figures), "figures": [*figures, *figures]}
        write(stream_of(APRIL), "period.prepared", body, actor=company.people["finance"].pk)
    assert ("period.prepared", "figures") in broken()
