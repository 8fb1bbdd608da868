"""The relay and its receiver. Redis may vanish at any moment: only latency is lost, the outbox keeps the facts."""

from celery import shared_task

from ledger import dispatch
from ledger.commands import outbox


@shared_task
def relay_outbox() -> int:
    """Sends every due delivery to a worker. A lease that runs out sends it again; the receiver handles it once."""
    sent = 0
    while claimed := outbox.claim():
        for entry_id, topic in claimed:
            deliver.delay(entry_id, topic)
        sent += len(claimed)
    return sent


@shared_task(autoretry_for=(Exception,), retry_backoff=2, retry_backoff_max=600, retry_jitter=True, max_retries=8)
def deliver(entry_id: int, topic: str) -> None:
    """Runs the handler of a topic for an entry."""
    dispatch.handlers()[topic](entry_id)
