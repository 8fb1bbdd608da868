"""What every page knows: who reads it, whether this is the demo, and where the ledger stands."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from crm_ledger.web import silence
from ledger import words
from ledger.permissions import can_read_record
from pipeline.web import as_of
from pipeline.web.reader import reader


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html. Nothing is read before somebody has logged in."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {"demo": {"clock": ""} if settings.DEMO else None}
    theme = request.user.theme
    return {
        "demo": SimpleLazyObject(lambda: _demo(request)) if settings.DEMO else None,
        "silence": SimpleLazyObject(silence.sentence),
        "person": SimpleLazyObject(lambda: _person(request)),
        "reads_record": SimpleLazyObject(lambda: can_read_record(seat.role for seat in reader(request).seats)),
        "position": SimpleLazyObject(lambda: words.count(reader(request).position)),
        "theme": theme if theme in ("light", "dark") and "theme" not in request.COOKIES else None,
        "as_of": _as_of(request),
        "behind": getattr(request, "behind", None),
        "single_keys_off": not request.user.single_keys,
    }


def _as_of(request: HttpRequest) -> Any:
    """The as-of bar of a page that has a past; the moment of the page is over once it is rendered."""
    return as_of.bar(request, reader(request)) if getattr(request, "at_any_moment", False) else None


def _demo(request: HttpRequest) -> dict[str, str]:
    reading = reader(request)
    clock = words.moment(reading.clock, reading.zone) if reading.moved else ""
    return {"persona": str(request.user).split(" ")[0], "clock": clock["text"] if isinstance(clock, dict) else ""}


def _person(request: HttpRequest) -> dict[str, str]:
    reading = reader(request)
    seat = next(iter(reading.seats), None)
    role = ""
    if seat:
        place = reading.units.get(seat.unit, seat.unit) if seat.unit else _("every unit")
        role = f"{reading.functions.get(seat.function, seat.function)} {seat.role}, {place}"
    name = str(request.user)
    return {"name": name, "role": role, "initials": words.initials(name)}
