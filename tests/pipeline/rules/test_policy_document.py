from __future__ import annotations

import copy
from decimal import Decimal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rules.problems import Problem
from pipeline.rules import policy_document
from pipeline.rules.policy import Policy
from tests.pipeline.rules.cases import POLICY, TEXT

RAW = yaml.safe_load(TEXT)


def faults(document) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        policy_document.load(document)
    problem = caught.value
    assert (problem.slug, problem.status) == ("policy-invalid", 422)
    assert all(fault.message for fault in problem.faults)
    return sorted((fault.pointer, fault.code) for fault in problem.faults)


def told(document):
    """The faults of a document, or None when it is a policy."""
    try:
        policy_document.load(document)
    except Problem as problem:
        return problem.faults
    return None


def changed(**parts):
    return {**copy.deepcopy(RAW), **parts}


def test_the_default_policy():
    assert [stage.key for stage in POLICY.stages] == ["qualify", "solution", "commit", "booked"]
    assert len(POLICY.inputs) == 8
    assert [template.key for template in POLICY.planned_in("solution")] == ["delivery-plan-accepted", "credit-approved"]
    assert [template.key for template in POLICY.planned_in("booked")] == ["delivered", "invoiced", "collected"]
    assert POLICY.milestones["credit-approved"].tolerance == {"amount": Decimal("0.05")}
    assert POLICY.hash == policy_document.content_hash(policy_document.canonical(POLICY))
    assert POLICY.version == 7


def test_a_mapping_and_its_text_are_one_policy():
    assert policy_document.load(RAW, 7) == POLICY


def test_ten_faults_are_told_at_once():
    document = copy.deepcopy(RAW)
    document["colour"] = "blue"  # 1 unknown key
    del document["name"]  # 2 missing
    document["stages"][1]["gate"][0]["kind"] = "wish"  # 3 unknown kind
    document["stages"][1]["gate"][1]["key"] = "closing_day"  # 4 unknown input
    document["stages"][2]["gate"][3]["expression"] = "deal.close_on <="  # 5 does not compile
    document["stages"][2]["gate"][5]["key"] = "credit-check"  # 6 unknown milestone
    document["inputs"][5]["key"] = "delivery_months"  # 7 duplicate key; 8 the gate asks for delivery_units
    document["milestones"][0]["planned_in"] = "launch"  # 9 unknown stage
    document["milestones"][1]["lead_days"] = "four"  # 10 wrong type
    document["milestones"][3]["binds"] = ["start_on"]  # 11 and 12: delivery_months is used nowhere, both of them
    found = faults(document)
    assert found == [
        ("/colour", "POLICY-2"),
        ("/inputs/5", "POLICY-6"),
        ("/inputs/6", "POLICY-6"),
        ("/inputs/6/key", "POLICY-4"),
        ("/milestones/0/planned_in", "POLICY-5"),
        ("/milestones/1/lead_days", "POLICY-3"),
        ("/name", "POLICY-1"),
        ("/stages/1/gate/0/kind", "POLICY-3"),
        ("/stages/1/gate/1/key", "POLICY-5"),
        ("/stages/2/gate/1/key", "POLICY-5"),
        ("/stages/2/gate/3/expression", "POLICY-7"),
        ("/stages/2/gate/5/key", "POLICY-5"),
    ]


@pytest.mark.parametrize("key", ["hold", "hold-credit"])
def test_keys_of_holds_belong_to_holds(key):
    document = copy.deepcopy(RAW)
    condition = next(need for need in document["stages"][2]["gate"] if need["kind"] == "condition")
    place = document["stages"][2]["gate"].index(condition)
    condition["key"] = key
    assert (f"/stages/2/gate/{place}/key", "POLICY-5") in faults(document)
    condition["key"] = "holding"
    assert policy_document.load(document).stages[2].gate[place].key == "holding"


def test_exactly_ten_faults_give_ten_paths():
    document = copy.deepcopy(RAW)
    gate = document["stages"][1]["gate"]
    gate[0]["kind"] = "wish"
    gate[1]["colour"] = 1
    gate[2]["sentence"] = 5
    gate[3]["function"] = "sales"
    document["stages"][2]["gate"][3] |= {"expression": "deal.nothing > 1"}
    document["stages"][3]["gate"][6]["function"] = ""
    document["milestones"][1]["tolerance"][0]["fact"] = "start_on"
    document["milestones"][2]["anchor"] = "moon"
    document["loss_reasons"].append("price")
    document["inputs"][7]["choices"] = ["monthly"]
    assert [pointer for pointer, _ in faults(document)] == [
        "/inputs/7/choices",
        "/loss_reasons/7",
        "/milestones/1/tolerance/0/fact",
        "/milestones/2/anchor",
        "/stages/1/gate/0/kind",
        "/stages/1/gate/1/colour",
        "/stages/1/gate/2/sentence",
        "/stages/1/gate/3/function",
        "/stages/2/gate/3/expression",
        "/stages/3/gate/6/function",
    ]


def test_yaml_faults_name_line_and_column():
    with pytest.raises(Problem) as caught:
        policy_document.load("name: default\nstages: [a, b\ninputs: {")
    (fault,) = caught.value.faults
    assert (fault.pointer, fault.code) == ("", "POLICY-8")
    assert fault.message.startswith("The text is not YAML at line ")
    assert "column" in fault.message


def test_keys_written_twice_are_refused_with_every_other_fault():
    text = TEXT.replace("name: default\n", "name: default\nname: other\ncolour: blue\n", 1)
    assert faults(text) == [("/colour", "POLICY-2"), ("/name", "POLICY-4")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "POLICY-3"),
        ("- 1", "POLICY-3"),
        ("just words", "POLICY-3"),
        ("a: &x [1]\nb: *x", "POLICY-8"),
        ("a: !!python/object:os.system x", "POLICY-3"),
        ("a: 1\n---\nb: 2", "POLICY-8"),
        ("a: \x01", "POLICY-8"),
        ("[" * 5000, "POLICY-8"),
        ("a: " + "[" * 30 + "]" * 30, "POLICY-8"),
        ("? [a]\n: 1", "POLICY-8"),
        ("a: .inf", "POLICY-3"),
        ("# " + "x" * 24 * 1024, "POLICY-9"),
    ],
)
def test_texts_that_are_no_policy(text, code):
    assert code in {found for _, found in faults(text)}


def test_an_alias_bomb_is_refused_before_it_is_built():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 12)]
    assert faults("\n".join(lines)) == [("", "POLICY-8")]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"name": "Default Policy"}, [("/name", "POLICY-3")]),
        ({"name": True}, [("/name", "POLICY-3")]),
        ({"booked_definition": "a\x00b"}, [("/booked_definition", "POLICY-3")]),
        ({"booked_definition": "\ud800"}, [("/booked_definition", "POLICY-3")]),
        ({"loss_reasons": []}, [("/loss_reasons", "POLICY-3")]),
        ({"thresholds": [{"key": "ceiling", "value": True}]}, [("/thresholds/0/value", "POLICY-3")]),
        ({"thresholds": [{"key": "ceiling", "value": "NaN"}]}, [("/thresholds/0/value", "POLICY-3")]),
        ({"thresholds": [{"key": "a", "value": 1}, {"key": "a", "value": 2}]}, [("/thresholds/1/key", "POLICY-4")]),
        ({"booked_definition": "x" * 60_000}, [("", "POLICY-9")]),
    ],
)
def test_values_of_the_wrong_kind(parts, expected):
    assert faults(changed(**parts)) == expected


def test_core_inputs_have_their_type_and_kept_names_are_refused():
    document = copy.deepcopy(RAW)
    document["inputs"][0]["type"] = "text"
    document["inputs"][3]["key"] = "stage"
    document["stages"][1]["gate"][3]["key"] = "stage"
    assert faults(document) == [("/inputs/0/type", "POLICY-3"), ("/inputs/3/key", "POLICY-3")]


def test_shares_are_exact_decimals():
    text = TEXT.replace("share: 0.05", "share: 0.07000000000000001")
    policy = policy_document.load(text)
    assert policy.milestones["credit-approved"].tolerance == {"amount": Decimal("0.07000000000000001")}
    assert policy.hash != POLICY.hash


def test_the_hash_knows_content_and_not_writing():
    rewritten = yaml.safe_dump(RAW, sort_keys=True)
    assert policy_document.load(rewritten).hash == POLICY.hash
    assert policy_document.load(changed(name="other")).hash != POLICY.hash


def depth(value) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max((depth(item) for item in inner), default=0)


def walk(value):
    yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(item)


def check_canonical(form):
    assert depth(form) <= 5
    for item in walk(form):
        assert not isinstance(item, float)
        assert isinstance(item, dict | list | str | int | bool)
        if isinstance(item, dict):
            assert all(key.replace("_", "").isalnum() and key.islower() for key in item)
        if isinstance(item, int):
            assert abs(item) < 2**53


def test_the_canonical_form_fits_into_an_envelope():
    form = policy_document.canonical(RAW)
    check_canonical(form)
    assert policy_document.from_canonical(form, 7) == POLICY


def test_another_form_is_refused():
    with pytest.raises(Problem):
        policy_document.from_canonical({"name": "x"}, 1)


words = st.from_regex(r"[a-z][a-z0-9]{0,6}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40)
shares = st.decimals(min_value=0, max_value=1, places=6)


@st.composite
def documents(draw):
    """A lawful policy of any shape: every input asked for, every milestone asked for or not."""
    inputs = draw(st.lists(words.map(lambda word: f"in_{word}"), unique=True, max_size=4))
    milestones = draw(st.lists(words.map(lambda word: f"ms-{word}"), unique=True, max_size=4))
    stages = draw(st.lists(words.map(lambda word: f"st-{word}"), unique=True, min_size=2, max_size=4))
    kinds = st.sampled_from(["money", "date", "text", "integer", "decimal", "contact"])
    gate = [{"key": key, "kind": "input", "sentence": draw(texts)} for key in inputs]
    gate += [{"key": key, "kind": draw(st.sampled_from(["milestone", "handshake"]))} for key in milestones]
    gate.append({"key": "limit", "kind": "approval", "role": "cfo", "above_minor": draw(st.integers(0, 2**53 - 1))})
    gate.append({"key": "rule", "kind": "condition", "expression": "deal.amount > 1.5", "message": draw(texts)})
    return {
        "name": draw(words),
        "stages": [{"key": key, "name": draw(texts), "gate": gate if at == 1 else []} for at, key in enumerate(stages)],
        "inputs": [
            {
                "key": key,
                "name": draw(texts),
                "type": draw(kinds),
                "minimum": draw(st.none() | st.decimals(-1000, 1000, places=3)),
                "fresh_days": draw(st.none() | st.integers(1, 3660)),
                "decides": draw(texts),
                "owner_function": draw(st.just("") | words),
            }
            for key in inputs
        ],
        "milestones": [
            {
                "key": key,
                "name": draw(texts),
                "planned_in": draw(st.sampled_from(stages)),
                "offset_days": draw(st.integers(-3660, 3660)),
                "lead_days": draw(st.integers(0, 3660)),
                "binds": ["amount", *inputs],
                "tolerance": draw(
                    st.lists(shares, max_size=1).map(lambda found: [{"fact": "amount", "share": s} for s in found])
                ),
                "evidence_kinds": draw(st.just(["file"]) | st.just([])),
                "counts_late": draw(st.booleans()),
            }
            for key in milestones
        ],
        "loss_reasons": draw(st.lists(words, unique=True, min_size=1, max_size=3)),
        "thresholds": [{"key": "ceiling", "value": draw(shares)}],
    }


@settings(max_examples=150)
@given(documents(), st.integers(0, 99))
def test_canonical_and_back(document, version):
    policy = policy_document.load(document, version)
    form = policy_document.canonical(policy)
    check_canonical(form)
    again = policy_document.from_canonical(form, version)
    assert again == policy
    assert isinstance(again, Policy)
    assert policy_document.canonical(again) == form
    assert policy_document.content_hash(form) == policy.hash
    assert policy_document.load(form, version) == policy


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.characters(categories=["Cs"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "kind", "gate", "binds", "tolerance", "fact", "expression", "choices", "name"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(st.dictionaries(st.sampled_from([*RAW, "other"]), junk, max_size=6) | junk.map(lambda item: {"stages": item}))
def test_any_mapping_is_a_policy_or_a_list_of_faults(document):
    found = told({**RAW, **document})
    assert found is None or len({(fault.pointer, fault.message) for fault in found}) == len(found) > 0


@settings(max_examples=300)
@given(st.text(max_size=60) | st.text("{}[]:,-&*!|>'\"#%@ \n\tab1.", max_size=60))
def test_any_text_is_a_policy_or_a_list_of_faults(text):
    with pytest.raises(Problem):
        policy_document.load(text)
