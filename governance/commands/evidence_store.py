"""Files by SHA-256: written once, never changed, the same file kept once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Stored:
    sha256: str
    size: int


def path_of(sha256: str) -> Path:
    return Path(settings.EVIDENCE_ROOT) / sha256[:2] / sha256[2:4] / sha256


def store(chunks: Iterable[bytes]) -> Stored:
    """Writes under a random name, then links it to its hash: a reader never sees half a file."""
    root = Path(settings.EVIDENCE_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=root)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, 0o444)
        target = path_of(digest.hexdigest())
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(name, target)
        except FileExistsError:
            pass
    finally:
        os.unlink(name)
    return Stored(digest.hexdigest(), size)


def is_intact(sha256: str) -> bool:
    """Hashes the file again, each time it is looked at."""
    try:
        with path_of(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def remove(sha256: str) -> None:
    """Only for an erasure: the hash stays on the record, the file does not."""
    path_of(sha256).unlink(missing_ok=True)
