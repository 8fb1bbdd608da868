"""Timetable entries: see crm_ledger/schedule.py."""

from celery import shared_task

from governance.commands import expiry


@shared_task
def sweep_expired() -> int:
    return expiry.sweep()
