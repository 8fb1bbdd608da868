-- Holidays as they were known at a moment; see ledger/migrations/sql/past.sql.

CREATE VIEW ledger_past.pipeline_holiday AS
    SELECT h.id, h.unit, h.day, coalesce(e.body ->> 'name', '') AS name, e.id AS entry_id
    FROM public.pipeline_holiday h CROSS JOIN LATERAL (
        SELECT id, convert_from(envelope, 'UTF8')::jsonb -> 'body' AS body FROM public.ledger_entry
        WHERE stream = 'unit/' || h.unit AND kind LIKE 'holiday.%' AND recorded_at <= ledger_past.ledger_now()
          AND (convert_from(envelope, 'UTF8')::jsonb #>> '{body,day}')::date = h.day
        ORDER BY seq DESC LIMIT 1
    ) AS e;
GRANT SELECT ON ledger_past.pipeline_holiday TO ledger_app;
