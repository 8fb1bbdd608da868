"""The targets that an alert endangers, as its page and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from governance.queries import targets
from governance.queries.alerts import AlertRow
from governance.rules import endangered as rules
from governance.rules.endangered import Danger
from ledger.rules.postings import BOOKED

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Endangered:
    danger: Danger
    title: str


def of_alert(found: AlertRow, units: Sequence[str] | None) -> list[Endangered]:
    """The heaviest first, of those that somebody who sees these units may see. None for what is no deal's."""
    held = found.alert
    if held.deal is None:
        return []
    stake: dict[date, int] = {}
    for part in held.stake:
        month = date.fromisoformat(str(part["period"])[:10])
        stake[month] = stake.get(month, 0) + int(part["amount_minor"])
    rows, links = targets.near_deal(held.deal, list(stake), held.unit, units)
    with connection.cursor() as cursor:
        cursor.execute("SELECT place FROM pipeline_dealstate WHERE deal_id = %s", [held.deal])
        place = cursor.fetchone()
    dangers = rules.of_alert(
        [row.target for row in rows], links, deal=held.deal, key=held.key, unit=held.unit, stake=stake,
        booked=place is not None and place[0] == BOOKED,
    )  # fmt: skip
    titles = {row.target.id: row.title or row.target.measure for row in rows}
    return [Endangered(danger, titles[danger.target.id]) for danger in dangers[:SHOWN]]
