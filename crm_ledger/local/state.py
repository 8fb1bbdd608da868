"""What a running `make run` tells other commands of the same clone: a private file, valid while it lives."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

from crm_ledger.local import process
from crm_ledger.local.paths import STATE


def write(values: dict[str, Any], file: Path = STATE) -> None:
    """Replaces the file whole; it holds passwords, so only its owner can read it."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(values, out, indent=1)
    draft.replace(file)


def read(file: Path = STATE) -> dict[str, Any] | None:
    """What was written last, by a run that may be dead."""
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return None


def running(file: Path = STATE) -> dict[str, Any] | None:
    """The state of the run that lives now, or None."""
    found = read(file)
    if found and process.is_alive(*found.get("supervisor", [0, 0])):
        return found
    return None


def clear(file: Path = STATE) -> None:
    file.unlink(missing_ok=True)
