from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from ledger.rules.standing import Standing
from pipeline.rules import gate
from pipeline.rules.decision import Result
from pipeline.rules.policy import Input
from tests.pipeline.rules.cases import INPUTS, NOW, POLICY, complete, deal, rule, small, verified, waived


def judged(policy, view, standings, to="two", **more) -> dict[str, Result]:
    return {result.key: result for result in gate.evaluate(policy, view, standings, to, now=NOW, **more).results}


def only(requirement, standing=None, view=None, approvals=frozenset(), **parts) -> Result:
    standings = {standing.key: standing} if standing else {}
    policy = small(requirement, **parts)
    (result,) = gate.evaluate(policy, view or deal(stage="one"), standings, "two", now=NOW, approvals=approvals).results
    return result


def test_a_new_deal_meets_its_first_gate_with_four_asks():
    view = deal(stage="qualify", amount_minor=None, close_on=None, inputs={})
    decision = gate.evaluate(POLICY, view, {}, "solution", now=NOW)
    assert not decision.passed
    assert [(r.key, r.state, r.status, r.code, r.message, r.who) for r in decision.results] == [
        ("amount", "unmet", "missing", "GATE-IN-2", "Amount is not given yet. Sales gives it.", "sales"),
        ("close_on", "unmet", "missing", "GATE-IN-2", "Close date is not given yet. Sales gives it.", "sales"),
        (
            "economic_buyer",
            "unmet",
            "missing",
            "GATE-IN-2",
            "Economic buyer is not given yet. Sales gives it.",
            "sales",
        ),
        ("need", "unmet", "missing", "GATE-IN-2", "Need is not given yet. Sales gives it.", "sales"),
    ]


def test_the_gate_into_booked_passes_when_everything_stands():
    view = deal()
    decision = gate.evaluate(POLICY, view, complete(view), "booked", now=NOW)
    assert decision.passed
    assert not decision.waived
    assert [(r.key, r.status, r.fact) for r in decision.results] == [
        ("contract-signed", "verified", 13),
        ("capacity-reserved", "confirmed", 19),
        ("capacity-confirmed", "verified", 14),
        ("billing-terms-verified", "verified", 15),
        ("delivery-plan-accepted", "verified", 11),
        ("credit-approved", "verified", 12),
        ("attested-sales", "given", 16),
        ("attested-operations", "given", 17),
        ("attested-finance", "given", 18),
    ]
    assert (decision.from_stage, decision.to_stage, decision.policy_version) == ("commit", "booked", 7)
    assert len(decision.facts_hash) == 64


def test_an_amount_within_tolerance_keeps_credit_and_voids_what_bound_it_exactly():
    before = deal()
    after = deal(amount_minor=26_000_000)
    results = judged(POLICY, after, complete(before), "booked")
    assert results["credit-approved"].state == "met"
    assert results["delivery-plan-accepted"].state == "met"
    assert results["capacity-confirmed"].state == "met"
    assert {key for key, result in results.items() if result.holds} == {
        "contract-signed",
        "billing-terms-verified",
        "attested-sales",
        "attested-operations",
        "attested-finance",
    }
    assert results["attested-finance"] == Result(
        key="attested-finance",
        kind="attestation",
        state="unmet",
        status="voided",
        message="Was met. The terms changed after Finance attested them; Finance attests the terms of today.",
        owner_function="finance",
        remedy="A lead of finance signs under Attestations.",
        who="finance",
        fact=18,
        code="GATE-AT-8",
    )


def test_an_amount_beyond_tolerance_makes_credit_stale_and_says_how_far():
    results = judged(POLICY, deal(amount_minor=27_000_000), complete(deal()), "booked")
    stale = results["credit-approved"]
    assert (stale.state, stale.status, stale.code, stale.fact) == ("unmet", "stale", "GATE-MS-5", 12)
    assert stale.message == (
        "Was met. Amount went from 250,000.00 to 270,000.00 (+8.0 %, tolerance 5 %); needs a new check."
    )


def test_another_currency_is_another_amount():
    results = judged(POLICY, deal(currency="JPY"), complete(deal()), "booked")
    assert results["credit-approved"].message == "Was met. Currency went from EUR to JPY; needs a new check."


def test_a_verification_runs_out_at_the_very_moment():
    requirement = rule("credit-approved", "milestone")
    ended = verified("credit-approved", 3, valid_until=NOW)
    result = only(requirement, ended, milestones=POLICY.milestones)
    assert (result.status, result.code) == ("expired", "GATE-MS-6")
    assert result.message == "Credit approved: was met until Sun 22 Nov 2026 and has run out. Finance renews it."
    still = replace(ended, valid_until=NOW + timedelta(microseconds=1))
    assert only(requirement, still, milestones=POLICY.milestones).state == "met"


@pytest.mark.parametrize(
    ("word", "status", "code"),
    [
        ("planned", "not_started", "GATE-MS-2"),
        ("started", "waiting", "GATE-MS-3"),
        ("submitted", "waiting", "GATE-MS-3"),
        ("missed", "waiting", "GATE-MS-3"),
        ("rejected", "rejected", "GATE-MS-4"),
        ("stale", "stale", "GATE-MS-5"),
        ("expired", "expired", "GATE-MS-6"),
        ("revoked", "revoked", "GATE-MS-7"),
        ("voided", "voided", "GATE-MS-8"),
        ("blocked", "blocked", "GATE-MS-1"),
        ("a word of tomorrow", "not_started", "GATE-MS-2"),
    ],
)
def test_words_of_an_unmet_standing(word, status, code):
    standing = Standing("site-survey", "unmet", word, entry_id=4, due_at=NOW + timedelta(days=2))
    result = only(rule("site-survey", "milestone"), standing)
    assert (result.state, result.status, result.code) == ("unmet", status, code)
    assert (result.who, result.due, result.fact) == ("finance", standing.due_at, 4)


def test_nothing_on_record():
    result = only(rule("site-survey", "handshake"))
    assert (result.status, result.code, result.fact, result.due) == ("not_started", "GATE-HS-2", None, None)
    assert result.message == "site-survey holds: nothing has been done yet. Finance acts."


def test_late_starts_and_overdue_moments_are_said():
    planned = Standing("a", "unmet", "planned", start_by=NOW - timedelta(days=1), due_at=NOW + timedelta(days=2))
    assert only(rule("a", "milestone"), planned).message == (
        "a holds: nothing has been done yet. Finance acts, due Tue 24 Nov 2026,"
        " and should have started by Sat 21 Nov 2026."
    )
    late = replace(planned, status="submitted", due_at=NOW - timedelta(days=2))
    assert only(rule("a", "milestone"), late).message == "a holds: waiting for Finance, overdue since Fri 20 Nov 2026."


@pytest.mark.parametrize(
    "requirement",
    [
        rule("k", "input"),
        rule("k", "milestone"),
        rule("k", "handshake"),
        rule("k", "capacity"),
        rule("k", "attestation", function="sales"),
        rule("k", "approval", role="cfo"),
        rule("k", "condition", expression="false", message="No."),
    ],
)
def test_an_open_waiver_waives_any_kind_and_an_ended_one_none(requirement):
    open_waiver = only(requirement, waived("k"))
    assert (open_waiver.state, open_waiver.status, open_waiver.fact, open_waiver.code) == ("waived", "waived", 90, "")
    assert open_waiver.due == NOW + timedelta(days=5)
    assert only(requirement, waived("k", days=0)).state == "unmet"


def test_an_ended_waiver_says_so():
    result = only(rule("k", "milestone"), waived("k", days=-1))
    assert (result.status, result.message) == (
        "expired",
        "k holds: the waiver ended on Sat 21 Nov 2026. Finance meets it now.",
    )


def test_a_placeholder_has_the_code_of_the_quality_test():
    view = deal(stage="qualify", inputs={**INPUTS, "need": "n/a"})
    need = judged(POLICY, view, {}, "solution")["need"]
    assert (need.status, need.code) == ("placeholder", "INPUT-4")
    assert need.message == "“n/a” does not answer this. If it is not known yet, say who will know and by when."


def test_an_input_grows_old():
    field = Input("close_on", "Close date", "date", "sales", "period", fresh_days=30)
    requirement = rule("close_on", "input", owner_function="sales")
    given = NOW - timedelta(days=30)
    fresh = only(requirement, view=deal(stage="one", input_at={"close_on": given}), inputs={"close_on": field})
    assert fresh.state == "met"
    older = deal(stage="one", input_at={"close_on": given - timedelta(seconds=1)})
    old = only(requirement, view=older, inputs={"close_on": field})
    assert (old.status, old.code) == ("stale", "GATE-IN-5")
    assert only(requirement, inputs={"close_on": field}).status == "stale"


def test_an_approval_applies_only_above_its_limit():
    requirement = rule("cfo-approval", "approval", role="cfo", above_minor=27_500_000)
    assert only(requirement).state == "not_applicable"
    above = only(requirement, view=deal(stage="one", value_minor=27_500_001))
    assert (above.state, above.who, above.code) == ("unmet", "cfo", "GATE-AP-2")
    unpriced = only(requirement, view=deal(stage="one", value_minor=None))
    assert unpriced.state == "unmet"
    granted = Standing("cfo-approval", "met", "granted", entry_id=3)
    assert only(requirement, granted, deal(stage="one", value_minor=10**9)).state == "met"


def test_attestations_need_the_terms_of_today():
    requirement = rule("attested-sales", "attestation", function="sales")
    view = deal(stage="one")
    given = Standing("attested-sales", "met", "given", facts={"terms": view.terms})
    assert only(requirement, given, view).state == "met"
    assert only(requirement, replace(given, facts={}), view).status == "voided"
    assert only(requirement, replace(given, facts={"terms": ""}), deal(stage="one", terms="")).status == "voided"


def test_conditions_say_their_message_and_never_raise():
    discount = rule(
        "discount", "condition", expression='deal.discount <= 0.2 || "cfo" in approvals', message="Over 20 %."
    )
    cut = Input("discount", "Discount", "decimal", "sales", "approval")
    at_limit = deal(stage="one", inputs={"discount": Decimal("0.2")})
    over = deal(stage="one", inputs={"discount": "0.21"})
    parts = {"inputs": {"discount": cut}}
    assert only(discount, view=at_limit, **parts).state == "met"
    refused = only(discount, view=over, **parts)
    assert (refused.status, refused.code, refused.message) == ("blocked", "GATE-CO-1", "Over 20 %.")
    assert only(discount, view=over, approvals=frozenset({"cfo"}), **parts).state == "met"
    unknown = only(discount, view=deal(stage="one"), **parts)
    assert (unknown.status, unknown.code) == ("missing", "GATE-CO-2")
    assert unknown.message == "The rule cannot be judged yet: Discount is not known."


def test_the_start_may_not_lie_before_the_close():
    view = deal(stage="solution", start_on=date(2026, 11, 30))
    result = judged(POLICY, view, {}, "commit")["start-after-close"]
    assert (result.code, result.message) == (
        "GATE-CO-1",
        "The start date is before the close date. Choose the close date or a later day.",
    )


def test_what_does_not_apply_is_not_asked_for_and_doubt_applies():
    west = rule("customs", "milestone", applies_when='deal.unit == "west"')
    assert only(west).state == "not_applicable"
    assert only(west, view=deal(stage="one", unit="west")).state == "unmet"
    doubtful = rule("customs", "milestone", applies_when="deal.value_minor > 5")
    assert only(doubtful, view=deal(stage="one", value_minor=None)).state == "unmet"


@pytest.mark.parametrize(
    ("stage", "to", "code", "words"),
    [
        ("lost", "solution", "GATE-ST-1", "The deal is lost."),
        ("history", "solution", "GATE-ST-2", "imported history"),
        ("commit", "lost", "GATE-ST-3", "No gate leads to lost."),
        ("commit", "moon", "GATE-ST-4", "Choose one of: qualify, solution, commit, booked."),
        ("elsewhere", "commit", "GATE-ST-5", "which policy version 7 lacks"),
        ("booked", "commit", "GATE-ST-6", "Booked is the last stage."),
        ("commit", "commit", "GATE-ST-7", "already stands in Commit"),
        ("qualify", "commit", "GATE-ST-8", "Advance to Solution first."),
        ("commit", "qualify", "GATE-ST-8", "Use a return, with its reason, to step back."),
    ],
)
def test_stages_are_taken_one_at_a_time(stage, to, code, words):
    view = deal(stage=stage)
    decision = gate.evaluate(POLICY, view, complete(view), to, now=NOW)
    (result,) = decision.results
    assert not decision.passed
    assert (result.key, result.kind, result.state, result.code) == ("stage-order", "condition", "unmet", code)
    assert words in result.message
    assert result.message.startswith("Not advanced. ")
    assert result.remedy


def test_a_hold_stops_every_gate_until_it_is_released():
    view = deal()
    hold = Standing("hold-legal", "unmet", "placed", entry_id=40, function="legal", at=NOW)
    held = gate.evaluate(POLICY, view, {**complete(view), "hold-legal": hold}, "booked", now=NOW)
    assert [(r.key, r.status, r.code, r.message) for r in held.refusals] == [
        ("hold-legal", "blocked", "GATE-HOLD-1", "On hold by Legal on Sun 22 Nov 2026.")
    ]
    released = {**complete(view), "hold-legal": replace(hold, effect="met", status="released")}
    assert gate.evaluate(POLICY, view, released, "booked", now=NOW).passed


def test_holds_come_in_the_order_of_their_keys():
    view = deal()
    holds = {key: Standing(key, "unmet", "placed", function="legal") for key in ("hold-b", "hold", "hold-a")}
    decision = gate.evaluate(POLICY, view, {**complete(view), **holds}, "booked", now=NOW)
    assert [result.key for result in decision.refusals] == ["hold", "hold-a", "hold-b"]
    backwards = dict(reversed({**complete(view), **holds}.items()))
    assert gate.evaluate(POLICY, view, backwards, "booked", now=NOW) == decision


def test_the_facts_hash_covers_what_was_judged():
    view, standings = deal(), complete(deal())
    first = gate.evaluate(POLICY, view, standings, "booked", now=NOW).facts_hash
    other = Standing("unasked", "met", "verified")
    assert gate.evaluate(POLICY, view, {**standings, "unasked": other}, "booked", now=NOW).facts_hash == first
    moved = {**standings, "contract-signed": replace(standings["contract-signed"], entry_id=99)}
    assert gate.evaluate(POLICY, view, moved, "booked", now=NOW).facts_hash != first
    assert gate.evaluate(POLICY, deal(version=5), standings, "booked", now=NOW).facts_hash != first
    assert gate.evaluate(replace(POLICY, hash="f"), view, standings, "booked", now=NOW).facts_hash != first


def test_the_facts_hash_holds_no_erasable_text():
    view = deal(stage="qualify", private={"need": "id-1"})
    other = replace(view, inputs={**INPUTS, "need": "Another text altogether"})
    hashes = {gate.evaluate(POLICY, each, {}, "solution", now=NOW).facts_hash for each in (view, other)}
    assert len(hashes) == 1
