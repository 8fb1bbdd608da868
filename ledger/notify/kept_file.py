"""Checkpoints as lines of a file that is only added to, with the public keys beside them."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

from ledger.notify.notice import Notice

FILE = "checkpoints.jsonl"
KEYS = "keys.txt"
_TAIL = 256 * 1024  # how far back a line is looked for that an interrupted run may have written


def write(notice: Notice, folder: Path) -> None:
    """One line of JSON, on the disk before anybody is told; a line that stands there already is not repeated."""
    line = json.dumps({"size": notice.size, "at": notice.at.isoformat(), "note": notice.note}, ensure_ascii=False)
    add_line(folder / FILE, line)


def remember_key(text: str, folder: Path) -> None:
    """Pins a public key beside the checkpoints, outside the database."""
    file = folder / KEYS
    if not file.exists() or text not in file.read_text(encoding="utf-8").split("\n"):
        add_line(file, text)


def add_line(file: Path, line: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    with os.fdopen(handle, "r+b") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        out.seek(max(0, out.seek(0, os.SEEK_END) - _TAIL))
        if line.encode() in out.read().split(b"\n"):
            return
        out.write(line.encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
