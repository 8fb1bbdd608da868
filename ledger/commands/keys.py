"""Keys that sign heads and receipts: kept in files outside the database, announced in the record."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ledger.commands.append import Draft, append, lock
from ledger.notify import key_file
from ledger.queries import keys
from ledger.rules.actor import Actor
from ledger.rules.checkpoint import Key, Signer
from ledger.transactions import command


def rotate(file: Path) -> None:
    """Adds a new key before the present ones: all of them stay announced until `retire`."""
    key_file.write(file, [os.urandom(32), *key_file.seeds(file)])


def retire(file: Path) -> None:
    """Keeps the newest key only."""
    key_file.write(file, key_file.seeds(file)[:1])


@command
def announce(signers: Sequence[Signer], *, by: Actor, stream: str = keys.STREAM) -> list[Key]:
    """Writes `key.announced` for keys that the record does not know, and `key.retired` for those that sign no more."""
    present = {signer.key for signer in signers}
    if keys.announced(stream) == present:
        return []
    chain = lock(stream)
    known = keys.announced(stream)
    fresh = sorted(present - known, key=lambda key: key.id)
    gone = sorted(known - present, key=lambda key: key.id)
    drafts = [Draft("key.announced", {"public_key": key.text()}) for key in fresh]
    drafts += [Draft("key.retired", {"public_key": key.text()}) for key in gone]
    append(chain, *drafts, by=by)
    return fresh
