"""The whole timetable: one line a job. Each task takes its own lock or lease, so two beats are harmless."""

from typing import Any

from celery.schedules import crontab

from crm_ledger import queues


def _every(seconds: float, task: str, queue: str = "", *args: Any) -> dict[str, Any]:
    # A run that waited longer than three periods is dropped: the next one does its work too.
    options: dict[str, Any] = {"expires": max(3 * seconds, 10)}
    return {"task": task, "schedule": seconds, "args": args, "options": options | ({"queue": queue} if queue else {})}


BEAT_SCHEDULE = {
    "relay the outbox": _every(2, "ledger.tasks.relay_outbox"),
    "seal the record": _every(1, "ledger.tasks.seal"),
    "sweep late starts and misses": _every(30, "governance.tasks.sweep_deadlines"),
    "expire first answers": _every(600, "ledger.tasks.expire_first_answers"),
    "announce the key of receipts": _every(30, "ledger.tasks.announce_receipt_keys"),
    "roll the totals": _every(5, "ledger.tasks.roll_totals"),
    "reprice open deals": _every(300, "reporting.tasks.reprice_open_deals"),
    "carry out moves to newer policies": _every(60, "reporting.tasks.carry_out_policy_moves"),
    "sweep what has expired": _every(30, "governance.tasks.sweep_expired"),
    "let alerts climb": _every(30, "governance.tasks.climb_alerts"),
    "let what is left open in a closed month climb": _every(600, "governance.tasks.tell_above_left_open"),
    "listen for silent functions": _every(3600, "governance.tasks.listen_for_silence"),
    "follow the days of revenue": _every(30, "reporting.tasks.follow_days"),
    "reconcile promise, plan and books": _every(600, "reporting.tasks.reconcile"),
    "lock forecasts": _every(600, "reporting.tasks.lock_forecasts"),
    "hold forecasts to their ceilings": _every(3600, "reporting.tasks.hold_forecasts"),
    "end waivers": _every(30, "governance.tasks.end_waivers"),
    "measure the integrity of what moved": _every(5, "reporting.tasks.follow_integrity"),
    "measure what time may have changed": _every(60, "reporting.tasks.measure_again"),
    "measure what was missed": {"task": "reporting.tasks.measure_missed", "schedule": crontab(hour=3, minute=10)},
    "verify the record each night": {"task": "crm_ledger.tasks.verify_tonight", "schedule": crontab(hour=2, minute=20)},
    "go on with a verification": _every(5, "crm_ledger.tasks.verify_on"),
    "plan how notices leave": _every(2, "governance.tasks.plan_notices"),
    "let programs follow the record": _every(2, "governance.tasks.follow_record"),
    "send what is due": _every(2, "governance.tasks.relay_deliveries"),
    "sign of life of the worker": _every(10, "crm_ledger.tasks.sign_of_life", queues.SWEEP, "worker"),
    "sign of life of the courier": _every(10, "crm_ledger.tasks.sign_of_life", queues.POST, "courier"),
    "sweep reservations that ran out": _every(30, "governance.tasks.sweep_reservations"),
}
