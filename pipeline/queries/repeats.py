"""Which free texts of which deals are said too often, for many deals in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection

from pipeline.queries import policies
from pipeline.queries.deals import Deal
from pipeline.rules import repeats
from pipeline.rules.repeats import Giving

MOST = 50  # deals of one text that are looked at: three are enough to tell
# Who gave a text is who wrote the first entry that bears its id; a text that was replaced since does not stand there.
_GIVEN = """
SELECT asked.said, s.deal_id, given.actor, given.recorded_at
FROM unnest(%s::text[]) AS asked (said), LATERAL (
    SELECT p.id::text AS id, p.subject FROM ledger_private_value p
    WHERE md5(ledger_same_text(p.value)) = md5(ledger_same_text(asked.said)) AND p.subject LIKE 'deal/%%' LIMIT %s
) AS kept JOIN pipeline_dealstate s ON s.stream = kept.subject AND position(kept.id IN s.inputs::text) > 0,
LATERAL (
    SELECT e.actor, e.recorded_at FROM ledger_entry e
    WHERE e.stream = kept.subject AND e.kind IN ('deal.opened', 'deal.amended', 'deal.imported')
        AND position(convert_to(kept.id, 'UTF8') IN e.envelope) > 0
    ORDER BY e.seq LIMIT 1
) AS given
"""


def of(deals: Mapping[int, Deal]) -> dict[int, frozenset[str]]:
    """Deal → inputs whose text stands on too many deals of one person; deals without such a text are missing."""
    asked: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, deal in deals.items():
        inputs = policies.version(deal.view.policy_version).inputs
        for key, value in deal.view.inputs.items():
            if key in inputs and inputs[key].type == "text" and isinstance(value, str) and value:
                asked[value].append((number, key))
    often = _often(asked)
    found: defaultdict[int, set[str]] = defaultdict(set)
    for text, places in asked.items():
        for number, key in places:
            if number in often.get(text, ()):
                found[number].add(key)
    return {number: frozenset(keys) for number, keys in found.items()}


def _often(texts: Iterable[str]) -> dict[str, frozenset[int]]:
    if not (wanted := list(texts)):
        return {}
    given: defaultdict[str, list[Giving]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, [wanted, MOST])
        for text, deal, person, at in cursor.fetchall():
            given[text].append(Giving(person, deal, at))
    return {text: repeats.too_often(rows) for text, rows in given.items()}
