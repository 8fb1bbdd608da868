"""Screen E: the months of the company, and the closing of one as a gate box."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from ledger import http, words
from ledger.queries.periods import PeriodRow
from ledger.rules import money
from ledger.web.door import page_at_any_moment
from pipeline.queries import left_open
from pipeline.queries.reading import Reading
from pipeline.web.reader import reader, stamp
from reporting.queries import asking, closing_answer
from reporting.queries.closing_answer import Month
from reporting.rules import closing as rules
from reporting.rules import periods
from reporting.rules.closing import Line
from reporting.web import deal_rows, receipt_parts
from reporting.web.question import question

SHOWN = 24
DEALS = 50
CHIPS = {"open": "not_started", "soft-closed": "waiting", "closed": "met"}
WORDS = {"open": gettext_lazy("Open"), "soft-closed": gettext_lazy("Soft-closed"), "closed": gettext_lazy("Closed")}
NAMES = {
    "bookings": gettext_lazy("Bookings"), "under_waiver": gettext_lazy("Booked under waiver"),
    "billings": gettext_lazy("Billings"), "collected": gettext_lazy("Collected"), "revenue": gettext_lazy("Revenue"),
    "deferred": gettext_lazy("Deferred, at the end"), "unbilled": gettext_lazy("Unbilled, at the end"),
    "backlog": gettext_lazy("Backlog, at the end"),
}  # fmt: skip
READ_AS = {
    "reported": gettext_lazy("as reported"), "known": gettext_lazy("as now known"),
    "difference": gettext_lazy("what differs now"),
}  # fmt: skip
_BLOCKS = ("alerts", "verified", "ended", "breaks")  # work that is left, rather than somebody who is awaited


@require_GET
@page_at_any_moment
def listing(request: HttpRequest) -> HttpResponse:
    """Months since the record began, newest first; `?before=2026-01` goes on."""
    read = reader(request)
    said = request.GET.get("before", "")
    try:
        before = date.fromisoformat(f"{said}-01") if said else None
    except ValueError:
        before = None
    rows = closing_answer.listing(before=before, limit=SHOWN + 1)
    older = f"?before={rows[SHOWN - 1].month:%Y-%m}" if len(rows) > SHOWN else ""
    context = {"rows": [_row(row, read) for row in rows[:SHOWN]], "older": older, "stamp": stamp(read)}
    return render(request, "reporting/periods.html", context)


@require_GET
@page_at_any_moment
def period(request: HttpRequest, month: date) -> HttpResponse:
    """One month: its gate box while it is open, its figures as reported and as now known."""
    read = reader(request)
    by = http.actor(request, "web")
    found = closing_answer.month(read.seats, month, None if read.past else by)
    context = {
        "name": words.month(month),
        "month": month,
        "chip": {"state": CHIPS[found.row.state], "word": WORDS[found.row.state]},
        "gate": None if found.row.state == "closed" else gate(found, read),
        "figures": figures(found, month),
        "late": found.known != found.reported,
        "left": left(found) if found.row.state == "closed" and found.left[0] else None,
        "closed": closed(found, read) if found.row.state == "closed" else None,
        "receipt": _receipt(month, read) if found.row.state == "closed" else None,
        "snapshots": [
            {"version": one.version, "sha256": one.sha256, "at": words.moment(one.at, read.zone),
             "tree_size": words.count(one.tree_size), "current": place == 0}
            for place, one in enumerate(found.snapshots)
        ],
        "restate": None if read.past else restate(found, read),
        "sha256": found.seen,
        "request_ids": [uuid4().hex for _number in range(3)],
        "stamp": stamp(read),
    }  # fmt: skip
    return render(request, "reporting/period.html", context)


def _receipt(month: date, read: Reading) -> dict[str, Any]:
    """The proof of what the month reported, with the deals behind its bookings and the files of every figure."""
    period = periods.parse(f"{month:%Y-%m}", read.company.fiscal_start_month)
    told = asking.tell("as-reported", question(read, period))
    return {
        **receipt_parts.receipt(told, told.claim(), read, "measure-file", "as-reported"),
        "deals_url": f"{reverse('measure-deals', args=['as-reported'])}?{urlencode({'period': period.name})}",
    }


def _row(row: PeriodRow, read: Reading) -> dict[str, Any]:
    return {
        "name": words.month(row.month),
        "url": reverse("period", args=[row.month]),
        "state": CHIPS[row.state],
        "word": WORDS[row.state],
        "closed": words.moment(row.closed_at, read.zone) if row.closed_at else None,
        "restated": row.version > 1,
        "signed": len(row.signatures),
        "total": len(rules.SIGNING),
    }


def gate(found: Month, read: Reading) -> dict[str, Any]:
    """The checklist as rows of requirements, and the steps that are open to this reader."""
    met = sum(line.met for line in found.lines)
    first = next((line for line in found.lines if not line.met), None)
    month, soft = found.row.month, found.row.state == "soft-closed"
    finance = not read.past and rules.speaks_for(read.seats, rules.PREPARING)
    ended = found.today >= rules.end_of(month)
    signing = [
        function for function in (() if read.past or not soft else rules.functions_of(read.seats))
        if function not in found.row.signatures
        and not (function == rules.PREPARING and found.row.prepared_by == read.person)
        and read.person not in found.row.signatures.values()
    ]  # fmt: skip
    current = found.row.figures == found.seen
    return {
        "rows": [_line(line, read) for line in sorted(found.lines, key=lambda line: (line.met, not _blocks(line)))],
        "met_count": met,
        "total": len(found.lines),
        "blocked": any(not line.met and line.key in _BLOCKS for line in found.lines),
        "ready": found.ready,
        "reason": first.sentence if first else "",
        "remedy": first.remedy if first else "",
        "can_close": finance,
        "can_prepare": finance and ended and not (soft and current),
        "again": soft,
        "signing": signing[0] if current and signing else "",
        "acts": not read.past,
    }


def _blocks(line: Line) -> bool:
    return line.key in _BLOCKS


def _line(line: Line, read: Reading) -> dict[str, Any]:
    who = line.who or read.functions.get(line.owner, line.owner)
    return {
        "key": line.key,
        "state": "met" if line.met else "blocked" if _blocks(line) else "waiting",
        "message": line.sentence,
        "who": None if line.met else {"name": who, "kind": "person" if line.who else "queue"},
        "remedy": line.remedy,
        "action_url": line.proof,
        "action_label": _("Proof") if line.met else _("Look"),
    }


@require_GET
@page_at_any_moment
def figure_deals(request: HttpRequest, month: date) -> HttpResponse:
    """The deals of a `figure`, as it was `reported`, is `known` or differs: `as`; `before` is the last entry seen."""
    read = reader(request)
    name, how = request.GET.get("figure", ""), request.GET.get("as", "reported")
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 17 else None
    rows = closing_answer.deals(read.seats, month, name, how, number, DEALS)
    kept = {"figure": name, "as": how}
    more = f"?{urlencode({**kept, 'before': rows[-1].entry})}" if len(rows) == DEALS else ""
    context = {
        "title": f"{NAMES[name]} · {READ_AS[how]}",
        "period": words.month(month),
        "rows": [deal_rows.row(row, read) for row in rows],
        "sum": money.text(sum(row.amount for row in rows), read.company.currency),
        "page": {"text": "", "next_url": more, "first_url": f"?{urlencode(kept)}" if before else ""},
        "whole": not more and not before,
        "back": reverse("period", args=[month]),
    }
    return render(request, "reporting/booked_deals.html", context)


def figures(found: Month, month: date) -> list[dict[str, Any]]:
    """Each number opens the deals that make it."""
    currency = found.company.currency

    def number(name: str, how: str, amount: int) -> dict[str, str]:
        asked = urlencode({"figure": name, "as": how})
        return {
            "text": money.text(amount, currency),
            "url": f"{reverse('period-deals', args=[month])}?{asked}" if amount else "",
        }

    return [
        {
            "name": NAMES[name],
            "reported": number(name, "reported", amount),
            "known": number(name, "known", found.known[name]),
            "difference": number(name, "difference", found.known[name] - amount),
        }
        for name, amount in found.reported.items()
    ]


def closed(found: Month, read: Reading) -> dict[str, Any]:
    row = found.row
    return {
        "by": found.names.get(row.closed_by or 0, ""),
        "at": words.moment(row.closed_at, read.zone) if row.closed_at else None,
        "prepared_by": found.names.get(row.prepared_by or 0, ""),
        "trio": [
            {"function": read.functions.get(function, function), "who": found.names.get(person, "")}
            for function, person in sorted(row.signatures.items())
        ],
    }


def left(found: Month) -> dict[str, Any]:
    """Open deals that still expect to close in a month that is closed."""
    deals, value = found.left
    said = {"close_after": found.row.month, "close_before": left_open.last_day(found.row.month)}
    return {
        "deals": deals,
        "value": money.text(value, found.company.currency),
        "url": f"{reverse('deals')}?{urlencode(said)}",
    }


def restate(found: Month, read: Reading) -> dict[str, Any] | None:
    """The form of a restatement, where what is known now is not what was reported. Of other units too."""
    row = found.row
    if row.state != "closed" or not found.snapshots or found.seen == found.snapshots[0].sha256:
        return None
    given = row.restating if row.restated_figures == found.seen else {}
    mine = [] if read.person in given.values() else [one for one in rules.functions_of(read.seats) if one not in given]
    return {
        "signed": [
            {"function": read.functions.get(function, function), "who": found.names.get(person, "")}
            for function, person in sorted(given.items())
        ],
        "function": mine[0] if mine else "",
        "name": read.functions.get(mine[0], mine[0]) if mine else "",
    }  # fmt: skip
