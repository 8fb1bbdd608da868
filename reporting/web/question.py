"""What a page asks of measures: its reader's units, at the moment that it shows."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.queries.reading import Reading
from reporting.queries.measuring import Asked
from reporting.rules.periods import Period


def question(
    read: Reading,
    period: Period | None,
    unit: str = "",
    by: Sequence[str] = (),
    *,
    function: str = "",
    stage: str = "",
) -> Asked:
    """`unit` is one that the reader sees, or none; `function` and `stage` are some that there are, or none."""
    return Asked(
        read.company, read.now, period, (unit,) if unit else read.visible, tuple(by), past=read.past,
        function=function, stage=stage,
    )  # fmt: skip
