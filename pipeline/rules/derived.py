"""The postings that the rules derive from an act, to hold against those that were written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ledger.rules.closed import Closed, carried
from ledger.rules.postings import Cause, Posting
from ledger.rules.replay import Deviation, Entry
from pipeline.rules import value
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy

_PLAIN: dict[str, Cause] = {
    "deal.advanced": "advance",
    "deal.reopened": "reopened",
    "deal.assigned": "transfer",
    "deal.rebound": "policy_change",
}


def postings(
    policy: Policy, was: DealView | None, now: DealView, entry: Entry, reporting: str, today: date, closed: Closed
) -> tuple[Posting, ...] | None:
    """What the entry should post, in the months in which it is true; None for a kind that this knows nothing of.
    `today` is the company's day of it."""
    last = policy.stages[-1].key
    booked = was is not None and was.stage == last
    month = date.fromisoformat(entry.body.get("on") or today.isoformat()).replace(day=1)
    match entry.kind:
        case "deal.opened" | "deal.imported":
            return value.postings(was, now, "new", reporting, revalued="new")
        case "booking.recorded":
            cause: Cause = "won" if now.place == "booked" else "waiver"
            return value.postings(was, now, cause, reporting, revalued="currency")
        case "deal.repriced":
            return value.postings(was, now, "currency", reporting, revalued="currency")
        case "booking.reversed":
            return value.postings(was, now, "return", reporting, out_period=month)
        case "deal.returned":
            why = value.event_cause("return", month, closed, entry.recorded_at) if booked else "return"
            return value.postings(was, now, why, reporting, out_period=month if booked else None)
        case "deal.lost":
            lost = value.event_cause("cancelled", month, closed, entry.recorded_at) if booked else "lost"
            return value.postings(was, now, lost, reporting, out_period=month if booked else None)
        case "deal.amended":
            return value.postings(was, now, _amended(was, now), reporting)
    plain = _PLAIN.get(entry.kind)
    return value.postings(was, now, plain, reporting) if plain else None


def _amended(was: DealView | None, now: DealView) -> Cause:
    if was is None or value.position(was) is None:
        return "new"
    return "amount" if value.position(now) is None else value.slip_cause(was.close_on, now.close_on)


def deviations(
    policy: Policy, was: DealView | None, now: DealView, entry: Entry, reporting: str, today: date, closed: Closed
) -> Iterator[Deviation]:
    """`closed`: months, with when they were closed."""
    expected = postings(policy, was, now, entry, reporting, today, closed)
    if expected is None:
        return
    may = carried(expected, closed, entry.recorded_at)
    wanted, found = [line.as_body() for line in may], list(entry.body.get("postings", ()))
    if wanted != found:
        yield Deviation("postings", wanted, found)
