"""Timetable entries: see crm_ledger/schedule.py."""

from celery import shared_task

from pipeline.commands import policy_moves, repricing
from reporting.commands import forecasts, locks, passing, reconciling
from reporting.commands.integrity import measuring


@shared_task
def reprice_open_deals() -> int:
    return repricing.sweep()


@shared_task
def carry_out_policy_moves() -> int:
    """Deals under way follow the moves to newer policies that three functions have ordered."""
    return policy_moves.sweep()


@shared_task
def follow_days() -> int:
    return passing.sweep()


@shared_task
def follow_integrity() -> int:
    """Measures the deals that moved; two at once are harmless."""
    return measuring.follow()


@shared_task
def measure_again() -> int:
    """Measures what time alone may have changed."""
    return measuring.sweep()


@shared_task
def measure_missed() -> int:
    """Measures every deal that is not measured as it stands."""
    return measuring.catch_up()


@shared_task
def lock_forecasts() -> int:
    return locks.sweep()


@shared_task
def hold_forecasts() -> int:
    return forecasts.sweep()


@shared_task
def reconcile() -> int:
    """Goes on with the pass of today; finished, it costs one small query."""
    return reconciling.sweep()
