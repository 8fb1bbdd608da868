from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.rules.policy_cost import Block, Cost, governance_cost


def test_the_worked_example():
    cost = governance_cost(
        {f"input_{at}": 40 for at in range(9)},
        {"commit": Block(Decimal("0.9"), 5 * 3600), "booked": Block(Decimal("0.5"), 5 * 3600)},
    )
    assert cost == Cost(Decimal(360), Decimal(25_200))
    assert cost.sentence() == "6 min + 7 h wait a deal"


def test_nothing_costs_nothing():
    assert governance_cost({}, {}).sentence() == "0 s + 0 s wait a deal"


@pytest.mark.parametrize(("seconds", "words"), [(59, "59 s"), (90, "1.5 min"), (5400, "1.5 h"), (3599, "60 min")])
def test_durations(seconds, words):
    assert Cost(Decimal(seconds), Decimal(0)).sentence() == f"{words} + 0 s wait a deal"
