"""What the board keeps, read from its address: a link shows the same board to the same reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from pipeline.queries.reading import Reading


@dataclass(frozen=True, slots=True)
class Filters:
    unit: str
    owner: str  # "me" or "any"
    waiting: str  # a function, or empty
    units: tuple[tuple[str, str], ...]
    owners: tuple[tuple[str, str], ...]
    functions: tuple[tuple[str, str], ...]
    visible: tuple[str, ...] | None
    person: int

    @property
    def owner_person(self) -> int | None:
        return self.person if self.owner == "me" else None

    @property
    def active(self) -> bool:
        return bool(self.unit or self.waiting or self.owner == "me")

    def query(self, **more: Any) -> str:
        said = {"unit": self.unit, "owner": self.owner, "waiting": self.waiting, **more}
        return urlencode({key: value for key, value in said.items() if value})

    def list_query(self, stage: str) -> str:
        said = {"stage": stage, "unit": self.unit, "owner": "me" if self.owner == "me" else ""}
        return urlencode({key: value for key, value in said.items() if value})


def read(given: Mapping[str, str], reading: Reading) -> Filters:
    """A representative sees their own deals unless they ask for all; everybody else sees all."""
    keys = reading.units if reading.visible is None else [key for key in reading.units if key in reading.visible]
    units = tuple((key, reading.units[key]) for key in sorted(keys, key=lambda key: reading.units[key]))
    unit, waiting, owner = given.get("unit", ""), given.get("waiting", ""), given.get("owner", "")
    own = bool(reading.seats) and all(seat.role == "rep" for seat in reading.seats)
    functions = tuple(sorted(reading.functions.items(), key=lambda item: item[1]))
    return Filters(
        unit=unit if unit in dict(units) else "",
        owner=owner if owner in ("me", "any") else "me" if own else "any",
        waiting=waiting if waiting in reading.functions else "",
        units=units,
        owners=(("me", _("me")), ("any", _("any"))),
        functions=functions,
        visible=reading.visible,
        person=reading.person,
    )
