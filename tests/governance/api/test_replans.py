"""POST /milestones/{id}/replans/ and recovery dates: previewed by GET, and what was previewed is what comes."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from governance.commands import deadlines
from governance.queries import alerts
from pipeline.queries.deals import ref_of
from tests import walking
from tests.programs import Program
from tests.walking import move_clock


@pytest.fixture
def deal(company):
    return walking.booked(company, amount="360000.00", close_on="2028-03-01", start_on="2028-04-01", delivery_months=12)


def variance(program, deal):
    rows = program.get(f"/variance/?deal={ref_of(deal)}").json()["rows"]
    return {row["period"]: row["variance"] for row in rows if row["variance"] != "0.00"}


def refused(program, address, body, status):
    """What a refusal says; nothing of it stays."""
    with transaction.atomic():
        said = program.post(address, body, status).json()
        transaction.set_rollback(True)
    return said


def test_a_re_plan_is_previewed_and_then_made(company, deal):
    ops, row = Program(company, "ops"), walking.milestone(deal, "delivered")
    address = f"/milestones/{row}/replans/"
    told = ops.get(f"{address}?due=2028-05-16").json()
    assert (told["moved_out"], told["life"], told["starts_on"], told["deals"]) == ("44383.56", "0.00", "2028-05-16", 1)
    assert variance(ops, deal) == {}, "a preview moves nothing"
    made = ops.post(address, {"due": "2028-05-16", "note": "the supplier is late"}).json()
    assert made["due"] == "2028-05-16T17:00:00.000000Z"
    assert variance(ops, deal) == {one["period"]: one["then"] for one in told["rows"]}
    [cause] = [part for one in ops.get(f"/variance/?deal={ref_of(deal)}").json()["rows"][:1] for part in one["causes"]]
    assert (cause["milestone"], cause["slip_days"], cause["system_estimate"]) == ("delivered", 45, False)


def test_faults_name_their_field(company, deal):
    ops, rep, row = Program(company, "ops"), Program(company, "rep"), walking.milestone(deal, "delivered")
    address = f"/milestones/{row}/replans/"
    assert ops.get(f"{address}?due=soon", 422).json()["errors"][0]["pointer"] == "/due"
    told = refused(ops, address, {"due": "2020-01-01", "note": "no "}, 422)
    assert [fault["code"] for fault in told["errors"]] == ["REPLAN-2", "REPLAN-5"]
    assert "Ops" in refused(rep, address, {"due": "2028-05-16", "note": "please"}, 403)["detail"]


def test_a_commitment_answers_with_its_effect(company, deal):
    ops, row = Program(company, "ops"), walking.milestone(deal, "delivered")
    move_clock(datetime(2028, 4, 1, 17, tzinfo=UTC))
    deadlines.sweep()
    [alert] = alerts.ids_of_milestone(row)
    ops.post(f"/alerts/{alert}/acknowledgements/")
    ops.post(f"/alerts/{alert}/explanations/", {"cause": "supplier", "what": "their line stood still"})
    address = f"/alerts/{alert}/commitments/"
    before = ops.get(f"{address}?date=2028-05-16").json()
    assert before["moved_out"] == "44383.56" and before["rows"][0] == {
        "period": "2028-04", "now": "-13808.22", "then": "-29589.04",
    }  # fmt: skip
    late = refused(ops, address, {"date": "2029-05-16", "plan": "some day"}, 422)
    assert "the last business day of the next month" in late["errors"][0]["message"]
    told = ops.post(address, {"date": "2028-05-16", "plan": "a second supplier delivers"}).json()["effect"]
    assert (told["moved_out"], told["rows"][0]["now"]) == ("44383.56", "-29589.04")
    assert variance(ops, deal)["2028-04"] == "-29589.04"
