"""Bytes of a file → rows of text, or a refusal that says what the file is and how to save it."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection
from dataclasses import dataclass, field

from pipeline.rules.importing import workbook
from pipeline.rules.importing.faults import refuse

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
LONGEST_CELL = 128 * 1024
ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "iso-8859-15", "cp1252", "cp1250", "mac-roman")
SAVE_AS = "Save it as “CSV UTF-8 (comma delimited)” and import that file."

_WORKBOOKS = (".xlsx", ".xlsm")
_SIGNATURES = (
    (b"PK\x03\x04", "a zip archive"), (b"PK\x05\x06", "an empty zip archive"), (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"), (b"\xd0\xcf\x11\xe0", "an old Office file, such as XLS"),
    (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"), (b"SQLite format 3\x00", "a database"), (b"\x7fELF", "a program"),
    (b"{\\rtf", "an RTF text"),
)  # fmt: skip
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, ""), (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A header and its rows, each with the line on which it starts. Rows without any text are not there."""

    file: str
    header: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


def sheet(
    file: str, data: bytes, expected: Collection[str], *, encoding: str = "", most_rows: int = MOST_ROWS
) -> Sheet:
    """Reads a CSV (UTF-8, or UTF-16 with a byte order mark; comma, semicolon or tab) or an XLSX workbook.

    `encoding` is what a person said of the file. Raises Problem "unreadable-file" for a file that is empty, too
    large, not what its name says, in another encoding, or whose quotes do not close.
    """
    if len(data) > MOST_BYTES:
        raise refuse(
            file, "IMPORT-FILE-3", f"The file has {len(data):,} bytes; {MOST_BYTES:,} are the most.",
            "Split it; rows that are in already change nothing.",
        )  # fmt: skip
    if not data.strip(b"\x00\t\r\n ,;\xef\xbb\xbf\xff\xfe"):
        raise refuse(file, "IMPORT-FILE-2", "The file is empty.", "Give one with a header and at least one row.")
    if _is_workbook(file, data):
        rows = workbook.rows(file, data)
    else:
        text = _text(file, data, encoding)
        rows = _csv(file, text, _delimiter(text, expected))
    if not rows:
        raise refuse(file, "IMPORT-FILE-2", "The file is empty.", "Give one with a header and at least one row.")
    header = [cell.strip() for cell in rows[0][1]]
    if len(rows) == 1:
        raise refuse(
            file, "IMPORT-FILE-2", "The file has a header and no rows.", "Give at least one row.", line=rows[0][0]
        )
    if len(rows) - 1 > most_rows:
        raise refuse(
            file, "IMPORT-FILE-3", f"The file has {len(rows) - 1:,} rows; {most_rows:,} are the most here.",
            "Split it; rows that are in already change nothing."
            if most_rows == MOST_ROWS
            else "Use manage.py import_deals, or split it.",
        )  # fmt: skip
    return Sheet(file, header, rows[1:])


def _is_workbook(file: str, data: bytes) -> bool:
    """Compares what the file is with what its name says."""
    named = file.lower().endswith(_WORKBOOKS)
    found = next((what for mark, what in _SIGNATURES if data.startswith(mark)), "")
    is_one = found == "a zip archive" and workbook.is_one(data)
    if named and is_one:
        return True
    if named:
        raise refuse(
            file, "IMPORT-FILE-4", f"The file is named as a workbook, but is {found or 'plain text'}.",
            "Give it the ending of what it is, or save it as XLSX again.",
        )  # fmt: skip
    if found:
        found = "an XLSX workbook" if is_one else found
        remedy = "Name it .xlsx, or s" if is_one else "S"
        raise refuse(
            file, "IMPORT-FILE-4", f"The file is not what its name says: it is {found}.",
            f"{remedy}ave the table as CSV UTF-8.",
        )  # fmt: skip
    return False


def _text(file: str, data: bytes, encoding: str) -> str:
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if marked == "":
        raise refuse(file, "IMPORT-TEXT-1", "The file is in UTF-32.", SAVE_AS)
    if marked is None and not encoding and data[:4096].count(0) > len(data[:4096]) // 10:
        what = "The file is no text, or is UTF-16 without its byte order mark."
        raise refuse(file, "IMPORT-TEXT-1", what, f"{SAVE_AS} Or name the encoding in the map: “encoding: utf-16-le”.")
    chosen = marked or encoding or "utf-8"
    try:
        return data.decode(chosen)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        what = f"The file is not {chosen.removesuffix('-sig').upper()}: byte {data[error.start]:#04x} on line {line}."
        remedy = f"{SAVE_AS} Or name its encoding in the map, such as “encoding: cp1252” for an older Excel."
        raise refuse(file, "IMPORT-TEXT-1", what, remedy, line=line) from None


def _delimiter(text: str, expected: Collection[str]) -> str:
    """The separator under which the header names most of what is expected; a comma when that decides nothing."""
    header = text.lstrip().split("\n", 1)[0]
    return max(
        (",", ";", "\t"),
        key=lambda sign: (len({cell.strip(' "\r') for cell in header.split(sign)} & set(expected)), sign == ","),
    )


def _csv(file: str, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, list[str]]] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error as error:
            raise _crooked(file, line, str(error)) from None
        if any(cells):
            rows.append((line, cells))


def _crooked(file: str, line: int, said: str) -> Exception:
    if "unexpected end" in said:
        what = f"A quote that opens on line {line} never closes, so the rest of the file is one cell."
        return refuse(file, "IMPORT-QUOTE-1", what, "Close it, or double a quote inside a cell.", line=line)
    if "field larger" in said:
        what = f"A cell on line {line} is longer than {LONGEST_CELL:,} characters; a quote may never close."
        return refuse(file, "IMPORT-QUOTE-1", what, "Close the quote, or shorten the cell.", line=line)
    what = f"Text follows a closing quote on line {line}."
    return refuse(file, "IMPORT-QUOTE-2", what, 'Double a quote inside a cell: "" stands for one.', line=line)
