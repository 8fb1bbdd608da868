"""Value that waits on functions: what is submitted or offered to them, or past its due moment."""

from __future__ import annotations

from functools import partial

from governance.queries import heartbeat
from ledger.queries import balances
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Answer, Asked, Measure, summed

WAYS = ("function", "unit")


def _waiting(asked: Asked) -> Answer:
    with asked.reading():
        return _answer(asked, heartbeat.waiting(asked.units), 2)


def _waiting_for_verification(asked: Asked) -> Answer:
    """Version 1: milestones alone."""
    with asked.reading():
        return _answer(asked, heartbeat.waiting_for_verification(asked.units), 1)


def _answer(asked: Asked, found: list[tuple[str, str, int]], version: int) -> Answer:
    return summed(
        (((function, unit), value) for function, unit, value in found if asked.function in ("", function)),
        WAYS,
        asked,
        position=balances.position(asked.as_of),
        version=version,
        count=partial(_count, asked),
        behind=partial(_behind, asked),
    )


def _count(asked: Asked) -> int:
    with asked.reading():
        return heartbeat.count_waiting(asked.units, _functions(asked))


def _behind(asked: Asked, before: int | None, most: int) -> list[BookedDeal]:
    """The place of a deal is who it waits on."""
    with asked.reading():
        return [BookedDeal(*row) for row in heartbeat.waiting_deals(asked.units, before, most, _functions(asked))]


def _functions(asked: Asked) -> list[str] | None:
    return [asked.function] if asked.function else None


MEASURES = (
    Measure(
        "value-waiting", "Value waiting on functions",
        "The value of deals with a milestone that waits for a function to verify it, a handshake that waits for its"
        " answer, or one of them past its due moment. A deal that waits on two functions counts with each.",
        "operations", "Which function to unblock first.", "money", 2, WAYS, _waiting, by_period=False,
        by_function=True, earlier=_waiting_for_verification,
    ),
)  # fmt: skip
