"""Faults → the map that would mend them, for a person to accept."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.rules.importing.faults import RowFault
from pipeline.rules.importing.mapping import KEY_OF

Suggestions = dict[str, dict[str, str]]


def suggestions(faults: Iterable[RowFault]) -> Suggestions:
    """Key of a map → value as written → what is probably meant. Days and amounts are never proposed for all rows."""
    found: Suggestions = {}
    for fault in faults:
        if not fault.suggestion:
            continue
        if fault.code == "IMPORT-COLUMN-1":
            found.setdefault("columns", {})[fault.suggestion] = fault.column
        elif fault.column in KEY_OF:
            found.setdefault(KEY_OF[fault.column], {})[fault.value] = fault.suggestion
    return found
