"""Money, moments and refusals in the words of the screens (SCREENS.md 1 and 5)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.rules import money
from ledger.rules.problems import Problem

_CODE = re.compile(r"\s*\[([A-Z][A-Z0-9-]+)\]\s*$")
_LARGE = ((10**9, "B"), (10**6, "M"), (10**3, "k"))


def short_money(minor: int | None, currency: str | None) -> str:
    """`EUR 310k`, `EUR 1.2M`: for headings; the whole amount is behind the link."""
    if minor is None or currency is None:
        return ""
    amount = money.to_decimal(abs(minor), currency)
    sign = "−" if minor < 0 else ""
    for size, letter in _LARGE:
        if amount >= size:
            few = amount / size
            text = f"{few:.1f}" if few < 100 and round(few, 1) != round(few) else f"{few:,.0f}"
            return f"{sign}{currency} {text}{letter}"
    return f"{sign}{currency} {amount:,.0f}"


def count(number: int) -> str:
    return f"{number:,}"


def day(value: date | None, now: date | None = None) -> str:
    """`Tue 24 Nov`, with the year when it is another one than now's."""
    if value is None:
        return ""
    same = now is not None and value.year == now.year
    return date_format(value, "D j M" if same else "D j M Y")


def month(value: date) -> str:
    return date_format(value, "M Y")


def period(name: str) -> str:
    """A period by its name: `2026-Q4` → Q4 2026, `2026-11` → Nov 2026, `2026` as it is."""
    year, _dash, part = name.partition("-")
    if part.startswith("Q"):
        return f"{part} {year}"
    return month(date(int(year), int(part), 1)) if part else year


def moment(
    value: datetime | None, zone: str = "UTC", now: datetime | None = None, *, gap: bool = True
) -> dict[str, Any] | str:
    """A `due` of the components: `Tue 24 Nov, 17:00`, the gap from now, ISO 8601 in UTC."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    today = now.astimezone(ZoneInfo(zone)).date() if now else None
    return {
        "iso": value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "text": f"{day(local.date(), today)}, {local:%H:%M}",
        "relative": relative(value, now) if now and gap else "",
        "zone": zone,
    }


def due(value: datetime | None, zone: str, now: datetime) -> dict[str, Any] | str:
    """The same, marked late once it has passed."""
    told = moment(value, zone, now)
    if isinstance(told, dict) and value is not None and value <= now:
        told["late"] = True
    return told


def relative(value: datetime, now: datetime) -> str:
    """`in 2 days`, `3 hours ago`, `now`."""
    gap = value - now
    size = abs(gap)
    if size < timedelta(minutes=1):
        return _("now")
    if size < timedelta(hours=1):
        number = int(size.total_seconds() // 60)
        text = ngettext("%(n)s minute", "%(n)s minutes", number) % {"n": number}
    elif size < timedelta(days=1):
        number = int(size.total_seconds() // 3600)
        text = ngettext("%(n)s hour", "%(n)s hours", number) % {"n": number}
    else:
        number = size.days
        text = ngettext("%(n)s day", "%(n)s days", number) % {"n": number}
    return _("in %(time)s") % {"time": text} if gap > timedelta() else _("%(time)s ago") % {"time": text}


def size(number: int) -> str:
    """`184 KB`."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:,.0f} KB" if number < 1_000_000 else f"{number / 1_000_000:,.1f} MB"


def sentence(problem: Problem) -> str:
    """One line: what was refused and why."""
    return problem.detail or problem.title


def problem(refusal: Problem, request: HttpRequest | None = None) -> dict[str, Any]:
    """For components/problem_panel.html: the code apart from its sentence."""
    detail, faults = refusal.detail, refusal.faults
    found = _CODE.search(detail)
    return {
        "title": refusal.title,
        "detail": _CODE.sub("", detail),
        "code": found[1] if found else refusal.slug.upper(),
        "reference": str(getattr(request, "request_id", ""))[:8],
        "requirements": [{"message": one.message, "who": ""} for one in faults] if len(faults) > 1 else [],
    }


def initials(name: str) -> str:
    parts = [part for part in name.split() if part[:1].isalnum()]
    return "".join(part[0] for part in (parts[:1] + parts[1:][-1:])).upper()
