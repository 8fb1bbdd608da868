"""A small CSV over the API: the form that brings it, and what became of its rows."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from ledger.api.reading import Reader
from ledger.api.schemas import FLAG, NUMBER, TEXT, Schema, many, shape
from ledger.rules.problems import Fault, bad_input
from pipeline.rules.importing.row_file import MOST_BYTES, MOST_ROWS_ONLINE, Report

MOST = MOST_ROWS_ONLINE
SHOWN = 1_000  # faults in one answer; `rejected` counts all
FORM: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}, "dry_run": FLAG},
    "required": ["file"],
}
REPORT: Schema = shape(
    read=NUMBER, accepted=NUMBER, unchanged=NUMBER, rejected=NUMBER,
    faults=many(shape(line=NUMBER, column=TEXT, value=TEXT, code=TEXT, remedy=TEXT)),
)  # fmt: skip


def posted(request: Request) -> tuple[bytes, bool]:
    """(bytes, dry run) of a form with one file."""
    form = Reader({name: value for name, value in request.POST.dict().items() if name != "file"}, "form")
    dry_run = bool(form.flag("dry_run"))
    form.done()
    file = request.FILES.get("file")
    if file is None:
        raise bad_input([Fault("/file", "ROW-FILE-0", "Choose the file.")], "There is no file")
    return file.read(MOST_BYTES + 1), dry_run


def shown(report: Report) -> dict[str, Any]:
    faults = [
        {"line": one.line, "column": one.column, "value": one.value, "code": one.code, "remedy": one.message}
        for one in report.faults[:SHOWN]
    ]
    return {**report.counts, "faults": faults}
