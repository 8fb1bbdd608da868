"""Due moments, and what time alone makes true of a milestone."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from governance.rules import deadlines
from ledger.rules.standing import Standing
from pipeline.rules.policy import MilestoneTemplate

ENTERED = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TEMPLATE = MilestoneTemplate("credit", "Credit", "finance", "solution", "stage_entry", offset_days=7, lead_days=4)


def planned(template=TEMPLATE, entered=ENTERED, close=None, start=None, zone="UTC"):
    return deadlines.deadline(template, entered_at=entered, close_on=close, start_on=start, timezone=zone)


def at(day, hour=17):
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def test_due_is_anchor_plus_offset_and_start_is_lead_time_before():
    assert planned() == deadlines.Deadline(start_by=at(23), due_at=at(27))


def test_end_of_work_is_in_the_zone_of_the_unit_also_across_daylight_saving():
    berlin = planned(entered=datetime(2026, 10, 22, 9, tzinfo=UTC), zone="Europe/Berlin")
    assert berlin == deadlines.Deadline(
        start_by=datetime(2026, 10, 25, 16, tzinfo=UTC), due_at=datetime(2026, 10, 29, 16, tzinfo=UTC)
    )
    assert planned(entered=datetime(2026, 10, 20, 9, tzinfo=UTC), zone="Europe/Berlin").start_by == datetime(
        2026, 10, 23, 15, tzinfo=UTC
    )


@pytest.mark.parametrize(("entered", "earliest"), [(at(20, 9), at(20)), (at(20, 17), at(21)), (at(20, 18), at(21))])
def test_no_deadline_is_in_the_past(entered, earliest):
    close = date(2026, 11, 1)
    anchored = replace(TEMPLATE, anchor="expected_close", offset_days=0)
    assert planned(anchored, entered=entered, close=close) == deadlines.Deadline(earliest, earliest)


STANDING = Standing("credit", "unmet", "planned", start_by=at(23), due_at=at(27), first_due_at=at(27))
LATE, MISSED = "milestone.started_late", "milestone.missed"


@pytest.mark.parametrize(
    ("standing", "now", "expected"),
    [
        (STANDING, at(23) - timedelta(microseconds=1), ()),
        (STANDING, at(23), (LATE,)),
        (STANDING, at(27) - timedelta(microseconds=1), (LATE,)),
        (STANDING, at(27), (LATE, MISSED)),
        (replace(STANDING, late_at=at(23)), at(24), ()),
        (replace(STANDING, late_at=at(23)), at(27), (MISSED,)),
        (replace(STANDING, status="started"), at(26), ()),
        (replace(STANDING, status="submitted"), at(27), (MISSED,)),
        (replace(STANDING, status="rejected"), at(28), (MISSED,)),
        (replace(STANDING, missed_at=at(27)), at(29), ()),
        (replace(STANDING, start_by=at(27)), at(27), (MISSED,)),
        (replace(STANDING, effect="met", status="verified"), at(29), ()),
        (replace(STANDING, status="released"), at(29), ()),
        (replace(STANDING, due_at=None), at(29), ()),
    ],
)
def test_what_time_makes_true(standing, now, expected):
    assert deadlines.notes(standing, now) == expected
