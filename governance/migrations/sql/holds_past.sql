-- Holds as they stood at a moment: what placed one never changes, and it was open until it was released.

CREATE VIEW ledger_past.governance_hold AS
    SELECT h.id, h.stream, h.deal_id, h.account_id, h.key, h.function, h.reason, h.placed_by, h.placed_at, h.of_hold,
        CASE WHEN h.released_at <= ledger_past.ledger_now() THEN h.released_by END AS released_by,
        CASE WHEN h.released_at <= ledger_past.ledger_now() THEN h.released_at END AS released_at,
        CASE WHEN h.released_at <= ledger_past.ledger_now() THEN h.entry_id ELSE h.id END AS entry_id
    FROM public.governance_hold h WHERE h.placed_at <= ledger_past.ledger_now();
GRANT SELECT ON ledger_past.governance_hold TO ledger_app;
