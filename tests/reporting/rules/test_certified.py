"""A certified file comes back through a spreadsheet, and the first row that differs is named."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from ledger.rules.checkpoint import Signer
from reporting.exports import csv_file, xlsx_file
from reporting.rules import certified, certified_files, receipt
from reporting.rules.receipt import NotAReceipt
from reporting.rules.table import MONEY, NUMBER, TEXT, Column, Table, first_difference
from tests.reporting.rules.test_receipt import CLAIM

SIGNER = Signer.from_seed("crm-ledger/receipts", bytes([7] * 32))
COLUMNS = (Column("unit", TEXT), Column("value", MONEY), Column("deals", NUMBER))
TABLE = Table(
    COLUMNS, "USD", [("east", "264000.00", 1), ("=cmd|'/c calc'!A1", "-1500.50", 2), ("'-quoted", "0.00", None)]
)
WRITERS = {"csv": csv_file.content, "xlsx": xlsx_file.content}


def written(form, table=TABLE):
    return WRITERS[form](table, receipt.signed(replace(CLAIM, currency=table.currency, rows=table.described()), SIGNER))


def judged(data, wanted=None):
    found = certified_files.read("file", data)
    assert found.receipt.stands(SIGNER.key)
    return first_difference(found.table, found.proofs, found.receipt.claim.rows, wanted)


@pytest.mark.parametrize("form", WRITERS)
def test_what_was_written_is_what_is_read(form):
    found = certified_files.read("file", written(form))
    assert list(found.table.rows) == TABLE.rows
    assert judged(written(form)) is None
    assert written(form) == written(form)


cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@'\",;\n\t＝"), max_size=12
).filter(lambda text: text.strip() == text and "\r" not in text)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(cells, st.integers(-(10**14), 10**14), st.none() | st.integers(-(10**9), 10**9)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(sorted(WRITERS)),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_any_table_comes_back(rows, form, currency):
    from unicodedata import normalize

    from ledger.rules.money import plain

    rows = [(normalize("NFC", name) or None, plain(minor, currency), number) for name, minor, number in rows]
    assert judged(written(form, Table(COLUMNS, currency, rows))) is None


def test_text_never_runs_and_numbers_stay_numbers():
    lines = list(csv.reader(io.StringIO(written("csv").decode("utf-8-sig"), newline="")))
    assert [row[0] for row in lines[1:4]] == ["east", "'=cmd|'/c calc'!A1", "''-quoted"]
    assert [row[1] for row in lines[1:4]] == ["264000.00", "-1500.50", "0.00"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(written("xlsx"))).get_sheet_by_index(0).to_python()
    assert [row[1] for row in sheet[1:4]] == [264000.0, -1500.5, 0.0]
    assert b"<f>" not in written("xlsx")


@pytest.mark.parametrize(
    ("was", "becomes"),
    [("264000.00", "264000"), (",", ";"), ("\r\n", "\n"), ("264000.00", " 264000.0 "), ("\r\n\r\n", "\r\n,,,\r\n")],
)
def test_what_a_spreadsheet_does_to_a_file_alters_nothing(was, becomes):
    text = written("csv").decode("utf-8-sig")
    head, mark, tail = text.partition("receipt,")
    changed = head.replace(was, becomes) + (mark.replace(was, becomes) if becomes == ";" else mark) + tail
    assert judged(changed.encode()) is None


def test_decimal_commas_of_a_german_spreadsheet():
    lines = csv.reader(io.StringIO(written("csv").decode("utf-8-sig"), newline=""))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([c.replace(".", ",") if n == 1 and row[0] != "receipt" else c
                                              for n, c in enumerate(row)] for row in lines)  # fmt: skip
    assert judged(out.getvalue().encode("utf-8-sig")) is None


def altered(change):
    lines = list(csv.reader(io.StringIO(written("csv").decode("utf-8-sig"), newline="")))
    change(lines)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (lambda lines: lines[2].__setitem__(1, "-1500.51"), 2),
        (lambda lines: lines[3].__setitem__(0, "west"), 3),
        (lambda lines: lines.pop(1), 1),
        (lambda lines: lines.pop(3), 3),
        (lambda lines: lines.insert(2, ["north", "1.00", "1", "0" * 16]), 2),
        (lambda lines: lines.__setitem__(slice(1, 3), [lines[2], lines[1]]), 1),
    ],
)
def test_the_first_row_that_differs_is_named(change, row):
    assert judged(altered(change)).row == row


def test_a_lost_column_of_proofs_alters_no_row():
    assert judged(altered(lambda lines: [row.__delitem__(3) for row in lines if len(row) > 3])) is None


def test_proofs_that_were_written_anew_are_found_by_the_end_and_by_the_record():
    forged = Table(COLUMNS, "USD", [TABLE.rows[0], (*TABLE.rows[1][:1], "-15.00", 2), TABLE.rows[2]])
    data = WRITERS["csv"](forged, receipt.signed(replace(CLAIM, rows=TABLE.described()), SIGNER))
    assert judged(data).row == 0
    found = judged(data, wanted=TABLE)
    assert (found.row, found.found, found.expected) == (2, forged.rows[1], TABLE.rows[1])


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"a,b\n1,2\n", b"PK\x03\x04nothing", b"receipt", b"receipt,{}", b'{"v":']
)
def test_a_file_without_a_receipt_is_none(data):
    with pytest.raises(NotAReceipt):
        certified_files.read("file", data)


def test_a_guard_is_taken_off_once():
    for text in ("=1", "'=1", "''=1", "a", "'a", "-", "", "＝1"):
        assert certified.unguarded(certified.guarded(text)) == text


def stamped(form, integrity):
    claim = replace(CLAIM, currency=TABLE.currency, rows=TABLE.described(), integrity=integrity)
    return WRITERS[form](TABLE, receipt.signed(claim, SIGNER))


def texts(form, data):
    if form == "csv":
        return [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    return [str(cell) for row in rows for cell in row]


@pytest.mark.parametrize("form", WRITERS)
def test_a_number_below_80_is_stamped_not_certified_and_still_verifies(form):
    data = stamped(form, 79)
    assert "not certified" in texts(form, data)
    assert "integrity 79 of 100; a certified number has 80" in texts(form, data)
    assert judged(data) is None
    assert list(certified_files.read("file", data).table.rows) == TABLE.rows


@pytest.mark.parametrize("integrity", [80, 100, None])
@pytest.mark.parametrize("form", WRITERS)
def test_a_certified_number_has_no_stamp(form, integrity):
    assert "not certified" not in texts(form, stamped(form, integrity))


def test_taking_the_stamp_away_alters_no_row_and_the_receipt_still_says_the_score():
    lines = stamped("csv", 79).splitlines(keepends=True)
    found = certified_files.read("file", b"".join(line for line in lines if b"not certified" not in line))
    assert judged(b"".join(line for line in lines if b"not certified" not in line)) is None
    assert found.receipt.claim.integrity == 79


def test_a_score_that_is_none_is_no_receipt():
    said = receipt.signed(replace(CLAIM, integrity=101), SIGNER)
    with pytest.raises(NotAReceipt):
        receipt.read(said)
