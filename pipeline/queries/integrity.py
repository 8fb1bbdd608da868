"""The integrity of deals as they stand now, or, in the past, as they stood then."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from pipeline.queries import organisation, policies, repeats
from pipeline.queries.deals import Deal
from pipeline.rules import integrity
from pipeline.rules.integrity import Integrity


def of_deals(
    deals: Mapping[int, Deal], now: datetime, zone: str = "", unreconciled: Collection[int] = ()
) -> dict[int, Integrity]:
    """By number, from one query for all of them. `unreconciled`: deals on which finance and the record disagree."""
    zone = zone or organisation.zone()
    often = repeats.of(deals)
    return {
        number: integrity.integrity(
            policies.version(deal.view.policy_version),
            deal.view,
            deal.standings,
            now=now,
            zone=zone,
            reconciled=number not in unreconciled,
            repeated=often.get(number, frozenset()),
        )
        for number, deal in deals.items()
    }
