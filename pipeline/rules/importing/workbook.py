"""XLSX → rows of text. The first sheet that holds anything; formulas count by the value that was saved with them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import zipfile
from contextlib import suppress

from pipeline.rules.importing import unpacking
from pipeline.rules.importing.faults import refuse

MOST_UNPACKED = 200 * 1024 * 1024
_WAIT = unpacking.SECONDS * 4  # by the clock, on a machine that does other things
_turns = threading.BoundedSemaphore(2)  # in each process, so that many at once do not take all memory together


def is_one(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False


def rows(file: str, data: bytes) -> list[tuple[int, list[str]]]:
    """Rows that hold text, with their numbers. Refuses a broken workbook, and one that unpacks beyond 200 MiB or takes
    more memory or time than it may have."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
            raise refuse(file, "IMPORT-FILE-3", "The workbook unpacks to more than 200 MiB.", "Save the table as CSV.")
    done = _unpacked(data)
    if done is not None and done.returncode == unpacking.NO_WORKBOOK:
        what = f"The workbook cannot be opened: {done.stderr.decode('utf-8', 'replace')[:200]}."
        raise refuse(file, "IMPORT-FILE-5", what, "Open it in a spreadsheet and save it again.")
    if done is None or done.returncode != 0:
        what = "The workbook is too large to read: a cell far from the table makes all between them part of it."
        raise refuse(file, "IMPORT-FILE-3", what, "Delete what stands beside the table, or save the table as CSV.")
    texts = [(at, cells) for at, cells in map(json.loads, done.stdout.splitlines())]
    wide = max((len(cells) for _at, cells in texts), default=0)
    return [(at, cells + [""] * (wide - len(cells))) for at, cells in texts]


def _unpacked(data: bytes) -> subprocess.CompletedProcess[bytes] | None:
    """None for a process that did not end in time."""
    asked = [sys.executable, "-I", unpacking.__file__]
    with _turns, suppress(subprocess.TimeoutExpired):
        return subprocess.run(asked, input=data, capture_output=True, timeout=_WAIT, check=False)
    return None
