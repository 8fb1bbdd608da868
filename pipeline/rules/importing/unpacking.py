"""A workbook → JSON lines, in a process of its own with limits of memory and time.

A workbook of one kilobyte that names its last cell alone makes a reader fill a grid of sixteen thousand million: what
reads it must not be what serves people. Reads the workbook from standard input and writes a line for each row that
holds text, `[2, ["A1", "Anna"]]`. It ends with 0, or with 3 and a sentence on standard error where the bytes are no
workbook; any other end is a limit.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

NO_WORKBOOK = 3
MEMORY = 512 * 1024 * 1024  # bytes of addresses; as many cells as there may be take a third of it
SECONDS = 20  # of one core
MOST_CELLS = 5_000_000  # 100,000 rows of 50, those without text counted
MOST_TEXT = 64 * 1024 * 1024  # characters of all rows together


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    left = MOST_TEXT
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.start is None:
                continue
            if (sheet.total_height + 1) * (sheet.total_width + 1) > MOST_CELLS:
                raise MemoryError
            before = [""] * sheet.start[1]
            for at, row in enumerate(sheet.iter_rows(), 1):
                cells = before + [cell_text(cell) for cell in row]
                left -= sum(map(len, cells))
                if left < 0:
                    raise MemoryError
                if any(cells):
                    sys.stdout.write(json.dumps([at, cells]) + "\n")
            break
    except (CalamineError, ValueError, OSError) as error:
        sys.stderr.write(str(error))
        return NO_WORKBOOK
    return 0


def cell_text(cell: Any) -> str:
    """As the same cell reads in a CSV: whole numbers without a point, days in ISO 8601."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


if __name__ == "__main__":
    sys.exit(main())
