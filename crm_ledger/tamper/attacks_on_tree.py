"""Attacks by somebody who also rewrites the tree, up to one who holds the key: only the outside knows better."""

from __future__ import annotations

from crm_ledger.tamper.attacks import Attack
from crm_ledger.tamper.intruder import Intruder
from crm_ledger.tamper.scratch import ORIGIN
from ledger.rules import checkpoint, tiles
from ledger.rules.checkpoint import Signer
from ledger.rules.envelope import canonical

FORGER = Signer.from_seed(ORIGIN, bytes([9] * 32))


def _chain(intruder: Intruder) -> None:
    stream = intruder.deal()
    with intruder.unguarded():
        intruder.alter(stream, 2, lambda said: said["body"].update(note="as agreed"))
        intruder.rewrite(stream)


def _leaves(intruder: Intruder) -> None:
    _chain(intruder)
    with intruder.unguarded():
        intruder.run(
            "UPDATE ledger_leaf l SET hash = e.hash FROM ledger_entry e WHERE e.id = l.entry_id AND l.hash <> e.hash"
        )


def _tree(intruder: Intruder, signer: Signer | None) -> None:
    """Leaves, tiles, roots and, with a key, signatures: consistent within."""
    _leaves(intruder)
    hashes = [bytes(row[0]) for row in intruder.run("SELECT hash FROM ledger_leaf ORDER BY idx")]
    with intruder.unguarded():
        for tile in tiles.Edge(0, []).extend(hashes):
            intruder.run("UPDATE ledger_tile SET hashes = %s, root = %s WHERE (level, idx) = (%s, %s)",
                         tile.hashes, tile.root, tile.level, tile.number)  # fmt: skip
        for (size,) in intruder.run("SELECT size FROM ledger_seal"):
            edge = tiles.Edge(0, [])
            edge.extend(hashes[:size])
            if signer is None:
                intruder.run("UPDATE ledger_seal SET root = %s WHERE size = %s", edge.root(), size)
            else:
                note = checkpoint.signed(ORIGIN, size, edge.root(), [signer])
                intruder.run("UPDATE ledger_seal SET root = %s, note = %s WHERE size = %s", edge.root(), note, size)


def _signed_anew(intruder: Intruder) -> None:
    _tree(intruder, intruder.copy.scratch.signer)


def _replaced_key(intruder: Intruder) -> None:
    """The announcement of the key is rewritten with it, so that the record agrees with its new signatures."""
    number, _, said = intruder.entries("ledger/keys")[0]
    said["body"]["public_key"] = FORGER.key.text()
    with intruder.unguarded():
        intruder.run("UPDATE ledger_entry SET envelope = %s WHERE id = %s", canonical(said), number)
        intruder.rewrite("ledger/keys")
    _tree(intruder, FORGER)
    # The published heads are signed again too: a forger of the file is named by the pinned key.
    intruder.copy.checkpoints.unlink()


def _another_key(intruder: Intruder) -> None:
    """The heads are signed with a key that nobody announced."""
    with intruder.unguarded():
        for size, root in intruder.run("SELECT size, root FROM ledger_seal"):
            note = checkpoint.signed(ORIGIN, size, bytes(root), [FORGER])
            intruder.run("UPDATE ledger_seal SET note = %s WHERE size = %s", note, size)


def _hole(intruder: Intruder) -> None:
    with intruder.unguarded():
        intruder.run("DELETE FROM ledger_leaf WHERE idx = 5")


def _tile(intruder: Intruder) -> None:
    with intruder.unguarded():
        intruder.run("UPDATE ledger_tile SET root = sha256(root) WHERE idx = 0")


def _set_back(intruder: Intruder) -> None:
    """The newest seal claims to have taken less than it did, so that sums count the rest twice."""
    with intruder.unguarded():
        intruder.run("UPDATE ledger_seal SET last_xid = '3', last_entry = 0 WHERE size ="
                     " (SELECT max(size) FROM ledger_seal)")  # fmt: skip


def _nothing(intruder: Intruder) -> None:
    """The database is an old one already; its checkpoints outside are newer."""


NAMED = (
    Attack("whole chain rewritten", "superuser", _chain),
    Attack("whole chain and its leaves rewritten", "superuser", _leaves),
    Attack("chain, leaves, tiles and roots rewritten", "superuser", lambda intruder: _tree(intruder, None)),
    Attack("everything rewritten, signed with the real key", "superuser", _signed_anew),
    Attack("replaced signing key, everything rewritten", "superuser", _replaced_key),
    Attack("heads signed with another key", "superuser", _another_key),
    Attack("leaf taken away", "superuser", _hole),
    Attack("edited tile", "superuser", _tile),
    Attack("seal set back, so that sums count twice", "superuser", _set_back),
)
RESTORED = Attack("restored old backup", "superuser", _nothing)
