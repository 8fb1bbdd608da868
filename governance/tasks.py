"""Timetable entries: see crm_ledger/schedule.py."""

from celery import shared_task

from governance.commands import deadlines, expiry, waivers


@shared_task
def sweep_expired() -> int:
    return expiry.sweep()


@shared_task
def sweep_deadlines() -> int:
    return deadlines.sweep()


@shared_task
def end_waivers() -> int:
    return waivers.sweep()
