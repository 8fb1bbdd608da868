"""Timetable entries: see crm_ledger/schedule.py."""

from celery import shared_task

from reporting.commands import passing


@shared_task
def follow_days() -> int:
    return passing.sweep()
