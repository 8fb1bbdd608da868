"""Every measure: the one table of numbers. Pages, API, files, targets and alerts ask here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from reporting.queries import (
    booked_measures,
    break_measures,
    finance_measures,
    forecast_measures,
    fulfilment_measures,
    integrity_measures,
    recognised,
    snapshot_measures,
    standing_measures,
    unpriced_measures,
    variance_measures,
    waiting_measures,
)
from reporting.queries.measuring import Measure

_ALL: tuple[Measure, ...] = (
    *booked_measures.MEASURES,
    *forecast_measures.MEASURES,
    *standing_measures.MEASURES,
    *integrity_measures.MEASURES,
    *recognised.MEASURES,
    *finance_measures.MEASURES,
    *variance_measures.MEASURES,
    *break_measures.MEASURES,
    *fulfilment_measures.MEASURES,
    *unpriced_measures.MEASURES,
    *snapshot_measures.MEASURES,
    *waiting_measures.MEASURES,
)
MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _ALL}
