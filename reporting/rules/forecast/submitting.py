"""What a submission may say, and what its entry keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from ledger.rules.problems import Fault
from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standings
from pipeline.rules import integrity
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from pipeline.rules.pushes import Push
from reporting.rules.forecast import ceiling
from reporting.rules.forecast.categories import CHOICES, rank
from reporting.rules.forecast.ceiling import Ceiling, Known

SUPPORTED = ("commit", "best_case")  # what the record has to support, and may take back
KINDS = SUBMITTED, LOWERED = "forecast.submitted", "forecast.lowered"
_PLACES = Decimal("0.0001")


def open_stages(policy: Policy) -> tuple[str, ...]:
    """Stages of which something can be foretold: all before booked."""
    return tuple(stage.key for stage in policy.stages[:-1])


def faults(category: str, probability: Decimal) -> list[Fault]:
    found = []
    if category not in CHOICES:
        found.append(Fault("/category", "FORECAST-10", f"Choose one of: {', '.join(CHOICES)}."))
    if not 0 <= probability <= 1 or probability != probability.quantize(_PLACES):
        found.append(
            Fault("/probability", "FORECAST-11", "A probability lies in 0 to 1, with at most four decimals: 0.7.")
        )
    return found


def body(view: DealView, category: str, probability: Decimal, found: Ceiling, score: int) -> dict[str, Any]:
    """What both kinds say. `reasons` are why nothing surer was open."""
    return {
        "seat": view.owner,
        "category": category,
        "probability": f"{probability:.4f}",
        "amount_minor": view.amount_minor,
        "currency": view.currency,
        "value_minor": view.value_minor,
        "close_on": view.close_on,
        "unit": view.unit,
        "ceiling": found.category,
        "reasons": ceiling.as_body(found.reasons),
        "integrity": score,
    }


def deviations(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    moved: tuple[Push, ...],
    entry: Entry,
    was: str | None,
    zone: str,
) -> Iterator[Deviation]:
    """What was unlawful in an entry of `KINDS`: the ceiling judged again, by the record before it. The score of
    integrity may be lower than the deal alone makes it (repeated words, finance), never higher.

    `was`: the category that was in force before.
    """
    said, at = entry.body, entry.recorded_at
    most = _score(policy, deal, standings, at, zone)
    if not 0 <= said["integrity"] <= most:
        yield Deviation("integrity", f"at most {most}", said["integrity"])
    found = ceiling.of(policy, deal, standings, Known(said["integrity"], moved), at, zone)
    if found.category != said["ceiling"]:
        yield Deviation("ceiling", found.category, said["ceiling"])
    if rank(said["category"]) > rank(found.category):
        yield Deviation("category", f"{found.category} or less", said["category"])
    if entry.kind == SUBMITTED:
        if entry.actor != deal.owner_person or said["seat"] != deal.owner:
            yield Deviation("actor", f"the owner, {deal.owner_person}", entry.actor)
        if ceiling.as_body(found.reasons) != [list(pair) for pair in said["reasons"]]:
            yield Deviation("reasons", ceiling.as_body(found.reasons), said["reasons"])
        seen = (deal.amount_minor, deal.currency, deal.close_on and deal.close_on.isoformat())
        if seen != (said["amount_minor"], said["currency"], said["close_on"]):
            yield Deviation("amount", seen, (said["amount_minor"], said["currency"], said["close_on"]))
    elif was is None or rank(said["category"]) >= rank(was) or said["category"] != found.category:
        yield Deviation("category", f"the ceiling, below {was}", said["category"])


def _score(policy: Policy, deal: DealView, standings: Standings, at: datetime, zone: str) -> int:
    return integrity.integrity(policy, deal, standings, now=at, zone=zone).score
