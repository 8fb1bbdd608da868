"""The tables of measures."""

from reporting.models.forecast import Forecast, Push
from reporting.models.revenue import Revenue
from reporting.models.snapshot import Snapshot

__all__ = ["Forecast", "Push", "Revenue", "Snapshot"]
