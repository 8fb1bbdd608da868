"""What the style guide shows: one small, coherent story in plain dictionaries, as pages give it to the components."""

from django import forms

from crm_ledger.web.style_deals import IVO, OPS, SLOT, board, open_gate, shut_gate, stale_gate

NOW = {"iso": "2026-11-22T14:02:00Z", "text": "Sun 22 Nov, 14:02", "zone": "Europe/Amsterdam"}
LATE = {"iso": "2026-11-20T17:00:00Z", "text": "Fri 20 Nov, 17:00", "relative": "2 days ago", "late": True}
STATES = [
    "met",
    "waiting",
    "blocked",
    "not_started",
    "opens_later",
    "checking",
    "stale",
    "waived",
    "rejected",
    "missed",
    "expired",
    "revoked",
]


class DealForm(forms.Form):
    title = forms.CharField(help_text="As the customer says it.")
    amount = forms.DecimalField(help_text="In the currency of the order form.")
    close = forms.DateField(required=False, label="Close date", widget=forms.DateInput(attrs={"type": "date"}))
    unit = forms.ChoiceField(choices=[("nl", "Rotterdam"), ("pl", "Gdansk")])
    note = forms.CharField(widget=forms.Textarea, required=False)
    hold = forms.BooleanField(required=False, label="Put on hold")

    def clean_close(self):
        raise forms.ValidationError(
            "Close date is before the delivery slot (24 Nov). Choose 24 Nov or later. [DEAL-DATE-2]"
        )


def _waterfall():
    steps = [
        ("Plan", 12400, "total"),
        ("Won", 118, "above"),
        ("Slipped", -296, "below"),
        ("Capacity", -174, "below"),
        ("Amount", -148, "below"),
        ("Booked", 11900, "total"),
    ]
    floor, ceiling, level, bars = 11500.0, 12700.0, 0, []
    for label, amount, kind in steps:
        low, high = (floor, amount) if kind == "total" else sorted((level, level + amount))
        level = amount if kind == "total" else level + amount
        sign = "" if kind == "total" else "+" if amount > 0 else "−"
        bars.append(
            {
                "label": label,
                "kind": kind,
                "url": "#",
                "amount_text": f"{sign}EUR {abs(amount) * 1000:,}.00",
                "short_text": f"{sign}{abs(amount):,}k",
                "top": round((ceiling - high) / (ceiling - floor) * 100, 2),
                "height": round((high - low) / (ceiling - floor) * 100, 2),
            }
        )
    return {
        "id": "bridge",
        "title": "Why booked moved, thousand EUR",
        "description": "Plan 12,400, won +118, slipped −296, capacity −174, amount −148, booked 11,900.",
        "bars": bars,
    }


def _heat():
    load = {"Rotterdam": (50, 58, 33, 112, 70), "Gdansk": (20, 44, 61, 78, 88), "Lyon": (5, 12, 38, 52, 97)}
    return {
        "caption": "Capacity used, per cent of the ceiling",
        "corner": "Site",
        "columns": ["W48", "W49", "W50", "W51", "W52"],
        "rows": [
            {
                "name": site,
                "url": "#",
                "cells": [{"text": f"{n} %", "level": min(5, n // 18), "over": n > 100, "url": "#"} for n in line],
            }
            for site, line in load.items()
        ],
    }


RECEIPT = {
    "measure": "Booked, Q4 2026",
    "definition_version": "v3",
    "as_of": "Sun 22 Nov 2026, 14:02",
    "position": "10,482",
    "position_url": "#",
    "scope": "All units",
    "currency": "EUR",
    "deals": "41",
    "integrity": "94",
    "tree_head": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    "state": "Genuine and current",
    "files": [{"label": "CSV", "url": "#"}, {"label": "Signed receipt, JSON", "url": "#"}],
}


def _entries():
    return [
        {
            "position": "10,482",
            "url": "#",
            "kind": "gate.refused",
            "refused": True,
            "sentence": "Not advanced. Capacity for week 51 is blocked by Ivo Lindqvist (Ops).",
            "code": "GATE-CAP-1",
            "actor": "Mara Reyes",
            "moment": NOW,
            "door": "web",
        },
        {
            "position": "10,431",
            "url": "#",
            "kind": "evidence.added",
            "icon": "paperclip",
            "sentence": "Evidence added: order-v3.pdf.",
            "actor": "Mara Reyes",
            "moment": NOW,
            "details": [{"label": "Size", "value": "184 KB"}, {"label": "SHA-256", "value": "9f86d081884c7d65"}],
        },
        {
            "position": "10,101",
            "url": "#",
            "kind": "deal.advanced",
            "icon": "arrow-right",
            "sentence": "Advanced to Proposed.",
            "actor": "Mara Reyes",
            "moment": NOW,
            "receipt": RECEIPT,
        },
    ]


def _pane():
    slot = {
        "name": "slot-W51.pdf",
        "url": "#",
        "kind": "file",
        "size": "184 KB",
        "hash": "9f86d081884c7d659a2feaa0c55ad015",
        "who": "Mara Reyes",
        "when": "20 Nov, 10:12",
    }
    return {
        "title": "Delivery slot confirmed",
        "state": "waiting",
        "deal": "Northwind: pallet automation",
        "deal_url": "#",
        "asked_by": "M. Reyes",
        "due": SLOT,
        "evidence": [
            slot,
            slot
            | {
                "name": "carrier.example/booking/77",
                "kind": "link",
                "hash": "",
                "size": "",
                "opened": True,
                "opened_text": "Opened 14:01",
            },
        ],
        "facts": [
            {"label": "Amount", "value": "EUR 418,000.00"},
            {"label": "Close date", "value": "Fri 18 Dec"},
            {"label": "Scope", "value": "Two lines"},
        ],
        "rule_text": "Slot date is on or before the promised date.",
        "rule_state": "met",
        "actions": [
            {
                "label": "Verify",
                "style": "main",
                "shut": True,
                "reason": "open the evidence.",
                "key": "1",
                "id": "verify",
            },
            {"label": "Ask", "url": "#", "key": "2"},
            {"label": "Reject…", "url": "#", "key": "3"},
            {"label": "Hand over", "url": "#", "key": "h"},
        ],
    }


def samples():
    queue = [
        {
            "url": "#",
            "title": "Northwind · delivery slot",
            "due": SLOT,
            "amount_text": "EUR 418k",
            "asked_by": "M. Reyes",
            "selected": True,
        },
        {"url": "#", "title": "Lumen · credit limit", "due": LATE, "amount_text": "EUR 90k", "asked_by": "J. Novak"},
        {"url": "#", "title": "Kestrel · site survey", "due": "Thu", "amount_text": "EUR 418k", "asked_by": "M. Reyes"},
    ]
    return {
        "states": STATES,
        "gates": [shut_gate(), stale_gate(), open_gate()],
        "stages": board(),
        "chart": _waterfall(),
        "heat": _heat(),
        "receipt": RECEIPT,
        "entries": _entries(),
        "rows": queue,
        "item": _pane(),
        "ivo": IVO,
        "ops": OPS,
        "soon": SLOT,
        "overdue": LATE,
        "tabs": [
            {"label": "Qualified", "count": 2, "url": "#"},
            {"label": "Proposed", "count": 2, "url": "#", "current": True},
            {"label": "Committed", "count": 1, "url": "#"},
            {"label": "Booked", "count": 6, "url": "#"},
        ],
        "trio": {
            "signed": 2,
            "total": 3,
            "signatures": [
                {"function": "Sales", "state": "met", "who": "Mara Reyes", "when": "21 Nov"},
                {"function": "Ops", "state": "met", "who": "Ivo Lindqvist", "when": "21 Nov"},
                {"function": "Finance", "state": "waiting", "who": "Esi Okafor", "due": SLOT},
            ],
        },
        "steps": [
            {"label": "Acknowledge", "state": "done", "text": "I. Lindqvist, 11 Nov, 09:04"},
            {"label": "Explain", "state": "current", "text": "due Fri 13 Nov"},
            {"label": "Commit a date", "state": "todo"},
        ],
        "checks": [
            {"state": "met", "label": "12 of 12 alerts explained", "url": "#", "proof": "Entry #10,470"},
            {"state": "waiting", "label": "Finance signs", "who": "E. Okafor", "due": SLOT},
            {"state": "blocked", "label": "2 rows off the books", "url": "#", "who": "M. Reyes"},
        ],
        "budgets": [
            {"used": 9, "limit": 10, "cost": "6 min + 7 h wait a deal"},
            {
                "used": 10,
                "limit": 10,
                "text": "The budget is used. To add an input, drop one: budget-note is the least used.",
            },
        ],
        "changes": [
            {"field": "Amount", "was": "EUR 418,000.00", "is": "EUR 450,000.00", "who": "M. Reyes", "when": NOW},
            {"field": "Close date", "was": "11 Dec", "is": "18 Dec", "who": "M. Reyes", "when": NOW},
        ],
        "problem": {
            "title": "Not advanced",
            "detail": "Capacity for week 51 is blocked by Ivo Lindqvist (Ops). Ask for week 52, or re-plan.",
            "code": "GATE-CAP-1",
            "reference": "7F3A-21",
            "action_url": "#",
            "action_label": "Re-plan",
            "requirements": [{"message": "Delivery slot confirmed", "who": "Ops: Rotterdam"}],
        },
        "empty": {
            "sentence": "No deals here yet. New deal, or load the demo company.",
            "action_url": "#",
            "action_label": "New deal",
            "icon": "briefcase",
        },
        "notes": [
            {"tags": "success", "text": "Advanced to Committed. Booked in Q4 rose by EUR 418,000.00. Entry #10,490."},
            {"tags": "info", "text": "Ivo changed the amount while you were writing. Yours is kept below."},
            {
                "tags": "error",
                "text": "We could not finish and nothing was changed. Try again; if it repeats, quote 7F3A-21.",
            },
        ],
        "stamps": [
            {"state": state, "text": text, "position": "10,482", "url": "#"}
            for state, text in (
                ("live", "Live"),
                ("updated", "Updated 12 s ago"),
                ("offline", "Offline since 14:02, figures as of 14:01"),
            )
        ],
        "now_bar": {"action": "#", "value": "2026-11-22T14:02", "previous_url": "#", "compare_url": "#"},
        "past_bar": {
            "action": "#",
            "value": "2026-09-30T17:00",
            "text": "30 Sep, 17:00",
            "past": True,
            "previous_url": "#",
            "next_url": "#",
            "now_url": "#",
        },
        "next_page": {"text": "Entries #10,482 to #10,433", "next_url": "#", "first_url": "#"},
        "last_page": {"text": "Entries #50 to #1", "first_url": "#"},
        "form": DealForm({"title": "Northwind", "close": "2026-11-20", "unit": "nl"}),
        "token": {"name": "ci-import", "value": "crm_live_8Jd0Qm2xWc5pLr7u", "expires": "21 Feb 2027"},
        "palette_groups": [
            {
                "name": "Go to",
                "items": [{"label": "Board", "url": "#", "key": "g b"}, {"label": "Queue", "url": "#", "key": "g q"}],
            },
            {"name": "Deals", "items": [{"label": "Northwind: pallet automation", "note": "D-2041", "url": "#"}]},
            {
                "name": "Do",
                "items": [{"label": "Advance D-2041", "url": "#", "shut": True, "reason": "capacity is blocked."}],
            },
        ],
        "about": {"id": "about", "title": "Hand over", "text": "Esi Okafor takes the row. The clock goes on."},
    }
