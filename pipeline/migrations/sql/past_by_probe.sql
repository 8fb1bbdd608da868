-- A deal at a moment is one probe of an index that holds the columns which are asked for most (migration 0008). The
-- moment stands in a query of its own, so that it is worked out once and not for each row.

CREATE OR REPLACE VIEW ledger_past.pipeline_dealstate AS
    SELECT deal_id, stream, version, entry_id, stage, stage_entered_at, opened_at, policy_version, unit, owner_id,
        account_id, amount_minor, currency, value_minor, place, period, close_on, start_on, terms, terms_entry, inputs,
        lines, credits, input_at
    FROM public.pipeline_dealstate WHERE entry_id <= (SELECT ledger_past.whole())
UNION ALL
    SELECT s.deal_id, s.stream,
        (SELECT max(seq) FROM public.ledger_entry v
            WHERE v.stream = s.stream AND v.recorded_at <= (SELECT ledger_past.ledger_now())),
        (SELECT id FROM public.ledger_entry v
            WHERE v.stream = s.stream AND v.recorded_at <= (SELECT ledger_past.ledger_now()) ORDER BY seq DESC LIMIT 1),
        e.stage,
        (SELECT min(b.recorded_at) FROM public.ledger_entry b WHERE b.stream = s.stream AND b.stage IS NOT NULL
            AND b.seq > coalesce((SELECT max(o.seq) FROM public.ledger_entry o
                WHERE o.stream = s.stream AND o.stage <> e.stage AND o.seq < e.seq), 0)),
        s.opened_at, (after ->> 'policy_version')::integer, after ->> 'unit', e.owner, (after ->> 'account')::bigint, e.amount_minor,
        e.currency, (after ->> 'value_minor')::bigint, after ->> 'place', (after ->> 'period')::date,
        (after ->> 'close_on')::date, (after ->> 'start_on')::date, after ->> 'terms',
        (SELECT min(b.id) FROM public.ledger_entry b WHERE b.stream = s.stream AND b.stage IS NOT NULL AND b.seq <= e.seq
            AND b.seq > coalesce((SELECT max(o.seq) FROM public.ledger_entry o
                WHERE o.stream = s.stream AND o.stage IS NOT NULL AND o.seq < e.seq
                AND convert_from(o.envelope, 'UTF8')::jsonb #>> '{body,after,terms}' <> after ->> 'terms'), 0)),
        coalesce(after -> 'inputs', '{}'), coalesce(after -> 'lines', '[]'), coalesce(after -> 'credits', '[]'),
        coalesce(after -> 'input_at', '{}')
    FROM public.pipeline_dealstate s CROSS JOIN LATERAL (
        SELECT seq, stage, amount_minor, currency, owner,
            convert_from(envelope, 'UTF8')::jsonb #> '{body,after}' AS after
        FROM public.ledger_entry
        WHERE stream = s.stream AND stage IS NOT NULL AND recorded_at <= (SELECT ledger_past.ledger_now())
        ORDER BY recorded_at DESC LIMIT 1
    ) AS e
    WHERE s.entry_id > (SELECT ledger_past.whole());
