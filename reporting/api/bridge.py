"""GET /bridge/: why the open pipeline moved between two moments, and the deals behind each step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import TEXT
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from ledger.rules.money import plain
from reporting.exports import receipts
from reporting.queries import asking, bridge, spans
from reporting.queries.bridge import Between
from reporting.queries.measuring import Asked
from reporting.rules.bridge import BUCKETS, Bridge

WAYS = ("unit", "function", "cause")
_MOMENT = {**TEXT, "examples": ["2026-09-30T17:00:00Z", "2026-09-30"]}
_FROM = describe.query("from", _MOMENT, "By default the beginning of the period, or of the quarter of `to`.")
_TO = describe.query("to", _MOMENT, "By default now. A day is the end of it.")
_PERIOD = describe.query(
    "period", {**TEXT, "examples": ["2026-11", "2026-Q4", "2026"]}, "Of expected close. By default all of them."
)
_SCOPE = (_FROM, _TO, _PERIOD, describe.query("unit"), describe.AS_OF)
_BY = describe.query("by", {"type": "string", "enum": list(WAYS)}, "Rows of their own.")


class BridgeView(ApiView):
    at_any_moment = True

    @describe.read("Read a bridge", "Bridge", *_SCOPE, _BY)
    def get(self, request: Request) -> Response:
        """opening + Σ buckets = closing, to the minor unit; each deal is in one bucket of what left or came, and a deal
        that stayed in amount and currency. Decimal text in `currency`. `receipt` is of the closing value,
        `opening_receipt` of the opening one, both of the measure `pipeline`."""
        said = paging.query(request)
        by = said.choice("by", WAYS)
        asked, since = _span(self.seats, said, by)
        told = asking.tell("pipeline", replace(asked, by=()))
        before = asking.tell("pipeline", replace(asked, as_of=since, by=(), past=True))
        found: Between = bridge.between(asked, since)
        currency = asked.company.currency
        return Response(
            {
                **_told(found.whole, currency),
                "from": moment(since),
                "to": moment(asked.as_of),
                "deals": {name: found.whole.deals[name] for name, _ in found.whole.steps()},
                "within": {
                    name: {because: plain(amount, currency) for because, amount in parts.items()}
                    for name, parts in found.whole.within.items()
                },
                "currency": currency,
                "position": found.position,
                "rows": _rows(found, by, currency),
                "opening_receipt": receipts.signed(before.claim()),
                "receipt": receipts.signed(told.claim()),
            }
        )


class BridgeDeals(ApiView):
    at_any_moment = True

    @describe.listing(
        "List deals of a bridge", "MovedDeal", *_SCOPE, describe.query("bucket"), describe.query("function")
    )
    def get(self, request: Request) -> Response:
        """The deals of one bucket, the newest move first; their amounts sum to it. `moved`: all that moved, by what
        each moved in the net; `churn`: by all that it moved back and forth, which is more than the gross churn by the
        net of the whole. `function`: of the bridge of that function."""
        said = paging.query(request)
        name = said.choice("bucket", (*BUCKETS, bridge.NET, bridge.TURNOVER), required=True)
        function = said.text("function", most=40)
        before, limit = said.number("after"), paging.limit(said)
        asked, since = _span(self.seats, said, "")
        rows = bridge.behind(asked, since, name, function=function, before=before, limit=limit + 1)
        following = rows[limit - 1].entry if len(rows) > limit else None
        currency = asked.company.currency
        told = (
            {
                "deal": row.ref, "title": row.title, "unit": row.unit, "amount": money(row.amount, currency),
                "entry": row.entry,
            }
            for row in rows[:limit]
        )  # fmt: skip
        return paging.page(request, told, following)


def _span(held: Any, said: Reader, by: str) -> tuple[Asked, datetime]:
    scope = {"period": said.text("period", most=10), "unit": said.text("unit", most=40)}
    first, last = said.text("from", most=60), said.text("to", most=60)
    said.done()
    now = asking.asked(held, period=scope["period"], unit=scope["unit"], by=(by,) if by in ("unit", "function") else ())
    until = spans.until(now, last)
    asked = replace(now, as_of=until, past=now.past or until != now.as_of)
    return asked, spans.since(asked, first)


def _told(found: Bridge, currency: str) -> dict[str, Any]:
    return {
        "opening": plain(found.opening, currency),
        "closing": plain(found.closing, currency),
        "buckets": {name: plain(amount, currency) for name, amount in found.steps()},
        "gross_churn": plain(found.gross_churn, currency),
    }


def _rows(found: Between, by: str, currency: str) -> list[dict[str, Any]]:
    if by == "unit":
        return [{"unit": unit, **_told(one, currency)} for unit, one in found.units.items()]
    if by == "function":
        return [{"function": name, "buckets": _told(one, currency)["buckets"]} for name, one in found.functions.items()]
    if by == "cause":
        return [
            {"cause": name, "amount": plain(amount, currency), "deals": found.whole.deals[name]}
            for name, amount in found.whole.steps()
        ]
    return []
