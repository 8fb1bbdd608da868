"""Every file that is not what it should be is refused by name, with the sentence that mends it."""

import io
import zipfile
from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.problems import Problem
from pipeline.rules.importing import columns, fields, reading, unpacking

EXPECTED = fields.DEALS
HEAD = ",".join(EXPECTED)
ROW = "A1,Anna,GTX,Zürich AG,Won,2016-10-20,2017-03-01,10"
GOOD = f"{HEAD}\n{ROW}\n"


def refused(data, name="deals.csv", **more):
    with pytest.raises(Problem) as caught:
        reading.sheet(name, data, EXPECTED, **more)
    assert caught.value.slug == "unreadable-file" and caught.value.status == 422
    fault = caught.value.extra["faults"][0]
    assert fault["what"] and fault["remedy"] and fault["outcome"] == "file refused"
    return fault


def book(rows):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_are_read(encoding):
    sheet = reading.sheet("deals.csv", GOOD.encode(encoding), EXPECTED)
    assert sheet.header == list(EXPECTED)
    assert sheet.rows == [(2, ROW.split(","))]


def test_other_encodings_are_refused_unless_somebody_names_them():
    latin = GOOD.encode("latin-1")
    fault = refused(latin)
    assert (fault["code"], fault["line"]) == ("IMPORT-TEXT-1", 2)
    assert "CSV UTF-8" in fault["remedy"]
    assert reading.sheet("deals.csv", latin, EXPECTED, encoding="latin-1").rows[0][1][3] == "Zürich AG"
    assert refused(GOOD.encode("utf-16-le"))["code"] == "IMPORT-TEXT-1"
    assert refused(GOOD.encode("utf-32"))["code"] == "IMPORT-TEXT-1"


@pytest.mark.parametrize("sign", [";", "\t"])
def test_other_separators_are_read(sign):
    assert reading.sheet("deals.csv", GOOD.replace(",", sign).encode(), EXPECTED).rows == [(2, ROW.split(","))]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "IMPORT-FILE-2"), (b"\n\n , \n", "IMPORT-FILE-2"), (b"\xef\xbb\xbf", "IMPORT-FILE-2"),
        (HEAD.encode(), "IMPORT-FILE-2"), (b"%PDF-1.7 ...", "IMPORT-FILE-4"), (b"PK\x03\x04...", "IMPORT-FILE-4"),
        (b"\xd0\xcf\x11\xe0....", "IMPORT-FILE-4"), (b"\x1f\x8b....", "IMPORT-FILE-4"),
        (b"x" * (reading.MOST_BYTES + 1), "IMPORT-FILE-3"),
    ],
)  # fmt: skip
def test_what_is_no_table(data, code):
    assert refused(data)["code"] == code


def test_too_many_rows():
    assert refused((GOOD + ROW).encode(), most_rows=1)["code"] == "IMPORT-FILE-3"


def test_names_and_contents_agree():
    data = book([EXPECTED, ROW.split(",")])
    assert "XLSX" in refused(data)["what"]
    assert refused(GOOD.encode(), "deals.xlsx")["code"] == "IMPORT-FILE-4"
    broken = io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("xl/workbook.xml", "<nothing")
    assert refused(broken.getvalue(), "deals.xlsx")["code"] == "IMPORT-FILE-5"


def test_a_workbook_reads_like_the_csv():
    from datetime import date, datetime

    rows = [EXPECTED, ["A1", "Anna", "GTX", None, "Won", date(2016, 10, 20), datetime(2017, 3, 1), 1054.0], [None] * 8]
    sheet = reading.sheet("deals.xlsx", book(rows), EXPECTED)
    assert sheet.rows == [(2, ["A1", "Anna", "GTX", "", "Won", "2016-10-20", "2017-03-01", "1054"])]
    assert unpacking.cell_text(10.5) == "10.5"


@pytest.mark.parametrize("row", [b"1048576", b"400"])
def test_a_workbook_that_asks_for_all_memory_is_refused_by_a_process_of_its_own(row):
    """Two cells at opposite corners: two kilobytes that would be a grid of 17,179,869,184 cells, or 6,553,600."""
    packed, swollen = io.BytesIO(book([["a"], ["b"]])), io.BytesIO()
    with zipfile.ZipFile(packed) as given, zipfile.ZipFile(swollen, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in given.namelist():
            archive.writestr(part, given.read(part).replace(b'"2"', b'"%b"' % row).replace(b'"A2"', b'"XFD%b"' % row))
    fault = refused(swollen.getvalue(), "deals.xlsx")
    assert fault["code"] == "IMPORT-FILE-3" and "too large to read" in fault["what"]


def test_quotes():
    fault = refused(f'{HEAD}\n{ROW}\n"A2,Anna\n{ROW}\n'.encode())
    assert (fault["code"], fault["line"]) == ("IMPORT-QUOTE-1", 3)
    fault = refused((f'{HEAD}\n"' + f"{ROW}\n" * 4000).encode())
    assert (fault["code"], fault["line"]) == ("IMPORT-QUOTE-1", 2)
    assert refused(f'{HEAD}\n"A1"x,Anna\n'.encode())["code"] == "IMPORT-QUOTE-2"
    assert reading.sheet("d.csv", f'{HEAD}\n"A ""1""",Anna,,,,,,\n'.encode(), EXPECTED).rows[0][1][0] == 'A "1"'


def test_lines_are_those_of_an_editor():
    data = f'{HEAD}\n\n"A\n1",,,,,,,\n,,,,,,,\n{ROW}\n'.encode()
    assert [line for line, _ in reading.sheet("d.csv", data, EXPECTED).rows] == [3, 6]


def test_a_missing_column_is_named_with_what_was_found_and_what_may_be_meant():
    sheet = reading.sheet(
        "d.csv", GOOD.replace("deal_stage", "Deal Stage").replace("account", "firm").encode(), EXPECTED
    )
    with pytest.raises(Problem) as caught:
        columns.find(sheet, fields.DEALS)
    account, stage = caught.value.extra["faults"]
    assert (account["column"], account["suggestion"]) == ("account", "")
    assert (stage["column"], stage["suggestion"]) == ("deal_stage", "Deal Stage")
    assert "sales_agent" in stage["what"] and "firm" in stage["what"]
    found = columns.find(sheet, fields.DEALS, (), {"Deal Stage": "deal_stage", "firm": "account"})
    assert found.cells(sheet.rows[0][1])["deal_stage"] == "Won"


def test_a_column_that_stands_there_twice():
    sheet = reading.sheet("d.csv", f"{HEAD},account\n{ROW},x\n".encode(), EXPECTED)
    with pytest.raises(Problem) as caught:
        columns.find(sheet, fields.DEALS)
    assert caught.value.extra["faults"][0]["code"] == "IMPORT-COLUMN-2"


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(data):
    with suppress(Problem):
        assert all(any(cells) for _, cells in reading.sheet("deals.csv", data, EXPECTED).rows)


@given(st.binary(max_size=300).map(lambda data: b"PK\x03\x04" + data))
def test_no_bytes_break_the_workbook_reader(data):
    with pytest.raises(Problem):
        reading.sheet("deals.xlsx", data, EXPECTED)
