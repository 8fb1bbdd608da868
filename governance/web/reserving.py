"""The capacity of one deal: what it holds by month, and what this reader may do about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.queries import pools, supply
from governance.rules import delivery
from governance.rules import reserving as rules
from governance.rules.capacity import loads, month_after
from governance.rules.delivery import Need
from governance.rules.pools import Held
from governance.web.near import Near
from ledger import words
from pipeline.rules import gate_words
from pipeline.rules.policy import HISTORY, LOST, Policy


def card(near: Near, policy: Policy) -> dict[str, Any] | None:
    """None for a deal that needs no capacity yet, or whose policy asks for none. The past has no acts."""
    view, rule = near.deal.view, delivery.requirement(policy)
    need = delivery.need(view)
    if rule is None or need is None or view.stage in (LOST, HISTORY):
        return None
    held = pools.of_deal(view.id)
    standing = near.deal.standings.get(rule.key)
    over = standing.facts if standing is not None and standing.status == "over" and "over" in standing.facts else None
    until = standing.valid_until if standing is not None and standing.effect == "met" else None
    states = {row.state for row in held}
    room = over is not None and not held and _has_room(need)
    now = not near.read.past
    may = now and rules.reserving(near.by, near.read.seats, view, rule.owner_function, near.paid) is None
    confirms = now and rules.confirming(near.by, near.read.seats, view, near.paid) is None
    return {
        **_state(states, over=over is not None, room=room),
        "asks": _("%(units)s units a month from %(first)s to %(last)s") % {
            "units": words.count(need.units), "first": words.month(need.months[0]),
            "last": words.month(need.months[-1]),
        },
        "until": words.due(until, near.read.zone, near.read.now) if until and held else "",
        "over": gate_words.over_capacity(over) if over and not held and not room else "",
        "room": room,
        "soft": may and states != {"confirmed"},
        "again": bool(held),
        "confirm": confirms and states != {"confirmed"},
        "release": bool(held) and may,
        "url": reverse("deal-reserve", args=[view.ref]),
        "page_url": f"{reverse('capacity')}?unit={view.unit}&month={need.months[0]:%Y-%m}"
        f"&from={need.months[0]:%Y-%m}#cell",
        "request_id": uuid.uuid4(),
    }  # fmt: skip


def _state(states: set[Held], *, over: bool, room: bool) -> dict[str, str]:
    if states:
        confirmed = states == {"confirmed"}
        return {"state": "met" if confirmed else "waiting", "word": _("Confirmed") if confirmed else _("Reserved")}
    if room:
        return {"state": "waiting", "word": _("Fits now")}
    return {"state": "blocked", "word": _("Over")} if over else {"state": "not_started", "word": ""}


def _has_room(need: Need) -> bool:
    """Whether what was refused would fit by now: an expansion was verified, or somebody gave units back."""
    taken = supply.taken(need.unit, need.months[0], month_after(need.months[-1]))
    return not any(row.over for row in loads(supply.of_unit(need.unit), taken, need.units, need.months))
