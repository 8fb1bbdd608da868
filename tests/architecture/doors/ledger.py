"""Doors of the record. See every.py."""

WRITES: dict[str, set[str]] = {
    "manage.py rebuild_totals": {"totals.forget", "totals.roll"},
    "manage.py seal": {
        "adopt.adopt",
        "keys.retire",
        "keys.rotate",
        "receipt_keys.retire",
        "receipt_keys.rotate",
        "sealing.is_set",
        "sealing.run",
        "sealing.signers",
    },
    "task ledger.tasks.announce_receipt_keys": {"receipt_keys.announce"},
    "task ledger.tasks.expire_first_answers": {"idempotency.expire"},
    "task ledger.tasks.relay_outbox": {"outbox.claim"},
    "task ledger.tasks.roll_totals": {"totals.roll"},
    "task ledger.tasks.seal": {"sealing.run"},
}

READS: set[str] = {
    "GET /api/v1/ledger/checkpoints/",
    "GET /api/v1/ledger/entries/",
    "GET /api/v1/ledger/keys/",
    "GET /api/v1/ledger/proofs/consistency/",
    "GET /api/v1/ledger/proofs/inclusion/",
    "manage.py export_bundle",
    "page /ledger/keys/",
    "page /ledger/position/",
    "page /ledger/stream/",
    "task ledger.tasks.deliver",
}
