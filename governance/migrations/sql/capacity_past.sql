-- Pools, reservations and expansions as they were known at a moment; see ledger/migrations/sql/past.sql.

CREATE VIEW ledger_past.governance_capacitymonth AS
    SELECT c.id, c.stream, c.unit, c.month, (said.body ->> 'base')::bigint AS base, (said.body ->> 'expanded')::bigint AS expanded,
        (said.body ->> 'ceiling')::numeric AS ceiling, (said.body ->> 'promised')::bigint AS promised,
        coalesce(moved.soft, 0)::bigint AS soft, coalesce(moved.confirmed, 0)::bigint AS confirmed, newest.entry_id
    FROM public.governance_capacitymonth c
    CROSS JOIN LATERAL (
        SELECT convert_from(envelope, 'UTF8')::jsonb -> 'body' AS body FROM public.ledger_entry
        WHERE stream = c.stream AND kind IN ('capacity.opened', 'capacity.restated') AND recorded_at <= ledger_past.ledger_now()
        ORDER BY seq DESC LIMIT 1
    ) AS said
    CROSS JOIN LATERAL (
        SELECT id AS entry_id FROM public.ledger_entry WHERE stream = c.stream AND recorded_at <= ledger_past.ledger_now()
        ORDER BY seq DESC LIMIT 1
    ) AS newest
    CROSS JOIN LATERAL (
        SELECT sum(amount) FILTER (WHERE place = 'soft-reserved') AS soft, sum(amount) FILTER (WHERE place = 'confirmed') AS confirmed
        FROM public.ledger_posting WHERE book = 'capacity' AND place IN ('soft-reserved', 'confirmed') AND period = c.month
            AND unit = c.unit AND recorded_at <= ledger_past.ledger_now()
    ) AS moved;

CREATE VIEW ledger_past.governance_reservation AS
    SELECT max(entry_id) AS id, deal_id, unit, period AS month, sum(amount)::bigint AS units,
        CASE WHEN sum(amount) FILTER (WHERE place = 'confirmed') > 0 THEN 'confirmed' ELSE 'soft' END AS state,
        max(entry_id) AS entry_id
    FROM public.ledger_posting
    WHERE book = 'capacity' AND place IN ('soft-reserved', 'confirmed') AND recorded_at <= ledger_past.ledger_now()
    GROUP BY deal_id, unit, period HAVING sum(amount) > 0;

CREATE VIEW ledger_past.governance_expansion AS
    SELECT x.id, x.unit, x.units, x.ordered_on, x.lead_days, x.counts_from, split_part(e.kind, '.', 2) AS state, x.ordered_by,
        x.ordered_at, CASE WHEN x.verified_at <= ledger_past.ledger_now() THEN x.verified_by END AS verified_by,
        CASE WHEN x.verified_at <= ledger_past.ledger_now() THEN x.verified_at END AS verified_at, e.id AS entry_id
    FROM public.governance_expansion x CROSS JOIN LATERAL (
        SELECT id, kind FROM public.ledger_entry WHERE stream = 'expansion/' || x.id AND recorded_at <= ledger_past.ledger_now()
        ORDER BY seq DESC LIMIT 1
    ) AS e;

GRANT SELECT ON ALL TABLES IN SCHEMA ledger_past TO ledger_app;
