"""A policy tried before it is published: on the deals of today, on the gates of the last days, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from pipeline.queries import backtest, passed_gates, seats, usage
from pipeline.queries.backtest import Trial
from pipeline.rules import policy_cost, policy_lint, trial
from pipeline.rules.policy import Policy
from pipeline.rules.policy_cost import Cost
from pipeline.rules.trial import Outcome, Tally

DAYS, MOST_DAYS = 90, 366
MOST_OPEN = 2_000
NAMES = 3  # of a function in a unit: enough to know whom to ask
_HOLDERS = """
SELECT wanted.function, wanted.unit, array_agg(DISTINCT p.name ORDER BY p.name)
FROM unnest(%s::text[], %s::text[]) AS wanted (function, unit)
JOIN pipeline_seat s ON s.function = wanted.function AND (s.unit IS NULL OR s.unit = wanted.unit)
    AND s.from_at <= ledger_now() AND (s.until_at IS NULL OR s.until_at > ledger_now())
JOIN pipeline_person p ON p.id = s.person_id GROUP BY 1, 2
"""
_OWNERS = "SELECT s.id, p.name FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id WHERE s.id = ANY (%s)"


@dataclass(frozen=True, slots=True)
class Trialled:
    """`short`: (milestone, unit) with fewer than two people who may verify; `acting`: deal → who will have to act."""

    days: int
    today: Trial
    before: Tally
    cost: Cost
    short: tuple[tuple[str, str], ...]
    acting: Mapping[int, tuple[str, ...]]

    def value(self, outcomes: Iterable[Outcome]) -> int:
        return sum(one.value_minor or 0 for one in outcomes)


def run(policy: Policy, days: int = DAYS) -> Trialled:
    """Reads only. Deals under way keep their version, whatever the answer is."""
    today = backtest.trial(policy, MOST_OPEN)
    since = seats.now() - timedelta(days=days)
    return Trialled(
        days, today, trial.tally(passed_gates.passed(policy, since)), cost(policy), _short(policy),
        _acting(today.of("blocked")),
    )  # fmt: skip


def cost(policy: Policy) -> Cost:
    """Of the inputs that this policy asks for, and of waiting as its gates have made deals wait until now."""
    waits = {stage: block for stage, block in usage.blocks().items() if policy.stage(stage) is not None}
    measured = usage.seconds(policy)
    assumed = tuple(key for key in policy.inputs if key not in measured)
    return policy_cost.governance_cost(dict.fromkeys(policy.inputs, usage.SECONDS_AN_INPUT) | measured, waits, assumed)


def _short(policy: Policy) -> tuple[tuple[str, str], ...]:
    eligible = seats.eligible_verifiers()
    units = sorted({unit for _function, unit in eligible})
    return tuple(
        (template.name, unit)
        for template in policy.milestones.values()
        for unit in units
        if eligible.get((template.owner_function, unit), 0) < policy_lint.LEAST_VERIFIERS
    )


def _acting(blocked: Iterable[Outcome]) -> dict[int, tuple[str, ...]]:
    """The owner for what sales owes; else those who hold the function in the unit of the deal."""
    rows = list(blocked)
    wanted = sorted({(one.function, row.unit) for row in rows for one in row.open if one.function not in ("", "sales")})
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [[pair[0] for pair in wanted], [pair[1] for pair in wanted]])
        holders = {(function, unit): tuple(names) for function, unit, names in cursor.fetchall()}
        cursor.execute(_OWNERS, [[row.owner for row in rows]])
        owners = dict(cursor.fetchall())
    found = {}
    for row in rows:
        names: list[str] = []
        for one in row.open:
            held = holders.get((one.function, row.unit), ())[:NAMES]
            names += [owners[row.owner]] if one.function == "sales" else held
        found[row.deal] = tuple(dict.fromkeys(names))
    return found
