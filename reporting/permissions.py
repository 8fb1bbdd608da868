"""What a person may do with a period. `check_` raises with a sentence."""

from __future__ import annotations

from ledger.rules.actor import Actor
from ledger.rules.problems import forbidden
from pipeline.queries import seats
from reporting.rules import closing


def check_can_prepare(by: Actor) -> None:
    """A month is prepared, and closed by another person, from company-wide seats of finance."""
    if not closing.speaks_for(seats.of_person(by.person), closing.PREPARING):
        raise forbidden(
            "A period is prepared and closed by finance, from a seat that covers every unit. [PERIOD-ACT-1]"
        )


def check_can_sign(by: Actor, function: str) -> None:
    if function not in closing.SIGNING or not closing.speaks_for(seats.of_person(by.person), function):
        raise forbidden(f"{function[:40]} is signed for by somebody who holds it in every unit. [PERIOD-ACT-2]")
