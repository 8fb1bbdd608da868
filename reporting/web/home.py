"""Home: what waits on me, my deals that do not move and on whom, and what happened."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from governance.commands import notices
from governance.queries import alerts, queue, waivers
from governance.queries import home as query
from governance.web import alerts as alert_rows
from governance.web import pulse
from ledger import http, words
from ledger.rules import money
from ledger.web.door import act, page
from pipeline.queries import left_open, policies
from pipeline.queries.reading import Reading
from pipeline.web import cards, gate_rows
from pipeline.web.reader import reader, stamp
from reporting.queries import asking
from reporting.rules import periods
from reporting.web import period_words
from reporting.web.question import question

SHOWN = 8


@require_GET
@page
def home(request: HttpRequest) -> HttpResponse:
    read = reader(request)
    waiting = queue.waiting(read)
    told = query.notices(read.person)
    deals, calls = _deals(request, read), _alerts(read)
    context = {
        "hello": str(request.user).split(" ")[0],
        "queue": {
            "count": len(waiting.mine),
            "held": money.text(waiting.held_minor(), read.company.currency),
            "team": len(waiting.team),
            "rows": [_waiting(row, read) for row in waiting.mine[:SHOWN]],
        },
        "verifies": bool(read.seats) and (bool(waiting.team) or any(seat.role == "lead" for seat in read.seats)),
        "held": [deal for deal in deals if deal["state"] != "met"][:SHOWN],
        "ready": [deal for deal in deals if deal["state"] == "met"][:SHOWN],
        "deals": len(deals),
        "left_open": _left_open(read),
        "sells": any(seat.function == "sales" and seat.unit for seat in read.seats),
        "notices": [
            {"sentence": one.sentence, "link": one.link, "when": words.moment(one.at, read.zone, read.now)}
            for one in told
        ],
        "newest_notice": told[0].id if told else 0,
        "pulse": pulse.cards(read),
        "waivers": [_asked(row, read) for row in waivers.waiting(read.seats, read.person)[:SHOWN]],
        "alerts": [alert_rows.row(one, read) for one in calls[:SHOWN]],
        "more_alerts": len(calls) > SHOWN,
        "booked": _booked(read) if read.has_role("executive", "auditor") else None,
        "seats": read.seats,
        "stamp": stamp(read),
    }
    return render(request, "reporting/home.html", context)


def _waiting(row: Any, read: Reading) -> dict[str, Any]:
    return {
        "url": f"{reverse('queue')}?milestone={row.id}",
        "title": f"{row.title} · {row.name}",
        "due": words.due(row.due_at, read.zone, read.now),
        "amount_text": words.short_money(row.value_minor, read.company.currency),
        "asked_by": row.preparer_name or "",
    }


def _alerts(read: Reading) -> list[Any]:
    """Open alerts of the functions of this reader, one more than are shown; executives see what has climbed to them."""
    if not read.seats:
        return []
    if read.has_role("executive"):
        return alerts.listing(read.seats, states=alert_rows.OPEN, escalated=True, limit=SHOWN + 1)
    return alerts.listing(read.seats, states=alert_rows.OPEN, mine=read.person, limit=SHOWN + 1)


def _asked(row: Any, read: Reading) -> dict[str, Any]:
    return {
        "url": reverse("deal-waivers", args=[row.ref]),
        "title": f"{row.title} · {row.waiver.key.replace('-', ' ')}",
        "until": words.due(row.waiver.valid_until, read.zone, read.now),
        "asked_by": row.requester,
    }


def _deals(request: HttpRequest, read: Reading) -> list[dict[str, Any]]:
    if read.policy is None or not any(seat.function == "sales" for seat in read.seats):
        return []
    by = http.actor(request, "web")
    found = query.own_deals(policies.version(read.policy), read)
    told = [cards.card(one, gate_rows.decide(one.deal, read), read, by, moves=False) for one in found]
    return sorted((deal for deal in told if "state" in deal), key=lambda deal: gate_rows.ORDER.index(deal["state"]))


def _left_open(read: Reading) -> list[dict[str, Any]]:
    """This reader's open deals that expect to close in a month that is closed."""
    seats = [seat.id for seat in read.seats if seat.function == "sales"]
    return [
        {
            "url": reverse("deal", args=[one.ref]),
            "title": one.title,
            "close": words.day(one.close_on),
            "value": "" if one.value_minor is None else words.short_money(one.value_minor, read.company.currency),
            "move_url": reverse("deal-facts", args=[one.ref]),
        }
        for one in (left_open.of_seats(seats, SHOWN) if seats else ())
    ]


def _booked(read: Reading) -> dict[str, str]:
    period = periods.quarter_of(read.today, read.company.fiscal_start_month)
    found = asking.tell("booked", question(read, period)).answer
    return {
        "value": money.text(int(found.value or 0), read.company.currency),
        "period": period_words.called(period),
        "url": f"{reverse('booked')}?period={period.name}",
        "note": _("Definition v%(n)s") % {"n": found.definition_version},
    }


@require_POST
@page
def put_away(request: HttpRequest) -> HttpResponse:
    """Notices that were shown are put away."""
    until = request.POST.get("until", "")
    number = int(until) if until.isascii() and until.isdigit() and len(until) < 17 else 0

    def run() -> str:
        notices.put_away(number, by=http.actor(request, "web"))
        return reverse("home")

    return act(request, run)
