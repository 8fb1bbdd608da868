"""Tasks of the composition root."""

import time

from celery import shared_task

from crm_ledger import heartbeat


@shared_task
def beat_heartbeat() -> None:
    """Beat sent it and a worker took it: both live."""
    heartbeat.record(time.time())
