"""What a policy costs the people who live under it: seconds of typing and hours of waiting, a deal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Block:
    """One gate that makes deals wait. `per_deal` is how often a deal is blocked there, 0.7 is seven of ten deals."""

    per_deal: Decimal
    median_wait_seconds: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds a deal: `input_seconds` of a person's work and `wait_seconds` of the deal standing still.

    `assumed`: inputs of which too few answers were seen to measure them."""

    input_seconds: Decimal
    wait_seconds: Decimal
    assumed: tuple[str, ...] = ()

    def sentence(self) -> str:
        """“6 min + 7 h wait a deal”."""
        return f"{_duration(self.input_seconds)} + {_duration(self.wait_seconds)} wait a deal"


def governance_cost(
    input_seconds: Mapping[str, int], blocks: Mapping[str, Block], assumed: tuple[str, ...] = ()
) -> Cost:
    """Σ median seconds per input + Σ blocks × median wait; by key of the input and key of the gate or requirement.

    Nine inputs of 40 s are 360 s = 6 min; 1.4 blocks of 5 h are 25,200 s = 7 h.
    """
    waits = (block.per_deal * block.median_wait_seconds for block in blocks.values())
    return Cost(Decimal(sum(input_seconds.values())), sum(waits, Decimal(0)), assumed)


def _duration(seconds: Decimal) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            rounded = (seconds / size).quantize(Decimal("0.1"), ROUND_HALF_UP)
            return f"{format(rounded, 'f').removesuffix('.0')} {unit}"
    return f"{seconds.quantize(Decimal(1), ROUND_HALF_UP)} s"
