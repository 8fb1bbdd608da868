"""What stands around the booked number: asked for in two parts, each by itself, so that the number comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from governance.web import capacity
from ledger import words
from ledger.rules import money
from ledger.rules.problems import not_found
from ledger.web.addresses import reverse
from ledger.web.door import page_at_any_moment
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.queries import asking, bridge, variance, variance_measures
from reporting.rules import periods
from reporting.rules.periods import Period
from reporting.web import bridge as bridge_page
from reporting.web import deal_rows, period_words, promises
from reporting.web import variance as revenue
from reporting.web.question import question

MONTHS = 6  # of capacity
BEHIND = 8  # deals behind the number


@dataclass(frozen=True, slots=True)
class Aside:
    """A section of the page: `name` in its template, where the same is told at length, and how it is made."""

    name: str
    title: Callable[[], str]
    more: Callable[[Period | None], str]
    make: Callable[[Reading, Period | None], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Part:
    """What is asked for in one go: `name` in its address, and the asides in it, which may stand `abreast`."""

    name: str
    title: Callable[[], str]
    asides: tuple[Aside, ...]
    abreast: tuple[str, ...] = ()


def parts(read: Reading, period: Period | None, *, whole: bool) -> list[dict[str, Any]]:
    return [told(one, read, period, made=whole) for one in PARTS]


def told(part: Part, read: Reading, period: Period | None, *, made: bool) -> dict[str, Any]:
    """`made` False: the place that the part will take, without asking anything."""
    name = period.name if period else "all"
    return {
        "name": part.name,
        "title": part.title(),
        "url": f"{reverse('booked-part', args=[part.name])}?{urlencode({'period': name})}",
        "made": made,
        "rows": [[_told(one, read, period) for one in row] for row in _rows(part)] if made else [],
    }


def _told(one: Aside, read: Reading, period: Period | None) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title(),
        "template": f"reporting/booked_{one.name}.html",
        "more_url": one.more(period),
        **one.make(read, period),
    }


def _rows(part: Part) -> list[list[Aside]]:
    beside = [one for one in part.asides if one.name in part.abreast]
    return [row for row in (beside, *([one] for one in part.asides if one not in beside)) if row]


@require_GET
@page_at_any_moment
def booked_part(request: HttpRequest, name: str) -> HttpResponse:
    """One part: for the page that asked for it, and as a page of its own for who follows the link in its place."""
    read = reader(request)
    said, start = request.GET.get("period", "all"), read.company.fiscal_start_month
    period = None if said == "all" else periods.parse(said, start)
    one = next((part for part in PARTS if part.name == name), None)
    if one is None:
        raise not_found(_("This part"))
    context: dict[str, Any] = {"part": told(one, read, period, made=True)}
    if request.headers.get("HX-Request") == "true":
        return render(request, "reporting/booked_part.html", context)
    context |= {
        "period": period_words.called(period),
        "back": _period_of("booked")(period),
        "stamp": stamp(read),
    }
    return render(request, "reporting/booked_part_page.html", context)


def _beside(read: Reading, period: Period | None) -> dict[str, Any]:
    """What is delivered, still to deliver, billed; and revenue against what was agreed."""
    asked, ever = question(read, period), question(read, None)
    lines = [
        ("fulfilled", asked, _("delivered, in months that have ended")),
        ("backlog", ever, _("booked and still to be delivered")),
        ("billings", asked, _("invoiced")),
    ]
    found = [(asking.tell(name, one), note) for name, one, note in lines]
    months = variance.by_month(asked.once(variance_measures.read)[1])
    return {
        "lines": [
            {
                "label": one.measure.title,
                "text": money.text(int(one.answer.value or 0), read.company.currency),
                "url": _deals(one.measure.name, one.asked.period),
                "note": note,
            }
            for one, note in found
        ],
        "fulfilment": {"text": promises.percent(asking.tell("fulfilment", asked)), "url": reverse("promises")},
        "variance": revenue.line(months, read, period),
    }


def _why(read: Reading, period: Period | None) -> dict[str, Any]:
    """The bridge of the open pipeline of this period, from its first moment."""
    start = read.company.fiscal_start_month
    asked = question(read, period)
    first = (period or periods.quarter_of(read.today, start)).first
    since = min(datetime.combine(first, time(), ZoneInfo(read.zone)).astimezone(UTC), read.now)
    found = bridge.between(asked, since)
    said = {"period": period.name if period else "all"}
    return {
        "chart": bridge_page.told(
            found, read, lambda name: f"{reverse('bridge-deals')}?{urlencode({**said, 'bucket': name})}"
        ),
        "moved": bool(found.whole.steps()),
        "since": words.day(first, read.today),
    }


def _capacity(read: Reading, period: Period | None) -> dict[str, Any]:
    return capacity.summary(read, MONTHS)


def _waiting(read: Reading, period: Period | None) -> dict[str, Any]:
    """Value by the function that it waits on."""
    found = asking.tell("value-waiting", question(read, None, by=("function",)))
    rows = sorted(found.answer.rows, key=lambda row: -int(row.value or 0))
    most = max((int(row.value or 0) for row in rows), default=0)
    currency = read.company.currency
    return {
        "rows": [
            {
                "name": read.functions.get(row.key[0], row.key[0]),
                "text": money.text(int(row.value or 0), currency),
                "url": f"{_deals('value-waiting', None)}&{urlencode({'function': row.key[0]})}",
                "share": int(row.value or 0) * 100 // most if most else 0,
            }
            for row in rows
        ],
    }


def _behind(read: Reading, period: Period | None) -> dict[str, Any]:
    """The newest deals of the number, each with the entry that moved it."""
    found = asking.tell("booked", question(read, period))
    many = found.answer.count()
    return {
        "rows": [
            deal_rows.row(row, read) for row in found.answer.behind(None, BEHIND)
        ],
        "many": ngettext("%(n)s deal", "%(n)s deals", many) % {"n": words.count(many)},
        "url": _deals("booked", period),
    }  # fmt: skip


def _deals(name: str, period: Period | None) -> str:
    return f"{reverse('measure-deals', args=[name])}?{urlencode({'period': period.name if period else 'all'})}"


def _period_of(path: str) -> Callable[[Period | None], str]:
    return lambda period: f"{reverse(path)}?{urlencode({'period': period.name if period else 'all'})}"


PARTS = (
    Part(
        "money",
        lambda: _("Delivered, and why it moved"),
        (
            Aside("beside", lambda: _("Delivered and still to deliver"), _period_of("variance"), _beside),
            Aside("why", lambda: _("Why the pipeline moved"), _period_of("bridge"), _why),
        ),
    ),
    Part(
        "work",
        lambda: _("Capacity, value waiting and deals behind"),
        (
            Aside("capacity", lambda: _("Capacity"), lambda period: reverse("capacity"), _capacity),
            Aside(
                "waiting",
                lambda: _("Value waiting on functions"),
                lambda period: _deals("value-waiting", None),
                _waiting,
            ),
            Aside("behind", lambda: _("Deals behind this number"), lambda period: _deals("booked", period), _behind),
        ),
        abreast=("capacity", "waiting"),
    ),
)
