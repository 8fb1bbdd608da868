"""One round of the sealer: keys, leaves, head, publication. What the worker does each second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ledger.commands import keys, publish, seal
from ledger.notify import checkpoints, key_file
from ledger.queries import tree
from ledger.rules.actor import SYSTEM
from ledger.rules.checkpoint import Signer


@dataclass(frozen=True, slots=True)
class Round:
    leaves: int = 0
    published: int = 0
    size: int = 0


def is_set() -> bool:
    """Whether this process was told the sealer's role and key."""
    return bool(settings.LEDGER_SIGNING_KEY_FILE) and seal.SEALER in settings.DATABASES


def signers() -> list[Signer]:
    file = Path(settings.LEDGER_SIGNING_KEY_FILE)
    key_file.make(file)
    return key_file.read(file, settings.LEDGER_ORIGIN)


def run() -> Round:
    """Announces new keys, seals what is committed, publishes; does nothing in a process that may not seal."""
    if not is_set():
        return Round()
    leaves = seal_now()
    sent = publish.publish()
    head = tree.head(seal.SEALER)
    return Round(leaves, sum(sent.values()), head.size if head else 0)


def seal_now() -> int:
    """Announces new keys and seals what is committed; returns how many leaves it added."""
    present = signers()
    for signer in present:
        checkpoints.remember_key(signer.key.text())
    keys.announce(present, by=SYSTEM)
    return sum(sealed.leaves for sealed in seal.catch_up(settings.LEDGER_ORIGIN, present))
