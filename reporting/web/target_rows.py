"""A target as pages show it: where it stands, where it should, and by how much it is off."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from ledger import words
from ledger.rules import money
from ledger.web.addresses import reverse
from pipeline.queries.reading import Reading
from reporting.queries.progress import Measured
from reporting.rules import goals
from reporting.web import period_words


def row(found: Measured, read: Reading) -> dict[str, Any]:
    """For reporting/target_row.html."""
    one, way = found.target, found.progress
    state, word = {
        "reached": ("met", _("Reached")), "on track": ("met", _("On track")), "behind": ("stale", _("Behind")),
        "not begun": ("opens_later", _("Not begun")), "unknown": ("checking", _("Not measured")),
    }[way.state]  # fmt: skip
    gap = way.gap
    off = ""
    if gap:
        say = _("▲ %(gap)s above") if gap > 0 else _("▼ %(gap)s below")
        off = say % {"gap": said(found, abs(gap))}
    return {
        "id": one.id,
        "url": reverse("target", args=[one.id]),
        "title": found.row.title or (found.measure.title if found.measure else one.measure),
        "measure": found.measure.title if found.measure else one.measure,
        "measure_url": _behind(found),
        "unit": read.units.get(one.span.unit or "", one.span.unit) or _("Company"),
        "period": period_words.said(one.span.name),
        "objectives_url": f"{reverse('objectives')}?{urlencode({'period': one.span.name})}",
        "goal": said(found, one.goal),
        "goal_url": reverse("ledger-entry", args=[one.entry]),
        "base": said(found, one.base) if one.base else "",
        "value": "–" if way.value is None else said(found, way.value),
        "off": off,
        "percent": "" if way.percent is None else f"{way.percent} %",
        "bar": min(max(way.percent or 0, 0), 100),
        "passed": int(way.passed * 100),
        "state": state,
        "word": word,
        "version": one.version,
        "by": found.row.by,
        "set_at": words.moment(one.set_at, read.zone, read.now, gap=False),
        "withdrawn": one.state != "set",
    }


def said(found: Measured, value: Any) -> str:
    """An amount as people read it, with its currency where it is money."""
    unit = found.measure.unit if found.measure else "count"
    currency = found.target.currency
    if unit == "money" and currency:
        return money.text(int(value), currency)
    return goals.text(value, unit, currency or "USD") or ""


def _behind(found: Measured) -> str:
    """The deals behind the value, where it is an amount of a period; what stands at a moment has none of a period."""
    span, measure = found.target.span, found.measure
    if measure is None or measure.unit != "money":
        return ""
    asked = {"period": span.name if measure.by_period else "all", **({"unit": span.unit} if span.unit else {})}
    return f"{reverse('measure-deals', args=[measure.name])}?{urlencode(asked)}"
