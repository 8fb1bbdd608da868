"""Secrets of a local product: generated once, kept in files that only their owner can read."""

import os
import secrets
from pathlib import Path

from crm_ledger.local.paths import LOCAL


def keep(name: str, folder: Path | None = None) -> str:
    """The secret called `name`: the same one at every call, whoever asks first."""
    file = (folder or LOCAL / "secrets") / name
    if not file.exists():
        _write_once(file)
    return file.read_text(encoding="ascii")


def _write_once(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_urlsafe(48))
    try:
        # A hard link to a finished file: two starts at once agree on one secret, and never read half of it.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
