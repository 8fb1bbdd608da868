from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rules.standing import Standing, waiver_key
from pipeline.rules import booked, gate, quality, staleness, terms
from pipeline.rules.deal import DealView, Line
from pipeline.rules.policy import Input
from tests.pipeline.rules.cases import NOW, POLICY, complete, deal, rule, small, waived

moments = st.datetimes(timezones=st.sampled_from([UTC, None]))
scalars: Any = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**4000), max_value=10**4000)
    | st.floats()
    | st.decimals()
    | st.text(max_size=30)
    | st.characters(categories=["Cs"])
    | st.dates()
    | moments
    | st.sampled_from(["n/a", "250000", "1e9999999", "2026-01-01", "\x00", "\ud800", "-", "∞"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3),
    max_leaves=6,
)
rich = small(
    rule("amount", "input"),
    rule("a", "input"),
    rule("b", "input"),
    rule("gone", "input"),
    rule("m", "milestone"),
    rule("h", "handshake"),
    rule("c", "capacity"),
    rule("s", "attestation", function="sales"),
    rule("p", "approval", role="cfo", above_minor=100),
    rule("x1", "condition", expression="deal.a < deal.amount_minor && lines.all(l, l.quantity > deal.b)"),
    rule("x2", "condition", expression="deal.nowhere == 1 / 0"),
    rule("x3", "condition", expression="this is not CEL ("),
    rule("x4", "condition", expression="today"),
    rule("when", "milestone", applies_when="deal.discount > 0.1 && deal.close_on < today"),
    inputs={
        "amount": Input("amount", "Amount", "money", "sales", "d", fresh_days=10**6),
        "a": Input("a", "A", "decimal", "sales", "d", minimum=Decimal("0.5")),
        "b": Input("b", "B", "choice", "sales", "d", choices=("yes", "no"), fresh_days=3),
    },
)
names = [*(r.key for r in rich.stages[1].gate), "hold", "hold-x", "other"]
keys = st.sampled_from([*names, *map(waiver_key, names)])
facts = st.fixed_dictionaries(
    {},
    optional={
        "facts": st.dictionaries(st.sampled_from(["amount", "a", "b", "terms", "close_on", "zz"]), values, max_size=4)
        | values,
        "tolerance": st.dictionaries(st.sampled_from(["amount", "a"]), values, max_size=2) | values,
        "terms": values,
    },
)
standings = st.lists(
    st.builds(
        Standing,
        key=keys,
        effect=st.sampled_from(["met", "unmet", "waived"]),
        status=st.sampled_from(["verified", "given", "submitted", "rejected", ""]) | st.text(max_size=8),
        entry_id=st.integers(min_value=0, max_value=99),
        at=st.none() | moments,
        start_by=st.none() | moments,
        due_at=st.none() | moments,
        valid_until=st.none() | moments,
        facts=facts,
    ),
    max_size=8,
).map(lambda found: {standing.key: standing for standing in found})
deals = st.builds(
    DealView,
    id=st.integers(),
    ref=st.text(max_size=5),
    stage=st.sampled_from(["one", "one", "one", "two", "lost", "history", "\ud800"]),
    version=st.integers(),
    unit=st.text(max_size=5),
    owner=st.integers(),
    owner_person=st.integers(),
    policy_version=st.integers(),
    account=st.none() | st.integers(),
    amount_minor=st.none() | st.integers(),
    currency=st.none() | st.text(max_size=3),
    close_on=st.none() | st.dates(),
    start_on=st.none() | st.dates(),
    inputs=st.dictionaries(st.sampled_from(["a", "b", "stage", "discount", "é"]), values, max_size=4),
    input_at=st.dictionaries(st.sampled_from(["amount", "b"]), moments, max_size=2),
    lines=st.lists(st.builds(Line, st.integers(), st.text(max_size=3), st.integers(), st.integers()), max_size=2).map(
        tuple
    ),
    value_minor=st.none() | st.integers(),
    terms=st.sampled_from(["", "t"]),
)
targets = st.sampled_from(["two", "two", "two", "one", "lost", "history", "moon", "\ud800"])


@settings(max_examples=400)
@given(deals, standings, targets, moments, st.frozensets(st.text(max_size=4), max_size=2))
def test_evaluate_answers_whatever_it_is_asked_and_the_same_twice(view, found, to, now, approvals):
    decision = gate.evaluate(rich, view, found, to, now=now, approvals=approvals)
    assert decision == gate.evaluate(rich, view, found, to, now=now, approvals=approvals)
    assert decision.results
    assert len(decision.facts_hash) == 64
    for result in decision.results:
        assert result.message
        assert bool(result.code) == (result.state == "unmet")
    assert booked.judge(rich, view, found, now, approvals) == booked.judge(rich, view, found, now, approvals)


@settings(max_examples=200)
@given(deals, standings, st.randoms(use_true_random=False))
def test_the_order_of_standings_does_not_matter(view, found, random):
    items = list(found.items())
    random.shuffle(items)
    assert gate.evaluate(rich, view, dict(items), "two", now=NOW) == gate.evaluate(rich, view, found, "two", now=NOW)


REQUIRED = [requirement.key for requirement in POLICY.stages[-1].gate]


@st.composite
def partial(draw):
    """A booked-ready deal with a part of its standings, some of them waived, some not met."""
    view = deal()
    whole = complete(view)
    kept = {}
    for key in REQUIRED:
        choice = draw(st.sampled_from(["met", "met", "waived", "unmet", "absent"]))
        if choice == "met":
            kept[key] = whole[key]
        elif choice == "waived":
            kept[waiver_key(key)] = waived(key)
            if draw(st.booleans()):  # work on what is waived goes on
                kept[key] = Standing(key, "unmet", draw(st.sampled_from(["planned", "submitted", "rejected"])))
        elif choice == "unmet":
            kept[key] = Standing(key, "unmet", draw(st.sampled_from(["planned", "submitted", "rejected"])))
    return view, whole, kept


@settings(max_examples=200)
@given(partial(), st.sampled_from(REQUIRED))
def test_a_met_key_never_turns_yes_into_no(parts, key):
    view, whole, kept = parts
    before = gate.evaluate(POLICY, view, kept, "booked", now=NOW)
    after = gate.evaluate(POLICY, view, {**kept, key: whole[key]}, "booked", now=NOW)
    assert after.passed or not before.passed
    assert len(after.refusals) <= len(before.refusals)


@settings(max_examples=300)
@given(deals, standings, st.sampled_from(["m", "h", "c", "s", "p", "when", "other"]), st.booleans(), facts)
def test_adding_an_absent_met_key_never_adds_a_refusal(view, found, key, fact_bound, bound):
    found.pop(key, None)
    added = Standing(key, "met", "verified", entry_id=5, facts=bound if fact_bound else {})
    before = {r.key for r in gate.evaluate(rich, view, found, "two", now=NOW).refusals}
    after = {r.key for r in gate.evaluate(rich, view, {**found, key: added}, "two", now=NOW).refusals}
    assert after <= before


@settings(max_examples=200)
@given(partial())
def test_it_passes_exactly_when_each_requirement_stands_or_is_waived(parts):
    view, _, kept = parts
    expected = all(waiver_key(key) in kept or (key in kept and kept[key].effect != "unmet") for key in REQUIRED)
    assert gate.evaluate(POLICY, view, kept, "booked", now=NOW).passed is expected


@settings(max_examples=100)
@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4000)))
def test_time_alone_never_opens_a_gate(later):
    view = deal()
    standings = {key: one for key, one in complete(view).items() if key != "contract-signed"}
    standings[waiver_key("contract-signed")] = waived("contract-signed")
    then = gate.evaluate(POLICY, view, standings, "booked", now=NOW)
    assert then.passed
    if later >= timedelta(days=5):
        assert not gate.evaluate(POLICY, view, standings, "booked", now=NOW + later).passed


@settings(max_examples=300)
@given(values, st.sampled_from(["money", "date", "text", "integer", "decimal", "choice", "contact"]))
def test_the_quality_test_answers_for_any_value(value, kind):
    field = Input("k", "K", kind, "sales", "d", choices=("a", "b"))
    fault = quality.test(field, value)
    assert fault is None or (fault.pointer == "/k" and fault.code.startswith("INPUT-") and fault.message)


@settings(max_examples=200)
@given(deals, facts)
def test_staleness_answers_for_any_value(view, bound):
    change = staleness.stale(bound, view)
    assert change is None or change.sentence()


@settings(max_examples=200)
@given(
    st.integers(min_value=1, max_value=10**12),
    st.integers(min_value=0, max_value=10**12),
    st.decimals(min_value=0, max_value=1, places=4),
)
def test_staleness_is_exact(was, now, tolerance):
    bound = {"facts": {"amount": was}, "tolerance": {"amount": str(tolerance)}}
    moved = staleness.stale(bound, deal(amount_minor=now)) is not None
    assert moved == (abs(now - was) * 10_000 > int(tolerance * 10_000) * was)


@settings(max_examples=200)
@given(deals, st.integers(), st.text(max_size=3))
def test_terms_know_no_owner_stage_or_version(view, number, text):
    other = replace(view, owner=number, owner_person=number, stage=text, version=number, terms=text, value_minor=number)
    assert terms.fingerprint(other) == terms.fingerprint(view)


def test_examples_of_moments_at_the_ends_of_time():
    for moment in (datetime.min, datetime.max, datetime.max.replace(tzinfo=UTC)):
        standing = Standing("m", "unmet", "planned", due_at=moment, at=moment, valid_until=moment, start_by=moment)
        view = deal(stage="one", input_at={"b": moment}, close_on=date.max)
        assert gate.evaluate(rich, view, {"m": standing}, "two", now=moment).results


def test_numbers_too_long_to_print_do_not_stop_a_gate():
    long = 10**5000
    view = deal(
        stage="one",
        amount_minor=long,
        account=long,
        inputs={"a": long, "b": -long, "discount": long},
        lines=(Line(1, "a", long, long), Line(1, "a", 1, 1)),
    )
    bound = {"facts": {"amount": long + 1, "account": 1}, "tolerance": {"amount": long}}
    standings = {"m": Standing("m", "met", "verified", facts=bound)}
    assert not gate.evaluate(rich, view, standings, "two", now=NOW).passed
    assert quality.test(Input("k", "K", "integer", "sales", "d", minimum=Decimal(long + 1)), long)
