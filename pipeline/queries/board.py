"""The board: stages with count, sum and the deals on top. Two queries whatever the number of deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from ledger.queries import moment
from pipeline.queries import deals, sight
from pipeline.queries.deals import Deal, ref_of
from pipeline.rules.policy import Policy

MOST_CARDS = 25
MOST_JUDGED = 100  # cards of a column that are judged when the board is filtered by who must act

_CARDS = """
WITH scope AS (
    SELECT s.deal_id, s.stage, s.value_minor, s.close_on, s.stage_entered_at, o.person_id
    FROM {state} AS s JOIN pipeline_seat o ON o.id = s.owner_id
    WHERE s.stage = ANY (%s) AND (%s::text[] IS NULL OR {sight} = ANY (%s)) AND (%s::text IS NULL OR s.unit = %s)
      AND (%s::bigint IS NULL OR o.person_id = %s)
), ranked AS (
    SELECT *, count(*) OVER stage_of AS n, coalesce(sum(value_minor) OVER stage_of, 0)::bigint AS total,
        row_number() OVER (PARTITION BY stage ORDER BY
            CASE WHEN stage = %s THEN -extract(epoch FROM stage_entered_at) END, close_on NULLS LAST, deal_id) AS place
    FROM scope WINDOW stage_of AS (PARTITION BY stage)
)
SELECT r.stage, r.n, r.total, r.deal_id, d.title,
    (SELECT a.name FROM pipeline_account a
        WHERE a.id = (SELECT account_id FROM pipeline_dealstate WHERE deal_id = r.deal_id)), p.name
FROM ranked r JOIN pipeline_deal d ON d.id = r.deal_id JOIN pipeline_person p ON p.id = r.person_id
WHERE r.place <= %s ORDER BY r.stage, r.place
"""
# The state of all deals at a moment would be folded deal by deal; how each stood is kept as a row of its own.
_STAYS = """(SELECT deal_id, stage, unit, owner_id, value_minor, close_on, entered_at AS stage_entered_at
    FROM pipeline_stay WHERE until_at IS NULL)"""


@dataclass(frozen=True, slots=True)
class Card:
    """A deal on the board with everything that its gate looks at."""

    id: int
    title: str
    account: str
    owner_name: str
    deal: Deal

    @property
    def ref(self) -> str:
        return ref_of(self.id)


@dataclass(slots=True)
class Column:
    """A stage: `count` and `total` (reporting currency, minor units) of all its deals, `cards` of the first."""

    key: str
    name: str
    count: int = 0
    total: int = 0
    cards: list[Card] = field(default_factory=list)


def columns(
    policy: Policy,
    *,
    units: Sequence[str] | None,
    unit: str | None = None,
    owner: int | None = None,
    most: int = MOST_CARDS,
) -> list[Column]:
    """The stages of a policy in order, soonest close first; the last stage shows its newest first.

    `units` are those whose deals may be seen, None for every unit; `unit` and `owner`, a person, keep fewer.
    """
    found = {stage.key: Column(stage.key, stage.name) for stage in policy.stages}
    wanted = None if units is None else list(units)
    state = "pipeline_dealstate" if moment.past() is None else _STAYS
    with connection.cursor() as cursor:
        cursor.execute(
            _CARDS.format(state=state, sight=sight.unit()),
            [list(found), wanted, wanted, unit, unit, owner, owner, policy.stages[-1].key, most],
        )
        rows = cursor.fetchall()
    read = deals.read(row[3] for row in rows) if rows else {}
    for stage, count, total, number, title, account, owner_name in rows:
        column = found[stage]
        column.count, column.total = count, total
        column.cards.append(Card(number, title, account or "", owner_name, read[number]))
    return list(found.values())
