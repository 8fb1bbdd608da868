"""A deal behind a number, as the lists of all numbers show it: with its amount and the entry that moved it last."""

from __future__ import annotations

from collections.abc import Callable

from ledger import words
from ledger.rules import money
from ledger.web.addresses import reverse
from pipeline.queries.reading import Reading
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.bridge import MovedDeal


def row(deal: BookedDeal | MovedDeal, read: Reading, said: Callable[[int, str], str] = money.text) -> dict[str, str]:
    """`said` writes an amount of minor units in a currency."""
    return {
        "title": deal.title, "ref": deal.ref, "unit": read.units.get(deal.unit, deal.unit),
        "url": reverse("deal", args=[deal.ref]), "amount": said(deal.amount, read.company.currency),
        "entry": words.count(deal.entry), "entry_url": reverse("ledger-entry", args=[deal.entry]),
    }  # fmt: skip
