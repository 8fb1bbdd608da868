"""The ladder, the gravity and the duties of an alert, by example and by property."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules import alert as rules
from governance.rules import alert_replay, at_stake
from governance.rules.alert import Alert
from ledger.rules.actor import Actor
from ledger.rules.postings import BOOKED
from ledger.rules.replay import Entry
from ledger.rules.standing import Standing
from pipeline.rules.calendar import Calendar
from pipeline.rules.policy import Delivery, MilestoneTemplate
from pipeline.rules.replay import Organisation
from pipeline.rules.seats import SeatView
from tests.pipeline.rules.cases import POLICY, deal

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
DUE = NOON + timedelta(days=5)


def alert(**changes):
    known = {
        "id": 77, "about": "milestone/3/1", "subject": "milestone", "milestone": 3, "deal": 4, "key": "credit-approved",
        "function": "finance", "unit": "east", "owner_seat": 9, "counterpart": "sales", "missed_at": NOON,
        "opened_at": NOON, "due_at": DUE, "severity": "high", "warned_at": None, "stake": (), "stake_minor": 0,
        "currency": "USD", "state": "committed", "rung": 0, "rung_at": NOON, "next_at": None, "acknowledged_by": 1,
        "explained_by": 2, "committed_by": 3,
    }  # fmt: skip
    return Alert(**{**known, **changes})


def test_unanswered_it_climbs_after_a_day_and_after_three():
    first = rules.next_at("open", 0, NOON, DUE, NOON)
    assert first == NOON + timedelta(hours=24)
    assert rules.next_at("open", 1, first, DUE, first) == NOON + timedelta(hours=72)
    assert rules.next_at("open", 2, NOON + timedelta(hours=72), DUE, NOON) is None


def test_acknowledged_it_rests_until_it_is_due_and_then_climbs_on():
    assert rules.next_at("acknowledged", 0, NOON, DUE, NOON) == DUE
    assert rules.next_at("explained", 0, NOON, DUE, NOON) == DUE
    late = DUE + timedelta(minutes=1)
    assert rules.next_at("acknowledged", 1, late, DUE, late) == late + timedelta(hours=48)


def test_a_promise_is_looked_at_when_its_day_is_over_and_what_is_closed_never():
    end = NOON + timedelta(days=30)
    assert rules.next_at("committed", 2, NOON, DUE, NOON, end) == end
    assert rules.next_at("closed", 0, NOON, DUE, NOON) is None


@given(st.sampled_from(rules.STATES[:3]), st.integers(0, 1), st.timedeltas(timedelta(), timedelta(days=90)))
def test_the_next_look_is_always_to_come_when_it_has_just_been_looked_at(state, rung, later):
    now = NOON + later
    found = rules.next_at(state, rung, now, DUE, now)
    assert found is not None and found > now


def test_the_money_of_an_alert_is_what_its_own_milestone_moves_and_no_more():
    """The design's installation, 45 days late by the estimate of 2 May; training moves by 15 of the same days."""
    template = MilestoneTemplate(
        "installation", "Installation", "operations", "booked", "delivery_start", 0, 14, blocks=True
    )
    training = replace(template, key="training", float_days=30)
    policy = replace(
        POLICY, delivery=Delivery(), milestones={"installation": replace(template, float_days=0), "training": training}
    )
    booked = deal(value_minor=36_000_000, place=BOOKED, start_on=date(2025, 4, 1), inputs={"delivery_months": 12})
    due, now = datetime(2025, 4, 1, 17, tzinfo=UTC), datetime(2025, 5, 2, 9, tzinfo=UTC)
    alone = {"installation": Standing("installation", "unmet", "started", due_at=due, first_due_at=due)}
    both = alone | {"training": replace(alone["installation"], key="training")}

    def stake(standings, key):
        return {
            part.period: part.amount_minor for part in at_stake.of(policy, booked, standings, key, now, "UTC", {}).parts
        }

    assert stake(alone, "installation") == {date(2025, 4, 1): 2_958_904, date(2025, 5, 1): 1_479_452}
    assert stake(both, "training") == {}, "behind the installation it moves nothing more"
    assert stake(both, "installation") == {date(2025, 4, 1): 1_479_452, date(2025, 5, 1): 1_479_452}
    within = replace(policy, milestones={"installation": replace(template, float_days=45)})
    assert at_stake.of(within, booked, alone, "installation", now, "UTC", {}).parts == []


def test_the_headline_does_not_add_what_offsets_itself():
    shift = [{"amount_minor": minor} for minor in (-2_958_904, -1_479_452, 2_958_904, 1_479_452)]
    assert rules.at_stake(shift) == 4_438_356
    assert rules.at_stake([{"amount_minor": 25_000_000}]) == 25_000_000
    assert rules.at_stake([]) == 0


@pytest.mark.parametrize(
    ("stake", "warned", "grade"),
    [(100, False, "high"), (100, True, "medium"), (99, False, "medium"), (1, True, "low"), (0, False, "low"),
     (0, True, "low")],
)  # fmt: skip
def test_early_bad_news_lowers_the_severity(stake, warned, grade):
    assert rules.severity(stake, 100, warned=warned) == grade


def test_a_warning_is_early_on_a_day_before():
    berlin = Calendar("Europe/Berlin")
    due = datetime(2026, 11, 10, 16, tzinfo=UTC)
    assert rules.is_early(datetime(2026, 11, 9, 22, 59, tzinfo=UTC), due, berlin)
    assert not rules.is_early(datetime(2026, 11, 9, 23, 1, tzinfo=UTC), due, berlin), "that is the tenth in Berlin"
    assert not rules.is_early(None, due, berlin)


def test_a_promise_has_a_last_day_and_says_it():
    today = NOON.date()
    last = date(2026, 12, 31)
    assert rules.latest_promise(NOON, Calendar()) == last
    assert rules.promise_faults(last, "we hire", alert(), today, Calendar()) == []
    (late,) = rules.promise_faults(date(2027, 1, 1), "we hire", alert(), today, Calendar())
    assert late.code == "ALERT-4" and "2026-12-31" in late.message
    codes = [fault.code for fault in rules.promise_faults(today, " ", alert(), today, Calendar())]
    assert codes == ["ALERT-3", "ALERT-5"]


@pytest.mark.parametrize(
    ("person", "seat", "code"),
    [
        (1, SeatView(1, "finance", "east", "lead"), "SOD-16"),
        (3, SeatView(1, "sales", "east", "rep"), "SOD-16"),
        (9, SeatView(9, "finance", None, "lead"), "SOD-17"),
        (5, SeatView(1, "finance", "west", "lead"), "SOD-18"),
        (5, SeatView(1, "operations", "east", "lead"), "SOD-18"),
        (5, SeatView(1, "finance", None, "lead"), None),
        (5, SeatView(1, "sales", "east", "manager"), None),
    ],
)
def test_somebody_else_of_either_side_verifies(person, seat, code):
    refusal = rules.verifying(Actor(person, "web"), [seat], alert(), 9)
    assert (refusal.code if refusal else None) == code


ABOUT = "capacity/east/2027-01/2027-Q1"
SEEN = {"month": "2027-01-01", "available": 1000, "limit": 950, "taken": 880, "projected": 264, "over": 194,
        "fulfillable": 70}  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "at", "wrong"),
    [
        (SEEN, DUE, []),
        (None, DUE, ["capacity"]),
        ({**SEEN, "projected": 70, "over": 0}, DUE, ["capacity"]),
        ({**SEEN, "over": 193}, DUE, ["capacity"]),
        ({**SEEN, "month": "2027-02-01"}, DUE, ["capacity"]),
        (SEEN, datetime(2027, 2, 1, tzinfo=UTC), ["capacity"]),
    ],
)
def test_the_clock_says_what_it_saw_when_it_opens_an_alert_of_capacity_again(seen, at, wrong):
    was = alert(subject="capacity", about=ABOUT, milestone=None, deal=None, rung=1, next_at=DUE)
    body = {"because": "plan-missed", "rung": 2, "next": None} | ({"capacity": seen} if seen else {})
    columns = (5, "alert/77", 6, "alert.reopened", 0, at, at, None, None, None, None, b"", b"")
    entry = Entry(*columns, {"body": body, "on_behalf": None})
    found = alert_replay.act(was, entry, Organisation(zones={"east": "UTC"}))
    assert [one.fact for one in found] == wrong
