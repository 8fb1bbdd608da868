-- Touchpoints and health as they were known at a moment; see ledger/migrations/sql/past.sql.

CREATE VIEW ledger_past.governance_touchpoint AS
    SELECT t.id, t.stream, t.account_id, t.kind, t.weight, t.function, t.logged_by, t.logged_as, t.logged_at,
        CASE WHEN t.settled_at <= ledger_past.ledger_now() THEN t.settled_by END AS settled_by,
        CASE WHEN t.settled_at <= ledger_past.ledger_now() THEN t.settled_at END AS settled_at,
        CASE WHEN t.settled_at <= ledger_past.ledger_now() THEN t.entry_id ELSE t.id END AS entry_id
    FROM public.governance_touchpoint t WHERE t.logged_at <= ledger_past.ledger_now();

CREATE VIEW ledger_past.governance_accounthealth AS
    SELECT account_id, min(stream) AS stream,
        greatest(0, 100 - coalesce(sum(weight) FILTER (WHERE settled_at IS NULL), 0))::integer AS score,
        (count(*) FILTER (WHERE settled_at IS NULL))::integer AS open, max(entry_id) AS entry_id
    FROM ledger_past.governance_touchpoint GROUP BY account_id;
GRANT SELECT ON ledger_past.governance_touchpoint, ledger_past.governance_accounthealth TO ledger_app;
