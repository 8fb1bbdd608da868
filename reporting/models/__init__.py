"""The tables of measures."""

from reporting.models.revenue import Revenue

__all__ = ["Revenue"]
