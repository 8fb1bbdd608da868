"""Looks for words in the contents of evidence files: to find what an erasure must name. It reads every file, once."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from governance.commands import evidence_store
from governance.queries import personal

_LARGEST_PART = 64 * 1024 * 1024  # of a packed file, unpacked: what grows further is not read to its end
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")


def holding(terms: Sequence[str]) -> list[int]:
    """Evidence whose file holds one of the terms, whatever the case.

    Reads text, Office files and the packed streams of a PDF. A picture, and a PDF that draws its letters by numbers
    of their own, say nothing: those are looked at by a person.
    """
    wanted = [spelling for term in terms for spelling in _spellings(term)]
    return [
        number
        for number, digest in personal.files()
        if any(_has(part, wanted) for part in _parts(evidence_store.path_of(digest)))
    ]


def _spellings(term: str) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        for text in {term, term.lower(), term.upper(), term.title()}:
            yield text.encode(encoding, "ignore")


def _has(part: bytes, wanted: Sequence[bytes]) -> bool:
    return any(spelling and spelling in part for spelling in wanted)


def _parts(file: Path) -> Iterator[bytes]:
    """The bytes, and what is packed in them."""
    if not file.exists():
        return
    data = file.read_bytes()
    yield data
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as packed:
            for name in packed.namelist():
                with packed.open(name) as part:
                    yield part.read(_LARGEST_PART)
    elif data.startswith(b"%PDF-"):
        for stream in data.split(b"stream")[1:]:
            try:
                yield zlib.decompressobj().decompress(stream.lstrip(b"\r\n"), _LARGEST_PART)
            except zlib.error:
                continue
