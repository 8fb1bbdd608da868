"""What an opening asks before it writes: who acts, what the deal names, and what will react to it. One statement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ledger import dispatch
from ledger.queries import prepared
from pipeline.queries import policies, reading, references
from pipeline.queries.reading import Acting
from pipeline.queries.references import Known
from pipeline.rules import given
from pipeline.rules.given import Given
from pipeline.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class Begun:
    """What is stated, read under the policy in force (nothing where there is none). `ahead` goes into the draft."""

    read: Acting
    parsed: Given
    there: Known
    ahead: str | None


# What the last opening of this process found in force: policy, and currency of an amount that names none.
_last: tuple[Policy, str] | None = None


def ask(stated: Mapping[str, Any], person: int) -> Begun:
    """Reads `stated` under what the last opening found in force, so that one statement answers everything. Where
    something else is in force by now, reads and asks again under that: what is returned rests on nothing remembered."""
    global _last
    while True:
        policy, currency = _last or (None, "")
        parsed = Given() if policy is None else given.parse(policy, stated, currency=currency)
        texts = references.texts(policy, parsed.inputs)
        names = references.asked(policy, parsed.values, parsed.inputs, texts) | {"person": person, "stream": "deal/0"}
        *act, named, ahead = prepared.row(_sql(), names)
        read = reading.acts(act)
        if read.policy is None:
            return Begun(read, Given(), references.nothing(), ahead)
        in_force = policies.version(read.policy), read.company.currency
        if in_force == (policy, currency):
            return Begun(read, parsed, references.said(json.loads(named), texts), ahead)
        _last = in_force


@cache
def _sql() -> str:
    ahead = dispatch.asked_ahead().get("deal.opened", "NULL")
    return f"""
SELECT {reading.ACT_COLUMNS},
    (SELECT coalesce(jsonb_agg(jsonb_build_array(what, number, said)), '[]')
        FROM ({references.NAMED}) AS named (what, number, said)) AS named,
    ({ahead}) AS ahead
{reading.ACT_FROM}"""
