"""Capacity: what was not lawful in pools and expansions, and whether deals hold what they say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from crm_ledger.verify.fold import Stream
from crm_ledger.verify.report import Report
from crm_ledger.verify.said import Said
from governance.rules.capacity import delivery_months
from governance.rules.replay import Capacity


def lawful(report: Report, said: Said) -> None:
    """What can be judged only when every other stream has been read: supply, and who ordered and verified."""
    report["lawfulness"].checked += len(said.capacity.acts) + len(said.capacity.supplies)
    try:
        for entry, deviation in said.capacity.finish(said):
            report.broken("lawfulness", *deviation, entry)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # Altered bytes, named by their hash, say something that no pool could be made of.
        report.broken(
            "lawfulness", "supply", "entries that can be read", f"{type(error).__name__}: {error}", "capacity"
        )


def deals(report: Report, said: Capacity, done: Iterable[Stream]) -> None:
    """A deal that says it is reserved holds exactly its delivery months; one that does not holds nothing."""
    for stream in done:
        if not stream.id.startswith("deal/") or stream.after is None:
            continue
        held = said.held.get(stream.number, {})
        stands = any(
            one.requirement == "capacity" and one.standing.effect == "met" for one in stream.standings.values()
        )
        if not held and not stands:
            continue
        report["completeness"].checked += 1
        wanted = _wanted(stream.after) if stands else {}
        found = {at: row[0] for at, row in held.items()}
        if wanted != found:
            at = stream.last or stream.id
            report.broken("completeness", "reservation", sorted(wanted.items()), sorted(found.items()), at)


def _wanted(after: Mapping[str, Any]) -> dict[tuple[str, date], int]:
    inputs = after["inputs"]
    first = date.fromisoformat(after["start_on"]).replace(day=1)
    months = delivery_months(first, inputs["delivery_months"])
    return {(after["unit"], month): inputs["delivery_units"] for month in months}
