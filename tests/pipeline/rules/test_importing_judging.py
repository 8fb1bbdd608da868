"""Each bad row by example: what is wrong, where, what mends it, and what becomes of the row."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.importing import cells, fields, judging
from pipeline.rules.importing.columns import Columns
from pipeline.rules.importing.known import Agent, Known, Listed
from pipeline.rules.importing.mapping import ValueMap

COLUMNS = Columns({field: at for at, field in enumerate(fields.DEALS)}, len(fields.DEALS), (), "deals.csv")
GOOD = {
    "opportunity_id": "A1", "sales_agent": "Anna", "product": "GTX Pro", "account": "Cancity", "deal_stage": "Won",
    "engage_date": "2016-10-20", "close_date": "2017-03-01", "close_value": "1054.50",
}  # fmt: skip
OPEN = GOOD | {"deal_stage": "Engaging", "close_date": "", "close_value": ""}


def known(**more):
    return Known(
        **{
            "agents": {"Anna": (Agent(1, 11, "west"),), "Bo": (Agent(2, 12, "east"), Agent(3, 12, "west"))},
            "products": {"GTX Pro": Listed(5, "GTX Pro", 482100)},
            "accounts": {"Cancity": 7},
            "currency": "USD",
            "today": date(2020, 1, 1),
            **more,
        }
    )


def judged(row, repeated=None, **more):
    return judging.judge(2, [row[field] for field in fields.DEALS], COLUMNS, known(**more), repeated or {})


def test_a_won_row():
    verdict = judged(GOOD)
    assert (verdict.outcome, verdict.faults, verdict.ref) == ("unverified", (), "A1")
    assert (verdict.stated.amount_minor, verdict.stated.account, verdict.stated.product.id) == (105450, 7, 5)
    assert verdict.stated.claim == {
        "stage": "Won", "product": "GTX Pro", "engaged_on": "2016-10-20", "closed_on": "2017-03-01",
        "close_value": "1054.50",
    }  # fmt: skip


def test_lost_and_open_rows_carry_no_amount():
    lost = judged(GOOD | {"deal_stage": "Lost", "close_value": "0"})
    assert (lost.outcome, lost.stated.amount_minor, lost.stated.claim["close_value"]) == ("unverified", None, "0")
    assert judged(GOOD | {"deal_stage": "Lost", "close_value": ""}).outcome == "unverified"
    assert judged(OPEN).outcome == "accepted"
    assert judged(OPEN | {"close_value": "999"}).stated.amount_minor is None


BAD = [
    ("opportunity_id", "", "IMPORT-ID-1"), ("opportunity_id", " ", "IMPORT-ID-1"),
    ("opportunity_id", "x" * 101, "IMPORT-LONG-1"), ("sales_agent", "", "IMPORT-AGENT-1"),
    ("sales_agent", "Nobody", "IMPORT-AGENT-1"), ("sales_agent", "Bo", "IMPORT-AGENT-2"),
    ("deal_stage", "", "IMPORT-STAGE-1"), ("deal_stage", "won", "IMPORT-STAGE-1"),
    ("engage_date", "2016-13-01", "IMPORT-DATE-1"), ("engage_date", "2017-02-30", "IMPORT-DATE-1"),
    ("engage_date", "20/10/2016", "IMPORT-DATE-1"), ("engage_date", "1916-10-20", "IMPORT-DATE-2"),
    ("close_date", "", "IMPORT-DATE-3"), ("close_date", "2016-10-19", "IMPORT-DATE-4"),
    ("close_date", "2021-01-01", "IMPORT-DATE-5"), ("close_value", "", "IMPORT-VALUE-3"),
    ("close_value", "-5", "IMPORT-VALUE-2"), ("close_value", "abc", "IMPORT-VALUE-1"),
    ("close_value", "1,054", "IMPORT-VALUE-1"), ("close_value", "1e5", "IMPORT-VALUE-1"),
    ("close_value", "1_000", "IMPORT-VALUE-1"), ("close_value", "NaN", "IMPORT-VALUE-1"),
    ("close_value", "١٢٣", "IMPORT-VALUE-1"), ("close_value", "10.555", "MONEY-5"), ("close_value", "0", "MONEY-3"),
    ("close_value", "9" * 30, "MONEY-4"), ("close_value", "=1+1", "IMPORT-FORMULA-1"),
    ("product", "=cmd|' /C calc'!A0", "IMPORT-FORMULA-1"), ("account", "@SUM(A1)", "IMPORT-FORMULA-1"),
    ("account", "Can\x00city", "IMPORT-CONTROL-1"), ("product", "GTX\nPro", "IMPORT-CONTROL-1"),
    ("account", "y" * 201, "IMPORT-LONG-1"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "code"), BAD)
def test_a_bad_cell_rejects_the_row(field, value, code):
    verdict = judged(GOOD | {field: value})
    assert verdict.outcome == "rejected" and verdict.stated is None
    fault = verdict.faults[0]
    assert (fault.line, fault.column, fault.code, fault.outcome, fault.file) == (
        2,
        field,
        code,
        "rejected",
        "deals.csv",
    )
    assert fault.what and fault.remedy
    assert value[:50] in fault.value or "\\" in fault.value


@pytest.mark.parametrize(
    ("field", "value", "code", "meant"),
    [("product", "GTXPro", "IMPORT-PRODUCT-1", "GTX Pro"), ("product", "", "IMPORT-PRODUCT-1", ""),
     ("account", "cancity", "IMPORT-ACCOUNT-2", "Cancity"), ("account", "", "IMPORT-ACCOUNT-1", "")],
)  # fmt: skip
def test_unknown_names_are_kept_on_history_and_reject_an_open_row(field, value, code, meant):
    verdict = judged(GOOD | {field: value})
    assert verdict.outcome == "unverified"
    (fault,) = verdict.faults
    assert (fault.code, fault.suggestion, fault.outcome) == (code, meant, "kept as unverified")
    assert getattr(verdict.stated, field) is None and verdict.stated.claim.get(field, "") == value
    verdict = judged(OPEN | {field: value})
    assert (verdict.outcome, verdict.faults[0].outcome) == ("rejected", "rejected")


def test_a_map_is_applied_before_judging_and_noted():
    said = ValueMap({"product": {"GTXPro": "GTX Pro"}, "account": {"": "Cancity"}, "sales_agent": {"Ann": "Anna"}})
    verdict = judged(OPEN | {"product": "GTXPro", "account": "", "sales_agent": "Ann"}, map=said)
    assert (verdict.outcome, verdict.faults) == ("accepted", ())
    assert verdict.stated.claim["mapped"] == {"product": "GTXPro", "account": "", "sales_agent": ""}
    assert verdict.hash == judged(OPEN | {"product": "GTXPro", "account": "", "sales_agent": "Ann"}).hash


def test_only_units_that_one_manages():
    assert judged(GOOD, units=frozenset({"east"})).faults[0].code == "IMPORT-UNIT-1"
    assert judged(GOOD, units=frozenset({"west"})).outcome == "unverified"


def test_every_fault_of_a_row_at_once():
    row = GOOD | {"sales_agent": "?", "product": "?", "deal_stage": "?", "close_date": "?", "close_value": "?"}
    assert {fault.column for fault in judged(row).faults} == {
        "sales_agent", "product", "deal_stage", "close_date", "close_value"
    }  # fmt: skip


@pytest.mark.parametrize("row", [["A1"], ["A1"] * 9, []])
def test_uneven_rows(row):
    verdict = judging.judge(4, row, COLUMNS, known(), {})
    assert (verdict.outcome, verdict.faults[0].code, verdict.faults[0].line) == ("rejected", "IMPORT-ROW-1", 4)


def test_repeated_ids():
    other = GOOD | {"close_value": "2"}
    equal = judging.repeats([(2, GOOD), (3, OPEN | {"opportunity_id": "B"}), (4, GOOD)])
    assert list(equal) == [4] and equal[4].code == "IMPORT-ID-2"
    assert list(judging.repeats([(2, GOOD), (4, other)])) == [2, 4]
    assert judged(GOOD, repeated={2: equal[4]}).faults[0].column == "opportunity_id"


@pytest.mark.parametrize(
    ("value", "meant"),
    [("31.12.2016", "2016-12-31"), ("12/31/2016", "2016-12-31"), ("03/04/2017", ""), ("4/4/2017", "2017-04-04"),
     ("32/13/2017", ""), ("soon", "")],
)  # fmt: skip
def test_a_day_is_suggested_only_when_it_can_be_but_one(value, meant):
    assert cells.day(value).suggestion == meant


def test_an_amount_with_thousands_is_suggested():
    assert cells.amount("$1,054.50", "USD").suggestion == "1054.50"
    assert cells.amount("1.054,50", "USD").suggestion == ""


@given(st.fixed_dictionaries({field: st.text(max_size=30) for field in fields.DEALS}))
def test_judging_is_total_and_a_rejected_row_says_why(row):
    verdict = judged(row)
    assert (verdict.outcome == "rejected") == (verdict.stated is None)
    assert verdict.outcome != "rejected" or verdict.faults
    assert verdict == judged(row)


@given(st.sampled_from(fields.DEALS), st.text(max_size=30))
def test_one_changed_cell_never_makes_a_row_more_than_it_says(field, value):
    verdict = judged(GOOD | {field: value})
    if verdict.stated and verdict.stated.amount_minor is not None:
        assert verdict.stated.stage == "Won"
        assert verdict.stated.amount_minor * 1 == round(float(verdict.stated.claim["close_value"]) * 100)
