"""Keys that sign the heads of the tree: kept in a file outside the database, announced in the record."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from pathlib import Path

from ledger.commands.append import Draft, append, lock
from ledger.queries import keys
from ledger.rules.actor import Actor
from ledger.rules.checkpoint import Key, NotANote, Signer
from ledger.transactions import command


def read(file: Path, name: str) -> list[Signer]:
    """The signers of a key file: one seed of 32 bytes a line, in base64. Two lines sign both, during a rotation."""
    seeds = [line for line in file.read_text(encoding="ascii").split("\n") if line.strip()]
    try:
        signers = [Signer.from_seed(name, base64.b64decode(seed, validate=True)) for seed in seeds]
    except ValueError as error:
        raise NotANote(f"{file} holds something that is no signing key") from error
    if not signers:
        raise NotANote(f"{file} holds no signing key")
    return signers


def make(file: Path) -> None:
    """Makes the key file when there is none; only its owner can read it."""
    if not file.exists():
        _write(file, [os.urandom(32)])


def rotate(file: Path) -> None:
    """Adds a new key before the present ones: all of them sign until `retire`."""
    _write(file, [os.urandom(32), *_seeds(file)])


def retire(file: Path) -> None:
    """Keeps the newest key only."""
    _write(file, _seeds(file)[:1])


@command
def announce(signers: Sequence[Signer], *, by: Actor) -> list[Key]:
    """Writes `key.announced` for keys that the record does not know, and `key.retired` for those that sign no more."""
    present = {signer.key for signer in signers}
    if keys.announced() == present:
        return []
    chain = lock(keys.STREAM)
    known = keys.announced()
    fresh = sorted(present - known, key=lambda key: key.id)
    gone = sorted(known - present, key=lambda key: key.id)
    drafts = [Draft("key.announced", {"public_key": key.text()}) for key in fresh]
    drafts += [Draft("key.retired", {"public_key": key.text()}) for key in gone]
    append(chain, *drafts, by=by)
    return fresh


def _seeds(file: Path) -> list[bytes]:
    return [base64.b64decode(line) for line in file.read_text(encoding="ascii").split()]


def _write(file: Path, seeds: Sequence[bytes]) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.writelines(base64.b64encode(seed).decode() + "\n" for seed in seeds)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
