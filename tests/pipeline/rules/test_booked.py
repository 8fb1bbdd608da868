from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.rules.standing import Standing
from pipeline.rules import booked, terms
from tests.pipeline.rules.cases import NOW, POLICY, complete, deal, waived


def waiver(*keys, **more):
    return {standing.key: standing for standing in (waived(key, **more) for key in keys)}


def without(view, key):
    return {name: standing for name, standing in complete(view).items() if name != key}


def test_booked_when_every_condition_stands():
    view = deal()
    decision = booked.judge(POLICY, view, complete(view), NOW)
    assert decision.passed
    assert booked.place(decision) == "booked"
    assert booked.is_booked(POLICY, view, complete(view), NOW)
    assert [result.key for result in decision.results][-4:] == [
        "booked-amount",
        "booked-currency",
        "booked-close-on",
        "booked-start-on",
    ]


def test_a_booked_deal_is_judged_in_its_last_stage_too():
    view = deal(stage="booked")
    assert booked.is_booked(POLICY, view, complete(view), NOW)


@pytest.mark.parametrize("key", sorted(complete(deal())))
def test_each_missing_condition_un_books(key):
    view = deal(stage="booked")
    standings = complete(view)
    del standings[key]
    assert booked.place(booked.judge(POLICY, view, standings, NOW)) is None


def test_the_last_attestation_makes_the_booking():
    view = deal()
    standings = complete(view)
    last = standings.pop("attested-operations")
    assert not booked.is_booked(POLICY, view, standings, NOW)
    assert booked.is_booked(POLICY, view, {**standings, last.key: last}, NOW)


def test_a_revoked_capacity_un_books():
    view = deal(stage="booked")
    standings = complete(view)
    revoked = replace(standings["capacity-confirmed"], effect="unmet", status="revoked")
    decision = booked.judge(POLICY, view, {**standings, "capacity-confirmed": revoked}, NOW)
    assert [(r.key, r.status) for r in decision.refusals] == [("capacity-confirmed", "revoked")]


def test_changed_terms_un_book():
    before = deal(stage="booked")
    after = deal(stage="booked", amount_minor=25_000_001)
    refusals = booked.judge(POLICY, after, complete(before), NOW).refusals
    assert {r.status for r in refusals if r.kind == "attestation"} == {"voided"}


def test_a_waiver_is_its_own_line_and_ends():
    view = deal()
    standings = without(view, "credit-approved") | waiver("credit-approved", days=5)
    decision = booked.judge(POLICY, view, standings, NOW)
    assert booked.place(decision) == "booked-under-waiver"
    assert not booked.is_booked(POLICY, view, standings, NOW)
    assert booked.place(booked.judge(POLICY, view, standings, NOW + timedelta(days=5))) is None


def test_an_open_waiver_of_an_earlier_gate_counts():
    view = deal()
    view = replace(view, inputs={**view.inputs, "need": ""})
    standings = {**complete(view), **waiver("need")}
    decision = booked.judge(POLICY, view, standings, NOW)
    assert booked.place(decision) == "booked-under-waiver"
    assert decision.results[-1].message == "Need: waived until Fri 27 Nov 2026, and still owed."


def test_a_waiver_of_an_earlier_gate_that_has_run_out_un_books():
    """Also before the sweep has written its end: the deal is never booked on a requirement that nobody met."""
    view = replace(deal(stage="booked"), inputs={**deal().inputs, "need": ""})
    view = replace(view, terms=terms.fingerprint(view))
    standings = {**complete(view), **waiver("need")}
    later = booked.judge(POLICY, view, standings, NOW + timedelta(days=5))
    assert [(r.key, r.status) for r in later.refusals] == [("need", "expired")]


def test_what_is_met_needs_its_waiver_no_more():
    view = deal()
    standings = {**complete(view), **waiver("need"), **waiver("credit-approved")}
    assert booked.is_booked(POLICY, view, standings, NOW)


@pytest.mark.parametrize("missing", ["amount_minor", "currency", "close_on", "start_on"])
def test_presence_cannot_be_waived(missing):
    view = deal(**{missing: None})
    standings = waiver(*complete(deal()), "amount", "currency", "close_on", "start_on")
    refusals = booked.judge(POLICY, view, standings, NOW).refusals
    assert [(r.code, r.status) for r in refusals] == [("BOOKED-1", "missing")]


def test_a_hold_un_books():
    view = deal(stage="booked")
    hold = Standing("hold", "unmet", "placed", entry_id=3, function="legal")
    assert not booked.is_booked(POLICY, view, {**complete(view), "hold": hold}, NOW)


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        ("qualify", "Not booked. The deal stands in qualify; it passes every gate before Booked first."),
        ("solution", "Not booked. The deal stands in solution; it passes every gate before Booked first."),
        ("lost", "Not booked. The deal is lost. Re-open the deal first."),
        ("history", "Not booked. The deal is imported history"),
    ],
)
def test_no_gate_is_skipped(stage, words):
    view = deal(stage=stage)
    decision = booked.judge(POLICY, view, complete(view), NOW)
    assert booked.place(decision) is None
    assert decision.results[0].key == "stage-order"
    assert decision.results[0].message.startswith(words)
