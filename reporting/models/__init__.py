"""The tables of measures."""

from reporting.models.billing import Billing
from reporting.models.forecast import Forecast, Push
from reporting.models.integrity import Integrity, IntegrityDay, IntegrityMove, IntegrityPlace
from reporting.models.passage import Call, Lock, Passage
from reporting.models.reconciliation import Reconciliation
from reporting.models.revenue import Revenue
from reporting.models.sharing import Look, Sharing
from reporting.models.snapshot import Snapshot

__all__ = [
    "Billing",
    "Call",
    "Forecast",
    "Integrity",
    "IntegrityDay",
    "IntegrityMove",
    "IntegrityPlace",
    "Lock",
    "Look",
    "Passage",
    "Push",
    "Reconciliation",
    "Revenue",
    "Sharing",
    "Snapshot",
]  # fmt: skip
