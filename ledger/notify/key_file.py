"""Files of private keys: one seed of 32 bytes a line, in base64, the newest first; only their owner can read them."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path

from ledger.rules.checkpoint import NotANote, Signer


def read(file: Path, name: str) -> list[Signer]:
    """The signers of a key file. Two lines are two keys, during a rotation."""
    try:
        signers = [Signer.from_seed(name, seed) for seed in seeds(file)]
    except ValueError as error:
        raise NotANote(f"{file} holds something that is no signing key") from error
    if not signers:
        raise NotANote(f"{file} holds no signing key")
    return signers


def seeds(file: Path) -> list[bytes]:
    return [base64.b64decode(line, validate=True) for line in file.read_text(encoding="ascii").split()]


def make(file: Path) -> None:
    """Makes the file when there is none. Two processes that make it at once agree on one key."""
    if not file.exists():
        draft = _draft(file, [os.urandom(32)])
        try:
            os.link(draft, file)  # a finished file, or none: nobody ever reads half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()


def write(file: Path, present: Sequence[bytes]) -> None:
    _draft(file, present).replace(file)


def _draft(file: Path, present: Sequence[bytes]) -> Path:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.writelines(base64.b64encode(seed).decode() + "\n" for seed in present)
        out.flush()
        os.fsync(out.fileno())
    return draft
