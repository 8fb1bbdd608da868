"""The protected state of every deal as it was known at a moment, as SQL that stands in for the present state."""

from __future__ import annotations

# Named parameter: at. The last whole state of each deal by then; a deal that was not open yet is missing.
STATE = """(
    SELECT d.id AS deal_id, 'deal/' || d.id AS stream, e.stage, e.amount_minor, e.currency, e.owner AS owner_id,
           (SELECT max(seq) FROM ledger_entry v
              WHERE v.stream = 'deal/' || d.id AND v.recorded_at <= %(at)s) AS version,
           after ->> 'unit' AS unit, (after ->> 'account')::bigint AS account_id,
           (after ->> 'value_minor')::bigint AS value_minor, (after ->> 'close_on')::date AS close_on,
           (after ->> 'start_on')::date AS start_on, after ->> 'place' AS place,
           (after ->> 'policy_version')::integer AS policy_version,
           (SELECT min(recorded_at) FROM ledger_entry b WHERE b.stream = 'deal/' || d.id AND b.stage IS NOT NULL
              AND b.seq > coalesce((SELECT max(seq) FROM ledger_entry o WHERE o.stream = 'deal/' || d.id
                                    AND o.stage <> e.stage AND o.recorded_at <= %(at)s), 0)) AS stage_entered_at
    FROM pipeline_deal d
    CROSS JOIN LATERAL (
        SELECT stage, amount_minor, currency, owner, convert_from(envelope, 'UTF8')::jsonb #> '{body,after}' AS after
        FROM ledger_entry WHERE stream = 'deal/' || d.id AND stage IS NOT NULL AND recorded_at <= %(at)s
        ORDER BY seq DESC LIMIT 1
    ) AS e
)"""

# The last word on each key by then, where it holds the deal up.
BLOCKED = """EXISTS (SELECT FROM (
    SELECT DISTINCT ON (key) k.status FROM ledger_entry w
    JOIN ledger_kind k ON k.name = w.kind AND k.effect IS NOT NULL,
        LATERAL (SELECT convert_from(w.envelope, 'UTF8')::jsonb #>> '{body,key}' AS key) AS said
    WHERE w.stream = s.stream AND w.recorded_at <= %(at)s ORDER BY key, w.seq DESC
) AS word WHERE word.status = ANY (%(blocking)s))"""
