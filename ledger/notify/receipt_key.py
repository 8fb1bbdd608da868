"""The key that signs receipts. The web reads it, so it is another one than the key that signs heads of the tree."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from ledger.notify import key_file
from ledger.rules.checkpoint import Signer


def file() -> Path:
    return Path(settings.RECEIPT_KEY_FILE)


def signers() -> list[Signer]:
    """The newest key first: it signs; the others are still announced. Made when there is none."""
    key_file.make(file())
    return list(_read(file(), file().stat().st_mtime_ns, name()))


def name() -> str:
    return f"{settings.LEDGER_ORIGIN}/receipts"


@lru_cache(maxsize=8)
def _read(file: Path, changed: int, name: str) -> tuple[Signer, ...]:
    return tuple(key_file.read(file, name))
