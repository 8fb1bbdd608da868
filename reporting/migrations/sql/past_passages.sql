-- Visits, snapshots and calls as they were known at a moment.

CREATE VIEW ledger_past.reporting_passage AS
    SELECT stream, entry_id, deal_id, stage, unit, close_on, entered_at,
        CASE WHEN left_at <= (SELECT ledger_past.ledger_now()) THEN left_at END AS left_at,
        CASE WHEN left_at <= (SELECT ledger_past.ledger_now()) THEN to_stage END AS to_stage,
        CASE WHEN left_at <= (SELECT ledger_past.ledger_now()) THEN left_entry END AS left_entry
    FROM public.reporting_passage WHERE entered_at <= (SELECT ledger_past.ledger_now());
CREATE VIEW ledger_past.reporting_lock AS
    SELECT s.* FROM public.reporting_lock s JOIN public.ledger_entry e ON e.id = s.entry_id
    WHERE e.recorded_at <= (SELECT ledger_past.ledger_now());
CREATE VIEW ledger_past.reporting_call AS
    SELECT * FROM public.reporting_call WHERE at <= (SELECT ledger_past.ledger_now());
GRANT SELECT ON ledger_past.reporting_passage, ledger_past.reporting_lock, ledger_past.reporting_call TO ledger_app;
