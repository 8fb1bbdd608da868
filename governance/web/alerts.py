"""Screen E: alerts, soonest due first, and one alert as three steps; money before text."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from governance.queries import alerts
from governance.queries.alerts import AlertRow
from governance.rules.alert import STATES, Alert
from governance.rules.breaks import SORTS
from governance.rules.projected import month_of
from governance.web import alert_page
from ledger import http, words
from ledger.rules import moments, money
from ledger.rules.problems import not_found
from ledger.web.door import page, page_at_any_moment
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp

SHOWN = 50
OPEN = STATES[:-1]
CHIPS = {
    "open": ("missed", ""), "acknowledged": ("waiting", _("Acknowledged")), "explained": ("waiting", _("Explained")),
    "committed": ("waiting", _("Date committed")), "closed": ("met", _("Closed")),
}  # fmt: skip
TABS = (("open", OPEN), ("closed", ("closed",)))


@require_GET
@page_at_any_moment
def listing(request: HttpRequest) -> HttpResponse:
    """`?tab=closed|mine`, the open ones otherwise; `?after=` the next page."""
    read = reader(request)
    tab = request.GET.get("tab", "open")
    closed, mine = tab == "closed", read.person if tab == "mine" else None
    after = alerts.after_of(request.GET.get("after", ""))
    states = () if closed else OPEN
    rows = alerts.listing(read.seats, states=states, mine=mine, closed=closed, after=after, limit=SHOWN + 1)
    kept = {key: value for key, value in request.GET.items() if key not in ("after", moments.NAME)}
    more = f"?{urlencode({**kept, 'after': alerts.cursor_of(rows[SHOWN - 1], closed)})}" if len(rows) > SHOWN else ""
    url = reverse("alerts")
    names = (("open", _("Open")), ("mine", _("Mine")), ("closed", _("Closed")))
    context = {
        "tabs": [
            {"label": name, "url": url if key == "open" else f"{url}?tab={key}", "current": key == tab}
            for key, name in names
        ],
        "rows": [row(one, read) for one in rows[:SHOWN]],
        "closed": closed,
        "more": bool(more),
        "page": {"text": "", "next_url": more, "first_url": f"?{urlencode(kept)}" if after else ""},
        "empty": None if rows else {"sentence": _nothing(tab, read), "icon": "check"},
        "stamp": stamp(read),
        "here": request.get_full_path(),
    }
    part = request.headers.get("HX-Target") == "alerts-part"
    return render(request, "governance/alerts.html#part" if part else "governance/alerts.html", context)


def _nothing(tab: str, read: Reading) -> str:
    """The sentence of an empty list: of the open ones it says when a promise was last kept."""
    if tab == "closed":
        return _("No alert is closed yet.")
    if tab == "mine":
        return _("No open alerts of your functions.")
    kept = alerts.last_kept(read.seats)
    if kept is None:
        return _("No open alerts.")
    day = words.day(kept.astimezone(ZoneInfo(read.zone)).date(), read.today)
    return _("No open alerts. The last promise was kept on %(day)s.") % {"day": day}


def row(found: AlertRow, read: Reading) -> dict[str, Any]:
    """For governance/alert_row.html."""
    held = found.alert
    state, word = CHIPS[held.state]
    if held.state == "open" and held.subject != "milestone":
        word = _("Open")  # nothing was missed: it was found
    functions = read.functions
    return {
        "ref": held.ref,
        "url": reverse("alert", args=[held.ref]),
        "name": name(found, read),
        "title": found.title,
        "state": state,
        "word": word,
        "amount": money.text(held.stake_minor, held.currency) if held.currency else "",
        "owner": {"name": found.owner, "kind": "person"} if found.owner else {
            "name": functions.get(held.function, held.function), "kind": "queue"
        },
        "due": _due(held, read),
        "rung": held.rung,
    }  # fmt: skip


def _due(held: Alert, read: Reading) -> dict[str, Any] | str:
    """Until when it is answered; what is promised or closed says that instead."""
    if held.closed_at is not None:
        day = held.closed_at.astimezone(ZoneInfo(read.zone)).date()
        return _("closed %(day)s") % {"day": words.day(day, read.today)}
    if held.state == "committed":
        return _("promised for %(day)s") % {"day": words.day(held.promised_on, read.today)}
    return words.due(held.due_at, read.zone, read.now)


def name(found: AlertRow, read: Reading) -> str:
    """What an alert is about, in words."""
    held = found.alert
    if held.subject == "capacity":
        told = {"unit": read.units.get(held.unit, held.unit), "month": words.month(month_of(held.about))}
        return _("%(unit)s is over its ceiling in %(month)s") % told
    if held.subject == "break":
        told = {"what": SORTS[held.key].sentence.rstrip("."), "month": words.month(found.month)}
        return _("%(what)s (since %(month)s)") % told
    return found.milestone or _("%(function)s is silent") % {
        "function": read.functions.get(held.function, held.function)
    }


@require_GET
@page
def alert(request: HttpRequest, ref: str) -> HttpResponse:
    """One alert; `?date=` shows what a recovery date would do before it is committed."""
    read = reader(request)
    found = alerts.visible(read.seats, number_of(ref))
    context = alert_page.context(found, read, http.actor(request, "web"), request.GET.get("date", ""))
    context |= {"row": row(found, read), "stamp": stamp(read)}
    part = request.headers.get("HX-Target") == "effect"
    return render(request, "governance/alert.html#effect" if part else "governance/alert.html", context)


def number_of(ref: str) -> int:
    """`A-77` → 77; what is none is simply not found."""
    digits = ref[2:] if ref[:2].upper() == "A-" else ref
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        raise not_found(f"Alert {ref[:40]}")
    return int(digits)
