"""A bundle: the record as static files that anybody can keep, serve and verify without us.

The same record gives the same bytes, whoever exports it: files of 256 entries in leaf order, each entry with its
length in two bytes before it; all signed heads; the public keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from ledger.rules.merkle import TILE


def entry_files(envelopes: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """(path, content) of the files of entries; the last may hold fewer than 256."""
    part: list[bytes] = []
    number = 0
    for envelope in envelopes:
        part.append(len(envelope).to_bytes(2, "big") + envelope)
        if len(part) == TILE:
            yield path_of(number), b"".join(part)
            part, number = [], number + 1
    if part:
        yield path_of(number), b"".join(part)


def path_of(number: int) -> str:
    """`entries/000/001/002`: at most a thousand files in a folder."""
    text = f"{number:09d}"
    return f"entries/{text[:3]}/{text[3:6]}/{text[6:]}"


def checkpoint_lines(rows: Iterable[tuple[int, datetime, str]]) -> Iterator[bytes]:
    for size, at, note in rows:
        line = {"at": at.isoformat(), "note": note, "size": size}
        yield json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n"
