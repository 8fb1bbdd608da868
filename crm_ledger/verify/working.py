"""A verification in portions: a worker's task is short, a record is not."""

from __future__ import annotations

import time

from crm_ledger.verify.progress import Paused, Progress
from crm_ledger.verify.report import Report
from crm_ledger.verify.run import verify
from ledger.commands import verification
from ledger.commands.verification import Claimed
from ledger.queries import verifications

KEPT_EVERY = 1.0  # seconds: what a kill can cost


def go_on(seconds: float = 25) -> bool:
    """Works for about so long on the run that waits or was left; True when there is more of it."""
    run = verification.claim()
    if run is None:
        return False
    try:
        report = work(run, seconds)
    except Paused:
        verification.release(run)
        return True
    except Exception as fault:
        verification.fail(run, f"{type(fault).__name__}: {fault}")
        raise
    verification.finish(run, report.as_dict())
    return False


def work(run: Claimed, seconds: float = float("inf")) -> Report:
    """Goes on where the run was kept, keeps it every second; raises Paused when the time is over."""
    until, kept, whole = time.monotonic() + seconds, time.monotonic(), verifications.whole()

    def keep(progress: Progress) -> bool:
        nonlocal kept
        now = time.monotonic()
        over = now >= until
        if over or now - kept >= KEPT_EVERY:
            kept = now
            if not verification.keep(run, progress.as_dict(), progress.done, max(whole, progress.done)):
                return False
        return not over

    return verify(progress=Progress.from_dict(run.progress) if run.progress else None, keep=keep)
