"""Every door into the product and the commands that it can reach; tests/architecture/test_doors.py compares.

A new door is added by hand to the list of its app, by somebody who has looked at what it may do. `idempotency.once` is
left out: what must be sent once is checked for all of them together. The word before the address says through which
channel an entry comes: a verb is `api`, page is `web`, manage.py `shell`; task, topic and reaction run inside.
"""

from tests.architecture.doors import crm_ledger, governance, ledger, pipeline, reporting

APPS = {
    "crm_ledger": crm_ledger,
    "reporting": reporting,
    "governance": governance,
    "pipeline": pipeline,
    "ledger": ledger,
}
WRITES: dict[str, set[str]] = {door: reached for app in APPS.values() for door, reached in app.WRITES.items()}
READS: set[str] = {door for app in APPS.values() for door in app.READS}

# What moves a deal forward. Each door to one of these is tried with a deal that is not ready.
FORWARD = {"advancing.advance"}
# What may complete or undo a booking, change terms or close a deal.
MOVES = FORWARD | {
    "amending.amend",
    "approvals.approve",
    "attestations.attest",
    "closing.assign",
    "closing.lose",
    "closing.reopen",
    "closing.return_deal",
    "import_deals.import_deals",
    "milestones.decide",
    "milestones.reject",
    "milestones.revoke",
    "milestones.verify",
    "opening.open_deal",
    "openings.verify",
    "waivers.ask",
    "waivers.decide",
}
