-- Deals, seats, rates and policies as they were known at a moment; see ledger/migrations/sql/past.sql.

-- A deal that nothing was written to since stands as it stands; of any other, the last whole state by then.
CREATE VIEW ledger_past.pipeline_dealstate AS
    SELECT deal_id, stream, version, entry_id, stage, stage_entered_at, opened_at, policy_version, unit, owner_id,
        account_id, amount_minor, currency, value_minor, place, period, close_on, start_on, terms, terms_entry, inputs,
        lines, credits, input_at
    FROM public.pipeline_dealstate WHERE entry_id <= ledger_past.whole()
UNION ALL
    SELECT s.deal_id, s.stream,
        (SELECT max(seq) FROM public.ledger_entry v
            WHERE v.stream = s.stream AND v.recorded_at <= ledger_past.ledger_now()),
        (SELECT id FROM public.ledger_entry v
            WHERE v.stream = s.stream AND v.recorded_at <= ledger_past.ledger_now() ORDER BY seq DESC LIMIT 1),
        e.stage,
        (SELECT min(b.recorded_at) FROM public.ledger_entry b WHERE b.stream = s.stream AND b.stage IS NOT NULL
            AND b.seq > coalesce((SELECT max(o.seq) FROM public.ledger_entry o
                WHERE o.stream = s.stream AND o.stage <> e.stage AND o.seq < e.seq), 0)),
        s.opened_at, s.policy_version, after ->> 'unit', e.owner, (after ->> 'account')::bigint, e.amount_minor,
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
        WHERE stream = s.stream AND stage IS NOT NULL AND recorded_at <= ledger_past.ledger_now()
        ORDER BY seq DESC LIMIT 1
    ) AS e
    WHERE s.entry_id > ledger_past.whole();

-- A seat that was ended later, even with effect in the past, was held as far as anybody knew.
CREATE VIEW ledger_past.pipeline_seat AS
    SELECT s.id, s.person_id, s.function, s.unit, s.role, s.from_at,
        CASE WHEN EXISTS (SELECT FROM public.ledger_entry e WHERE e.stream = 'seat/' || s.id AND e.kind = 'seat.ended'
            AND e.recorded_at <= ledger_past.ledger_now()) THEN s.until_at END AS until_at,
        s.reports_to, s.entry_id
    FROM public.pipeline_seat s JOIN public.ledger_entry f ON f.id = s.entry_id
    WHERE f.recorded_at <= ledger_past.ledger_now();

CREATE VIEW ledger_past.pipeline_policyversion AS
    SELECT version, name, hash, document, drafted_at, drafted_by,
        CASE WHEN published_at <= ledger_past.ledger_now() THEN published_at END AS published_at
    FROM public.pipeline_policyversion WHERE drafted_at <= ledger_past.ledger_now();

CREATE VIEW ledger_past.pipeline_policystage AS
    SELECT s.* FROM public.pipeline_policystage s JOIN public.pipeline_policyversion v USING (version)
    WHERE v.published_at <= ledger_past.ledger_now();

CREATE VIEW ledger_past.pipeline_gaterequirement AS
    SELECT r.* FROM public.pipeline_gaterequirement r JOIN public.pipeline_policyversion v USING (version)
    WHERE v.published_at <= ledger_past.ledger_now();

-- Rates are few and have streams of their own, so what was published by then is read from the entries.
CREATE VIEW ledger_past.pipeline_fxrate AS
    SELECT DISTINCT ON (r.currency, r.day) r.id, r.currency, r.day, (body ->> 'rate')::numeric(18, 8) AS rate,
        e.id AS entry_id
    FROM public.ledger_entry e, LATERAL (SELECT convert_from(e.envelope, 'UTF8')::jsonb -> 'body' AS body) AS said,
        public.pipeline_fxrate r
    WHERE e.kind = 'rate.published' AND e.stream >= 'rate/' AND e.stream < 'rate0'
      AND e.recorded_at <= ledger_past.ledger_now() AND (r.currency, r.day) = (body ->> 'currency', (body ->> 'day')::date)
    ORDER BY r.currency, r.day, e.seq DESC;

-- The same words as in read_deadlines.sql, over the past.
CREATE VIEW ledger_past.pipeline_deal_read AS
SELECT s.*, o.person_id AS owner_person,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(t.key, t.effect, t.status, t.entry_id, t.actor,
            (extract(epoch FROM t.at) * 1000000)::bigint, t.function, t.preparer,
            (extract(epoch FROM t.start_by) * 1000000)::bigint, (extract(epoch FROM t.due_at) * 1000000)::bigint,
            (extract(epoch FROM t.valid_until) * 1000000)::bigint, t.facts,
            (extract(epoch FROM t.first_due_at) * 1000000)::bigint, (extract(epoch FROM t.late_at) * 1000000)::bigint,
            (extract(epoch FROM t.missed_at) * 1000000)::bigint)), '[]')
     FROM ledger_past.ledger_standing t WHERE t.stream = s.stream) AS standings,
    (SELECT jsonb_object_agg(p.id, p.value) FROM public.ledger_private_value p WHERE p.subject = s.stream) AS private
FROM ledger_past.pipeline_dealstate s JOIN ledger_past.pipeline_seat o ON o.id = s.owner_id;

GRANT SELECT ON ALL TABLES IN SCHEMA ledger_past TO ledger_app;
