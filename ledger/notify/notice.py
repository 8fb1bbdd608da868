"""A checkpoint on its way out."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Notice(NamedTuple):
    size: int
    note: str
    at: datetime
