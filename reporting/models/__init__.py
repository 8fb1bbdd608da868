"""The tables of measures."""

from reporting.models.forecast import Forecast, Push
from reporting.models.revenue import Revenue

__all__ = ["Forecast", "Push", "Revenue"]
