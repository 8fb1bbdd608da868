"""A certified table as XLSX: one sheet, typed cells, the same bytes at every time. Text is a string and never runs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from reporting.rules.certified import lines
from reporting.rules.table import TEXT, Cell, Column, Table

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DIGITS = 15  # beyond them a spreadsheet rounds a number, so it is written as text
_OPEN = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_PART}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_PART}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Certified" sheetId="1" r:id="rId1"/></sheets></workbook>',
}


def content(table: Table, receipt: Mapping[str, Any]) -> bytes:
    rows = "".join(
        f'<row r="{number}">{"".join(_cell(column, value) for column, value in row)}</row>'
        for number, row in enumerate(lines(table, receipt), 1)
    )
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), _OPEN + text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _cell(column: Column, value: Cell) -> str:
    if value is None:
        return "<c/>"
    text = str(value)
    if column.type != TEXT and sum(letter.isdigit() for letter in text) <= _DIGITS:
        return f"<c><v>{text}</v></c>"
    # XML 1.0 has no words for control characters; a name that holds one loses it here and is told as altered.
    shown = "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(shown)}</t></is></c>'
