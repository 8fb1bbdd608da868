"""Every measure that a receipt can name, and how its question is asked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from reporting.queries import booked_claim
from reporting.rules.table import Table

# Name → (scope of a receipt, moment) → (value as decimal text, the table that an export of it holds).
MEASURES: Mapping[str, Callable[[Mapping[str, Any], datetime], tuple[str, Table]]] = {
    booked_claim.NAME: booked_claim.again,
}
