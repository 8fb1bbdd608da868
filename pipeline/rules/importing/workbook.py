"""XLSX → rows of text. The first sheet that holds anything; formulas count by the value that was saved with them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from pipeline.rules.importing.faults import refuse

MOST_UNPACKED = 200 * 1024 * 1024


def is_one(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def rows(file: str, data: bytes) -> list[tuple[int, list[str]]]:
    """Rows that hold text, with their numbers. Refuses a broken workbook, and one that unpacks beyond 200 MiB."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
            raise refuse(file, "IMPORT-FILE-3", "The workbook unpacks to more than 200 MiB.", "Save the table as CSV.")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found: list[list[Any]] = []
        for name in book.sheet_names:
            found = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if found:
                break
    except (CalamineError, ValueError, OSError) as error:
        what = f"The workbook cannot be opened: {error}."
        raise refuse(file, "IMPORT-FILE-5", what, "Open it in a spreadsheet and save it again.") from None
    wide = max((len(row) for row in found), default=0)
    texts = [(at, [cell_text(cell) for cell in row]) for at, row in enumerate(found, 1)]
    return [(at, cells + [""] * (wide - len(cells))) for at, cells in texts if any(cells)]


def cell_text(cell: Any) -> str:
    """As the same cell reads in a CSV: whole numbers without a point, days in ISO 8601."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)
