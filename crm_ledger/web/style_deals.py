"""Gates and a board for the style guide: the deals of one small story."""

IVO = {"name": "Ivo Lindqvist", "kind": "person", "function": "Ops", "url": "#"}
OPS = {"name": "Ops: Rotterdam", "kind": "queue"}
RULE = {"name": "Checked by rule", "kind": "rule"}
SLOT = {"iso": "2026-11-24T17:00:00Z", "text": "Tue 24 Nov, 17:00", "relative": "in 2 days"}


def requirement(key, state, message, who, due="", **more):
    return {"key": key, "kind": "milestone", "state": state, "message": message, "who": who, "due": due} | more


def shut_gate():
    rows = [
        requirement("order", "met", "Signed order form", {"name": "Mara Reyes"}, "18 Nov", detail="order-v3.pdf"),
        requirement("amount", "met", "Amount equals quote", RULE, "EUR 418,000.00 = Q-2211"),
        requirement("slot", "waiting", "Delivery slot confirmed", OPS, SLOT, action_url="#", action_label="Nudge"),
        requirement(
            "credit",
            "opens_later",
            "Credit limit attested",
            {"name": "Finance", "kind": "queue"},
            "after ops, 2 work days",
        ),
        requirement(
            "capacity",
            "blocked",
            "Capacity reserved, week 51",
            IVO,
            "Order by Thu 3 Dec",
            detail="“Line 2 is full until week 52.” Earliest start is week 52.",
            action_url="#",
            action_label="Re-plan",
        ),
    ]
    return {
        "id": "-shut",
        "to_name": "Committed",
        "policy_version": "v7",
        "blocked": True,
        "met_count": 2,
        "total": 5,
        "requirements": rows,
        "advance_url": "#",
        "version": 10482,
        "next_actor": "Ivo Lindqvist",
        "reason": "capacity is blocked, 2 more open.",
        "consequence": "After advancing: books EUR 418,000.00 in Q4.",
    }


def stale_gate():
    rows = [
        requirement(
            "credit-2",
            "stale",
            "Credit limit attested",
            {"name": "Esi Okafor", "function": "Finance"},
            SLOT,
            detail="Was met. Amount went from 418,000 to 450,000 (+7.7 %, tolerance 5 %) by M. Reyes; needs a check.",
            action_url="#",
            action_label="Ask again",
        ),
        requirement("site", "checking", "Site survey", RULE, "a few seconds"),
        requirement(
            "legal",
            "waived",
            "Legal review",
            {"name": "Ada Brandt and Chloe Martin"},
            "until Fri 4 Dec",
            detail="Booked under waiver until repaid.",
        ),
    ]
    met = [
        requirement(f"met-{n}", "met", text, {"name": "Mara Reyes"}, "18 Nov")
        for n, text in enumerate(
            ("Signed order form", "Amount equals quote", "Economic buyer named", "Delivery slot confirmed")
        )
    ]
    return {
        "id": "-stale",
        "to_name": "Committed",
        "policy_version": "v7",
        "checking": True,
        "met_count": 5,
        "total": 7,
        "requirements": rows + met,
        "advance_url": "#",
        "version": 10482,
        "next_actor": "Esi Okafor",
        "reason": "one answer is stale, the rules still run.",
        "consequence": "",
    }


def open_gate():
    met = [
        requirement(f"open-{n}", "met", text, {"name": "Mara Reyes"}, "18 Nov")
        for n, text in enumerate(("Need named by the buyer", "Amount and close date stand"))
    ]
    return {
        "id": "-open",
        "to_name": "Proposed",
        "policy_version": "v7",
        "passed": True,
        "met_count": 2,
        "total": 2,
        "requirements": met,
        "advance_url": "#",
        "version": 10482,
        "next_actor": "",
        "consequence": "After advancing: 3 milestones start, the first is due Tue 24 Nov.",
    }


def _deal(number, title, amount, met, total, state, hold, who, stage, to=("Committed", "committed")):
    return {
        "id": number,
        "url": "#",
        "title": title,
        "amount_text": amount,
        "met_count": met,
        "total": total,
        "state": state,
        "hold_text": hold,
        "who": who,
        "version": 10482,
        "stage": stage,
        "move_url": "#",
        "moves": [{"label": f"To {to[0]}", "stage": to[1]}],
    }


def board():
    mara, esi = {"name": "M. Reyes"}, {"name": "E. Okafor", "function": "Finance"}
    proposed = [
        _deal(
            "D-2041",
            "Northwind: pallet automation",
            "EUR 418,000.00",
            2,
            5,
            "blocked",
            "capacity is reserved for every delivery month",
            {"name": "I. Lindqvist", "function": "Ops"},
            "proposed",
        ),
        _deal("D-2050", "Kestrel: cold store", "EUR 418,000.00", 3, 5, "stale", "credit limit", esi, "proposed"),
    ]
    return [
        {
            "key": "qualified",
            "name": "Qualified",
            "count": 2,
            "sum_text": "EUR 310k",
            "sum_url": "#",
            "deals": [
                _deal(
                    "D-2061",
                    "Acme: retrofit",
                    "EUR 120,000.00",
                    1,
                    4,
                    "not_started",
                    "",
                    mara,
                    "qualified",
                    ("Proposed", "proposed"),
                ),
                _deal(
                    "D-2058",
                    "Halden: line upgrade, phase two of three",
                    "EUR 190,000.00",
                    2,
                    4,
                    "waiting",
                    "site survey",
                    OPS,
                    "qualified",
                    ("Proposed", "proposed"),
                ),
            ],
        },
        {
            "key": "proposed",
            "name": "Proposed",
            "count": 2,
            "sum_text": "EUR 836k",
            "sum_url": "#",
            "current": True,
            "deals": proposed,
        },
        {
            "key": "committed",
            "name": "Committed",
            "count": 1,
            "sum_text": "EUR 90k",
            "sum_url": "#",
            "deals": [
                _deal("D-2033", "Lumen", "", 4, 5, "waiting", "Finance today", esi, "committed", ("Booked", "booked"))
            ],
        },
        {
            "key": "booked",
            "name": "Booked",
            "count": 0,
            "enters_text": "A deal enters when sales, ops and finance have attested the same terms.",
            "deals": [],
        },
    ]
