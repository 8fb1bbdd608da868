"""Queues by urgency, and which worker serves them, in the order in which it looks.

Two workers, so that what waits for others' machines never keeps a deadline waiting: `worker` does what the record
needs, `courier` calls mail servers and webhooks. A task that nobody routes is steady work.
"""

from __future__ import annotations

SWEEP, SEAL, STEADY, POST = "sweep", "seal", "steady", "post"
WORKER = (SWEEP, SEAL, STEADY)
COURIER = (POST,)
ALL = (*WORKER, *COURIER)

# Task, or a pattern of tasks → queue.
ROUTES = {
    "*.tasks.sweep_*": {"queue": SWEEP},
    "governance.tasks.end_waivers": {"queue": SWEEP},
    "governance.tasks.climb_alerts": {"queue": SWEEP},
    "ledger.tasks.relay_outbox": {"queue": SWEEP},
    "governance.tasks.relay_deliveries": {"queue": SWEEP},
    "crm_ledger.tasks.sign_of_life": {"queue": SWEEP},  # the timetable sends it to the courier's queue too
    "ledger.tasks.seal": {"queue": SEAL},
    "governance.tasks.send": {"queue": POST},
}
