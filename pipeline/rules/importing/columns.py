"""Which column is which field. Names must be ours, or be mapped; a near miss is suggested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.rules.importing.faults import FILE_REFUSED, LEFT_OUT, RowFault, shown, unreadable
from pipeline.rules.importing.near import Near
from pipeline.rules.importing.reading import Sheet


@dataclass(frozen=True, slots=True)
class Columns:
    """Field → place in a row; `wide` is how many cells a row has; `faults` names columns that are not read."""

    places: Mapping[str, int]
    wide: int
    faults: tuple[RowFault, ...] = ()
    file: str = ""

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        return {field: row[place] for field, place in self.places.items()}


def find(
    sheet: Sheet, needed: Sequence[str], more: Sequence[str] = (), named: Mapping[str, str] | None = None
) -> Columns:
    """Finds the fields of a sheet; `named` is the `columns` of a map, their name → our field.

    Raises Problem "unreadable-file" with a fault for each field that is missing or stands there twice.
    """
    names = [(named or {}).get(name, name) for name in sheet.header]
    places: dict[str, int] = {}
    faults = []
    for place, name in enumerate(names):
        if name in places and name in (*needed, *more):
            faults.append(
                RowFault(
                    1,
                    name,
                    shown(sheet.header[place]),
                    "IMPORT-COLUMN-2",
                    f"Column {name} is there twice.",
                    "Keep one of them.",
                    "",
                    FILE_REFUSED,
                    sheet.file,
                )
            )
        places.setdefault(name, place)
    spare = [name for name in sheet.header if (named or {}).get(name, name) not in (*needed, *more)]
    near = Near(name for name in spare if name)
    found = ", ".join(shown(name) for name in sheet.header[:30])
    for field in needed:
        if field not in places:
            suggestion = near.to(field)
            meant = f"If “{suggestion}” is meant, map it: columns: {{{suggestion}: {field}}}." if suggestion else (
                f"Add it, or name the column that holds it in the map: columns: {{their name: {field}}}."
            )  # fmt: skip
            what = f"Column {field} is missing. Found: {found}."
            faults.append(RowFault(1, field, "", "IMPORT-COLUMN-1", what, meant, suggestion, FILE_REFUSED, sheet.file))
    if faults:
        raise unreadable(faults)
    fields = (*needed, *more)
    unread = tuple(
        RowFault(
            1, shown(name), "", "IMPORT-COLUMN-3", f"Column “{shown(name)}” is no field of an import and was not read.",
            "Nothing to do, unless it holds a field under another name: then map it.", "", LEFT_OUT, sheet.file,
        )
        for name in spare if name
    )  # fmt: skip
    return Columns({field: places[field] for field in fields if field in places}, len(sheet.header), unread, sheet.file)
