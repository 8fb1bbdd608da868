"""The relay, its receiver, the sealer, the totals. Redis may vanish at any moment: only latency is lost, no fact."""

from celery import shared_task

from ledger import dispatch
from ledger.commands import idempotency, outbox, receipt_keys, sealing, totals


@shared_task
def relay_outbox() -> int:
    """Sends every due delivery to a worker. A lease that runs out sends it again; the receiver handles it once."""
    sent = 0
    while claimed := outbox.claim():
        for entry_id, topic in claimed:
            deliver.delay(entry_id, topic)
        sent += len(claimed)
    return sent


@shared_task(autoretry_for=(Exception,), retry_backoff=2, retry_backoff_max=60, retry_jitter=True, max_retries=8)
def deliver(entry_id: int, topic: str) -> None:
    """Runs the handler of a topic for an entry."""
    dispatch.handlers()[topic](entry_id)


@shared_task
def seal() -> None:
    """Seals what is committed and publishes the heads; two at once are harmless."""
    sealing.run()


@shared_task
def announce_receipt_keys() -> None:
    """Puts the key that signs receipts on the record, once."""
    receipt_keys.announce()


@shared_task
def roll_totals() -> int:
    """Adds up what has been sealed; two at once are harmless."""
    return totals.roll()


@shared_task
def expire_first_answers() -> int:
    """Deletes answers to requests that nobody will repeat any more."""
    return idempotency.expire()
