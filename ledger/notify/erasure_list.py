"""The list of erasures, kept outside the database: what must be erased again after a backup was restored. Ids only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from ledger.notify import checkpoints, kept_file

FILE = "erasures.jsonl"


def file() -> Path:
    return Path(settings.CHECKPOINT_DIR) / FILE


def add(line: Mapping[str, Any]) -> None:
    """One line of JSON wherever checkpoints are kept as files, written through. The same line twice is harmless."""
    for folder in checkpoints.folders():
        kept_file.add_line(folder / FILE, json.dumps(line, sort_keys=True))


def lines(file: Path) -> Iterator[dict[str, Any]]:
    """Raises ValueError, with its number, for a line that is none."""
    with file.open(encoding="utf-8") as given:
        for number, text in enumerate(given, 1):
            try:
                line = json.loads(text)
                line["name"], line["values"], line["reason"]
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"line {number} of {file} is no erasure") from error
            yield line
