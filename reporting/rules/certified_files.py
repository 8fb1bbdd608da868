"""Bytes of a file → what it certifies. CSV with any usual separator, XLSX, or a receipt alone as JSON."""

from __future__ import annotations

import csv
import io
import zipfile

from ledger.rules.problems import Problem
from pipeline.rules.importing import workbook
from reporting.rules import certified, receipt
from reporting.rules.certified import Certified
from reporting.rules.receipt import NotAReceipt

MOST_BYTES = 8 * 1024 * 1024  # anybody may send one
MOST_UNPACKED = 48 * 1024 * 1024
MOST_ROWS = 100_000


def read(name: str, data: bytes) -> Certified:
    """Raises NotAReceipt for whatever holds none."""
    if len(data) > MOST_BYTES:
        raise NotAReceipt("the file is larger than 8 MiB")
    if data.lstrip()[:1] == b"{":
        return Certified(receipt.read(data))
    return certified.read(_workbook(name, data) if data[:4] == b"PK\x03\x04" else _csv(data))


def _workbook(name: str, data: bytes) -> list[list[str]]:
    try:
        if not workbook.is_one(data):
            raise NotAReceipt("the file is an archive, and no workbook")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                raise NotAReceipt("the workbook unpacks to more than 48 MiB")
        return [cells for _number, cells in workbook.rows(name, data)][:MOST_ROWS]
    except Problem as problem:
        raise NotAReceipt(problem.detail) from problem


def _csv(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
        first = text.split("\n", 1)[0]
        delimiter = max((",", ";", "\t"), key=first.count)
        rows = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            if len(rows) > MOST_ROWS:
                raise NotAReceipt("the file has too many rows")
    except (UnicodeDecodeError, csv.Error) as error:
        raise NotAReceipt("the file is neither CSV in UTF-8 nor a workbook") from error
    return rows
