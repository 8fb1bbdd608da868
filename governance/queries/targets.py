"""Objectives, targets and links as people read them, now or at the moment that is being read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from governance.rules import targets as rules
from governance.rules.targets import Link, Objective, Span, Target
from ledger.queries import prepared
from pipeline.queries.deals import ref_of

MOST = 500  # of one page: a company sets tens
_OBJECTIVE = """
SELECT o.id, o.version, o.period, o.first, o.until, o.unit, o.owner_seat, o.wording::text, o.set_by, o.set_at, o.state,
    o.entry_id, coalesce(w.value, ''), coalesce(p.name, '')
FROM governance_objective o LEFT JOIN ledger_private_value w ON w.id = o.wording
LEFT JOIN public.pipeline_seat s ON s.id = o.owner_seat LEFT JOIN pipeline_person p ON p.id = s.person_id
"""
_TARGET = """
SELECT t.id, t.version, t.purpose, t.objective_id, t.measure, t.period, t.first, t.until, t.unit, t.base, t.goal,
    t.currency, t.wording::text, t.set_by, t.set_at, t.state, t.entry_id, coalesce(w.value, ''), coalesce(p.name, '')
FROM governance_target t LEFT JOIN ledger_private_value w ON w.id = t.wording
LEFT JOIN pipeline_person p ON p.id = t.set_by
"""
_PLANS = """WHERE t.state = 'set' AND t.purpose = 'plan' AND t.measure = %(measure)s
    AND t.first >= %(first)s AND t.until <= %(until)s"""
# Who sees some units sees their targets; those of the company are for who sees every unit.
_SEEN = "(%(units)s::text[] IS NULL OR {0}.unit = ANY (%(units)s))"
_WITHIN = "(%(first)s::date IS NULL OR ({0}.first < %(until)s AND {0}.until > %(first)s))"


@dataclass(frozen=True, slots=True)
class ObjectiveRow:
    objective: Objective
    title: str
    owner: str


@dataclass(frozen=True, slots=True)
class TargetRow:
    target: Target
    title: str
    by: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    link: Link
    title: str
    unit: str

    @property
    def ref(self) -> str:
        return ref_of(self.link.deal)


def next_number(noun: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass)", [f"governance_{noun}_number"])
        number: int = cursor.fetchone()[0]
    return number


def objective(number: int) -> ObjectiveRow | None:
    found = _objectives("WHERE o.id = %(id)s", {"id": number})
    return found[0] if found else None


def objectives(
    units: Sequence[str] | None,
    *,
    within: tuple[date, date] | None = None,
    before: int | None = None,
    limit: int = MOST,
) -> list[ObjectiveRow]:
    """Set and not withdrawn, the newest first; `within` (first, until): those whose period touches it."""
    return _objectives(
        f"WHERE o.state = 'set' AND {_SEEN.format('o')} AND {_WITHIN.format('o')}"
        " AND (%(before)s::bigint IS NULL OR o.id < %(before)s) ORDER BY o.id DESC LIMIT %(limit)s",
        _said(units, within, before, limit),
    )


def target(number: int) -> TargetRow | None:
    found = _targets("WHERE t.id = %(id)s", {"id": number})
    return found[0] if found else None


def title(number: int) -> str:
    """The words of a target; empty where it has none."""
    found = target(number)
    return found.title if found else ""


def targets(
    units: Sequence[str] | None,
    *,
    purpose: str = "",
    within: tuple[date, date] | None = None,
    before: int | None = None,
    limit: int = MOST,
) -> list[TargetRow]:
    """Set and not withdrawn, the newest first; `purpose` plan or key_result, otherwise both."""
    return _targets(
        f"WHERE t.state = 'set' AND {_SEEN.format('t')} AND {_WITHIN.format('t')}"
        " AND (%(purpose)s = '' OR t.purpose = %(purpose)s)"
        " AND (%(before)s::bigint IS NULL OR t.id < %(before)s) ORDER BY t.id DESC LIMIT %(limit)s",
        _said(units, within, before, limit) | {"purpose": purpose},
    )


def of_objectives(numbers: Iterable[int]) -> list[TargetRow]:
    """The key results of these objectives, in the order in which they were set."""
    return _targets("WHERE t.state = 'set' AND t.objective_id = ANY (%(ids)s) ORDER BY t.id", {"ids": list(numbers)})


def plan(measure: str, first: date, until: date, units: Sequence[str] | None) -> int | None:
    """The planned amount of a measure over months and units, in minor units; None where no plan covers them."""
    rows = [
        _target(row) for row in prepared.rows(_TARGET + _PLANS, {"measure": measure, "first": first, "until": until})
    ]
    return rules.plan((row.target for row in rows), first, until, units)


def links(number: int, units: Sequence[str] | None, limit: int = 200) -> list[LinkRow]:
    """The deals that bear on a target, the heaviest first, as far as these units may be seen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.target_id, l.deal_id, l.milestone, l.amount, l.state, l.entry_id, d.title, s.unit"
            " FROM governance_targetlink l JOIN pipeline_deal d ON d.id = l.deal_id"
            " JOIN public.pipeline_dealstate s ON s.deal_id = l.deal_id"
            " WHERE l.target_id = %(id)s AND l.state = 'linked'"
            " AND (%(units)s::text[] IS NULL OR s.unit = ANY (%(units)s))"
            " ORDER BY abs(l.amount) DESC, l.deal_id LIMIT %(limit)s",
            {"id": number, "units": None if units is None else list(units), "limit": limit},
        )
        return [LinkRow(Link(*row[:6]), *row[6:]) for row in cursor.fetchall()]


def link(number: int, deal: int, milestone: str) -> Link | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT target_id, deal_id, milestone, amount, state, entry_id FROM governance_targetlink"
            " WHERE target_id = %s AND deal_id = %s AND milestone = %s AND state = 'linked'",
            [number, deal, milestone],
        )
        row = cursor.fetchone()
    return Link(*row) if row else None


def near_deal(
    deal: int, months: Sequence[date], unit: str, units: Sequence[str] | None
) -> tuple[list[TargetRow], list[Link]]:
    """The targets that a deal may bear on: linked to it, or over one of these months of its unit; with its links."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT target_id, deal_id, milestone, amount, state, entry_id FROM governance_targetlink"
            " WHERE deal_id = %s AND state = 'linked'",
            [deal],
        )
        found = [Link(*row) for row in cursor.fetchall()]
    rows = _targets(
        f"WHERE t.state = 'set' AND {_SEEN.format('t')} AND (t.id = ANY (%(ids)s)"
        " OR ((t.unit IS NULL OR t.unit = %(unit)s) AND EXISTS (SELECT FROM unnest(%(months)s::date[]) AS m (month)"
        " WHERE t.first <= m.month AND m.month < t.until)))"
        " ORDER BY t.id LIMIT %(limit)s",
        _said(units, None, None, MOST) | {"ids": [link.target for link in found], "unit": unit, "months": list(months)},
    )
    return rows, found


def _objectives(where: str, said: dict[str, Any]) -> list[ObjectiveRow]:
    with connection.cursor() as cursor:
        cursor.execute(_OBJECTIVE + where, said)
        return [
            ObjectiveRow(Objective(row[0], row[1], Span(*row[2:6]), *row[6:12]), row[12], row[13])
            for row in cursor.fetchall()
        ]


def _targets(where: str, said: dict[str, Any]) -> list[TargetRow]:
    with connection.cursor() as cursor:
        cursor.execute(_TARGET + where, said)
        return [_target(row) for row in cursor.fetchall()]


def _target(row: tuple[Any, ...]) -> TargetRow:
    number, version, purpose, objective_id, measure, period, first, until, unit, base, goal, currency = row[:12]
    span = Span(period, first, until, unit)
    found = Target(number, version, purpose, objective_id, measure, span, base, goal, currency, *row[12:17])
    return TargetRow(found, row[17], row[18])


def _said(
    units: Sequence[str] | None, within: tuple[date, date] | None, before: int | None, limit: int
) -> dict[str, Any]:
    first, until = within or (None, None)
    return {
        "units": None if units is None else list(units), "first": first, "until": until, "before": before,
        "limit": limit,
    }  # fmt: skip
