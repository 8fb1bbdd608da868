"""Timetable entries: see crm_ledger/schedule.py."""

from celery import shared_task

from governance.commands import deadlines, expiry, left_behind, reservations, waivers
from governance.commands.alerting import ladder, silence
from governance.commands.notifying import following, planning, sending, waking
from governance.queries import deadlines as waiting
from governance.queries.deadlines import Share


@shared_task
def sweep_expired() -> int:
    return expiry.sweep()


@shared_task
def sweep_deadlines() -> int:
    """When much waits, a second process takes the deals with odd numbers. If it never comes, the next sweep does."""
    if not waiting.is_more_than(deadlines.CHUNK):
        return deadlines.sweep()
    sweep_half_of_deadlines.apply_async(expires=60)
    return deadlines.sweep(share=Share(0, 2))


@shared_task
def sweep_half_of_deadlines() -> int:
    return deadlines.sweep(share=Share(1, 2))


@shared_task
def end_waivers() -> int:
    return waivers.sweep()


@shared_task
def plan_notices() -> int:
    """Decides how waiting notices leave, stretch by stretch."""
    done = 0
    while (planned := planning.plan()) and done < 5000:
        done += planned
    return done


@shared_task
def follow_record() -> int:
    return following.follow()


@shared_task
def relay_deliveries() -> int:
    """Hands every receiver for whom something is due to a courier. A turn that gets lost is handed out again."""
    sent = 0
    while claimed := waking.claim():
        for receiver, turn in claimed:
            send.delay(receiver, turn)
        sent += len(claimed)
    return sent


@shared_task(autoretry_for=(Exception,), retry_backoff=2, retry_backoff_max=30, retry_jitter=True, max_retries=3)
def send(receiver: str, turn: int) -> int:
    """Serves one receiver; a turn that is over does nothing, so the message may come twice."""
    return sending.drain(receiver, turn)


@shared_task
def climb_alerts() -> int:
    return ladder.sweep()


@shared_task
def tell_above_left_open() -> int:
    return left_behind.sweep()


@shared_task
def listen_for_silence() -> int:
    return silence.sweep()


@shared_task
def sweep_reservations() -> int:
    return reservations.sweep()
