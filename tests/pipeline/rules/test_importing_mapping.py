"""Maps replace exact words and say what they replaced; near misses are suggested and never equal what is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.problems import Problem
from pipeline.rules.importing import mapping, suggesting
from pipeline.rules.importing.faults import RowFault, shown
from pipeline.rules.importing.near import Near
from pipeline.rules.importing.report import faults_csv

WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
# Cells with control characters are faults of their own and never come into a map.
PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=20)


def load(text):
    return mapping.load("map.yaml", text.encode())


def codes(text):
    with pytest.raises(Problem) as caught:
        load(text)
    return [(fault["column"], fault["suggestion"]) for fault in caught.value.extra["faults"]]


def test_a_map_of_every_kind():
    said = load(
        "product: {GTXPro: GTX Pro, 500: GTK 500}\naccount: {'': Nobody}\ncolumns: {Id: opportunity_id}\nsource: sf"
    )
    cells = {"product": "GTXPro", "account": "", "deal_stage": "Won"}
    assert said.apply(cells) == (
        {"product": "GTX Pro", "account": "Nobody", "deal_stage": "Won"}, {"product": "GTXPro", "account": ""}
    )  # fmt: skip
    assert said.apply({"product": "500"})[0] == {"product": "GTK 500"}
    assert said.apply({"product": "gtxpro"}) == ({"product": "gtxpro"}, {})
    assert (said.columns, said.source) == ({"Id": "opportunity_id"}, "sf")


def test_faults_of_a_map_come_all_at_once():
    assert codes("produkt: {a: b}\nencoding: utf-7\ncolumns: {Id: oportunity_id}\nsector: [1]\nsource: ''\n") == [
        ("produkt", "product"), ("sector", ""), ("columns", "opportunity_id"), ("encoding", "")
    ]  # fmt: skip
    for text in ("- a\n", "a: [\n", "product: {a: {b: c}}", "x" * (mapping.MOST_BYTES + 1), "[" * 5000):
        assert codes(text)
    with pytest.raises(Problem):
        mapping.load("map.yaml", b"\xff\xfe\x00")


def test_an_empty_map_maps_nothing():
    assert load("# nothing yet\n").apply({"product": "x"}) == ({"product": "x"}, {})


@given(st.dictionaries(WORDS, WORDS, max_size=5), WORDS)
def test_only_mapped_words_change_and_the_old_one_is_kept(words, value):
    said = mapping.ValueMap({"product": words})
    meant, written = said.apply({"product": value, "account": value})
    assert meant["account"] == value
    if words.get(value, value) == value:
        assert meant["product"] == value and written == {}
    else:
        assert meant["product"] == words[value] and written == {"product": value}


@given(st.dictionaries(PLAIN, PLAIN, min_size=1, max_size=5))
def test_a_proposal_reads_back_as_the_same_words(words):
    text = mapping.proposal({"product": words})
    assert load(text).words["product"] == words
    assert load(mapping.extended(mapping.NOTHING, {"product": words})).words["product"] == words


def test_a_map_is_extended_and_keeps_what_it_said():
    said = load("product: {a: b}\nstage: {won: Won}\nencoding: cp1252\nsource: sf\ncolumns: {Id: opportunity_id}")
    more = load(mapping.extended(said, {"product": {"c": "d"}, "columns": {"Firm": "account"}}))
    assert more.words["product"] == {"a": "b", "c": "d"} and more.words["deal_stage"] == {"won": "Won"}
    assert more.columns == {"Id": "opportunity_id", "Firm": "account"}
    assert (more.encoding, more.source) == ("cp1252", "sf")


@pytest.mark.parametrize(
    ("value", "meant"),
    [("GTXPro", "GTX Pro"), ("gtx pro", "GTX Pro"), (" GTX Pro", "GTX Pro"), ("GTX Pr", "GTX Pro"), ("GTX Pro", ""),
     ("Pallets", ""), ("", ""), ("MG", "")],
)  # fmt: skip
def test_near_products(value, meant):
    assert Near(["GTX Pro", "GTX Plus Pro", "MG Special"]).to(value) == meant


def test_two_that_are_equally_near_suggest_nothing():
    assert Near(["GTX Pro", "GTX-Pro"]).to("gtxpro") == ""


@given(st.sets(WORDS, max_size=6), WORDS)
def test_a_suggestion_is_known_and_differs(known, value):
    found = Near(known).to(value)
    assert found == "" or (found in known and found != value and value not in known)
    assert Near(sorted(known, reverse=True)).to(value) == found


def test_suggestions_become_a_map():
    faults = [
        RowFault(2, "product", "GTXPro", "IMPORT-PRODUCT-1", "", "", "GTX Pro"),
        RowFault(1, "deal_stage", "", "IMPORT-COLUMN-1", "", "", "Stage"),
        RowFault(2, "close_date", "31.12.2016", "IMPORT-DATE-1", "", "", "2016-12-31"),
        RowFault(3, "account", "x", "IMPORT-ACCOUNT-2", "", ""),
    ]
    assert suggesting.suggestions(faults) == {"product": {"GTXPro": "GTX Pro"}, "columns": {"Stage": "deal_stage"}}


@given(WORDS)
def test_no_cell_of_the_faults_starts_a_formula(value):
    line = RowFault(2, "product", value, "X", value, value, value, value, value).cells()
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in line)
    assert shown(value).isprintable() or any(letter in "\u00a0\u2007\u202f\u3000" for letter in shown(value))
    assert faults_csv([]).startswith("line,column,value,code,what,remedy,suggestion,outcome")
