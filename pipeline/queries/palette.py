"""What the palette finds among deals."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.queries import listing
from pipeline.queries.listing import DealRow
from pipeline.rules.seats import SeatView

MOST = 8


def deals(seats: Sequence[SeatView], text: str) -> tuple[DealRow, ...]:
    """The newest deals that match; without a text the newest of all."""
    return listing.deals(seats, listing.Filters(q=text or None), limit=MOST).rows
