"""After a run that was killed outright."""

import shutil

from crm_ledger.local import process, state
from crm_ledger.local.paths import LOGS, METRICS

_LARGEST_LOG = 5 * 1024 * 1024


def clear_up() -> None:
    """Its processes were told to end when it died; those that did not are ended here. Other processes are safe."""
    before = state.read() or {}
    for pid, born in before.get("parts", {}).values():
        process.end_leftover(pid, born)
    state.clear()
    for log in LOGS.glob("*.log"):
        if log.stat().st_size > _LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
    # Counters of processes that are gone.
    shutil.rmtree(METRICS, ignore_errors=True)
    METRICS.mkdir()
