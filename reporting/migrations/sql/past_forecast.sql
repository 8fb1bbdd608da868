-- Forecasts and pushes as they were known at a moment; see ledger/migrations/sql/past.sql.

CREATE VIEW ledger_past.reporting_forecast AS
    SELECT stream, entry_id, deal_id, seat_id, kind, category, ceiling, probability, amount_minor, currency, value_minor,
        close_on, period, unit, at,
        CASE WHEN until_at <= (SELECT ledger_past.ledger_now()) THEN until_at END AS until_at
    FROM public.reporting_forecast WHERE at <= (SELECT ledger_past.ledger_now());
CREATE VIEW ledger_past.reporting_push AS
    SELECT * FROM public.reporting_push WHERE at <= (SELECT ledger_past.ledger_now());
GRANT SELECT ON ledger_past.reporting_forecast, ledger_past.reporting_push TO ledger_app;
