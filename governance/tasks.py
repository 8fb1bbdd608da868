"""Timetable entries: see crm_ledger/schedule.py."""

from celery import shared_task

from governance.commands import deadlines, expiry


@shared_task
def sweep_expired() -> int:
    return expiry.sweep()


@shared_task
def sweep_deadlines() -> int:
    return deadlines.sweep()
