"""Tasks of the composition root."""

from datetime import UTC, datetime

from celery import shared_task

from crm_ledger import heartbeat
from crm_ledger.verify import working
from ledger.commands import verification
from ledger.rules.actor import SYSTEM


@shared_task
def sign_of_life(part: str) -> None:
    """The scheduler sent it and this part took it from its queue: a worker that hangs takes nothing."""
    heartbeat.record(part)


@shared_task
def verify_tonight() -> None:
    """Asks for the run of this night; a second scheduler finds it asked already."""
    verification.ask(by=SYSTEM, night=datetime.now(UTC).date())


@shared_task
def verify_on() -> None:
    """One portion of the verification that waits or was left by a killed worker; the next task goes on."""
    if working.go_on():
        verify_on.delay()
