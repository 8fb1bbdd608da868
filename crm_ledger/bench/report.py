"""One JSON object a line for programs, a table for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`ratio` is value ÷ limit, where the limit was measured in the same run; `target` is in the unit of `value`."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str = ""
    target: str = ""


class Report:
    def __init__(self) -> None:
        self.lines: list[Line] = []

    def add(self, line: Line) -> None:
        self.lines.append(line)
        said = {
            "name": line.name,
            "value": round(line.value, 4 if abs(line.value) < 10 else 1),
            "unit": line.unit,
            "ratio": None if line.ratio is None else round(line.ratio, 3),
            "against": line.against,
        }
        print(json.dumps(said), flush=True)

    def table(self) -> None:
        rows = [
            (line.name, f"{line.value:,.1f}", line.unit, "" if line.ratio is None else f"{line.ratio:.2f}", line.target)
            for line in self.lines
        ]
        say("")
        heads = ("what", "value", "unit", "ratio", "target")
        widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
        for row in (heads, *rows):
            cells = [f"{cell:>{width}}" if at in (1, 3) else f"{cell:<{width}}" for at, (cell, width) in
                     enumerate(zip(row, widths, strict=True))]  # fmt: skip
            say("  ".join(cells).rstrip())


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def percentile(samples: Sequence[float], share: float) -> float:
    """Of all samples, without interpolation: a value that was really seen."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
