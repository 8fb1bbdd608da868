"""A draft changed row by row says the same as one changed by hand."""

import yaml

from pipeline.rules import policy_document, policy_rows
from tests.company import DEFAULT_POLICY

RAW = yaml.safe_load(DEFAULT_POLICY.read_text())
FORM = policy_document.canonical(policy_document.load(RAW))


def keys(rows):
    return [one["key"] for one in rows]


def test_a_row_steps_along_its_list_and_back():
    raw, at = policy_rows.moved(FORM, "/inputs/0", 1)
    assert at == "/inputs/1" and keys(raw["inputs"])[:2] == ["close_on", "amount"]
    assert policy_rows.moved(raw, at, -1) == (FORM, "/inputs/0")
    assert policy_rows.moved(FORM, "/inputs/0", -1) == (FORM, "/inputs/0")
    assert policy_rows.moved(FORM, "/inputs/99", 1)[0] == FORM


def test_beyond_the_end_of_a_gate_lies_the_next_gate_and_none_before_the_second_stage():
    need = FORM["stages"][1]["gate"][3]
    raw, at = policy_rows.moved(FORM, "/stages/1/gate/3", 1)
    assert at == "/stages/2/gate/0" and raw["stages"][2]["gate"][0] == need and need not in raw["stages"][1]["gate"]
    assert policy_rows.moved(raw, at, -1) == (FORM, "/stages/1/gate/3")
    assert policy_rows.row(FORM, "/stages/1/gate/0").up == "" and policy_rows.row(FORM, "/stages/3/gate/8").down == ""


def test_a_row_that_is_typed_again_as_it_is_shown_changes_nothing():
    for part in (
        "/stages",
        "/inputs",
        "/milestones",
        "/thresholds",
        "/stages/1/gate",
        "/stages/2/gate",
        "/stages/3/gate",
    ):
        for row in policy_rows.rows(RAW, part):
            typed = {one.name: policy_rows.shown(one, row.said) for one in policy_rows.FIELDS[row.part]}
            again = policy_rows.filled(RAW, row.pointer, typed)
            assert policy_document.canonical(policy_document.load(again)) == FORM, row.pointer


def test_what_is_typed_is_read_as_the_document_reads_it():
    typed = {"key": "credit-approved", "name": "Credit", "planned_in": "solution", "offset_days": "7",
             "lead_days": "soon", "binds": "amount , currency", "tolerance": "amount 0.02, currency",
             "blocks": "on"}  # fmt: skip
    said = policy_rows.filled(RAW, "/milestones/1", typed)["milestones"][1]
    assert said == {
        "key": "credit-approved", "name": "Credit", "planned_in": "solution", "offset_days": 7, "lead_days": "soon",
        "binds": ["amount", "currency"], "tolerance": [{"fact": "amount", "share": "0.02"}, {"fact": "currency"}],
        "blocks": True, "counts_late": False,
    }  # fmt: skip


def test_rows_are_added_and_taken_out_where_lists_are():
    raw, at = policy_rows.added({"name": "x", "stages": [{"key": "a"}]}, "/stages/0/gate")
    assert at == "/stages/0/gate/0" and raw["stages"][0]["gate"] == [{"kind": "input"}]
    assert policy_rows.added(raw, "/inputs")[1] == "/inputs/0"
    for base in ("/gate", "/stages/7/gate", "/loss_reasons", "/inputs/0/gate/0/gate", "", "/stages/x/gate"):
        assert policy_rows.added(raw, base) == (raw, "")
    assert keys(policy_rows.removed(FORM, "/inputs/0")["inputs"]) == keys(FORM["inputs"])[1:]
    assert policy_rows.removed(FORM, "/name/0") == FORM and policy_rows.row(FORM, "/inputs/-1") is None


def test_a_document_of_any_shape_has_the_rows_that_it_has():
    for raw in ({"stages": 7}, {"stages": [3, {"gate": "x"}]}, {"inputs": [None, {"key": 5}]}):
        for part in ("/stages", "/stages/1/gate", "/inputs"):
            for row in policy_rows.rows(raw, part):
                assert policy_rows.moved(raw, row.pointer, 1)[0] and isinstance(row.key, str)
