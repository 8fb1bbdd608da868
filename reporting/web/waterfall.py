"""A waterfall for components/waterfall.html: where a value stood, the steps, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ledger import words
from ledger.rules import money


class Step(NamedTuple):
    """`amount` in minor units; a `total` stands on the axis, any other goes on from the step before."""

    label: str
    amount: int
    url: str
    total: bool = False


def chart(name: str, title: str, steps: Sequence[Step], currency: str) -> dict[str, Any]:
    """Bars from the axis up. The axis begins at zero unless every step would be a sliver: then it begins below the
    lowest level, and a bar's height says only how it differs."""
    spans, level = [], 0
    for step in steps:
        spans.append((0, step.amount) if step.total else (level, level + step.amount))
        level = step.amount if step.total else level + step.amount
    reached = [end for _start, end in spans] or [0]
    least, most = min(reached), max(*reached, 0)
    floor = min(least, 0)
    if least > 0 and (most - least) * 3 < most:
        floor = least - max((most - least) // 2, 1)
    whole = max(most - floor, 1)
    bars = []
    for step, (start, end) in zip(steps, spans, strict=True):
        low, high = (max(floor, min(0, end)), max(end, 0)) if step.total else (min(start, end), max(start, end))
        bars.append(
            {
                "label": step.label,
                "kind": "total" if step.total else "above" if step.amount > 0 else "below",
                "url": step.url,
                "amount_text": signed(step.amount, currency) if not step.total else money.text(step.amount, currency),
                "short_text": words.short_money(abs(step.amount), currency).partition(" ")[2]
                if not step.total
                else words.short_money(step.amount, currency).partition(" ")[2],
                "top": round((most - high) * 100 / whole, 2),
                "height": max(round((high - low) * 100 / whole, 2), 0.4),
            }
        )
    told = ", ".join(f"{step.label} {bar['amount_text']}" for step, bar in zip(steps, bars, strict=True))
    return {"id": name, "title": title, "description": told, "bars": bars}


def signed(amount: int, currency: str) -> str:
    """`+USD 90.00`, `−USD 22.00`."""
    sign = "+" if amount > 0 else "−" if amount < 0 else ""
    return f"{sign}{money.text(abs(amount), currency)}"
